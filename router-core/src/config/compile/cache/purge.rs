//! `to: {purge: {}}`: a route by which stored answers are purged.

use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::{Action, Document, Mode};

/// Reports routes by which anybody could purge: an empty cache is what whoever wants to bring an upstream down would order.
pub(in crate::config::compile) fn open_purges(raw: &Document, path: &Place<'_>, context: &mut Context) {
    for (index, route) in raw.routes.iter().enumerate() {
        if !matches!(route.to, Action::Purge(_)) {
            continue;
        }
        let own = route.authenticate.is_some();
        let policy = route.authenticate.as_ref().or(raw.authenticate.default.as_ref());
        let (why, help) = match policy {
            None => ("it has no `authenticate`", "say in `authenticate` who may purge"),
            Some(policy) if policy.mode != Mode::Enforce => {
                ("its `authenticate` refuses nobody", "write `mode: enforce` there, and who may purge")
            }
            Some(policy) if policy.optional => {
                ("its `authenticate` lets nobody in particular pass", "leave `optional` out there")
            }
            Some(_) => continue,
        };
        let route = path.index(index);
        let at = route.key(if own { "authenticate" } else { "to" });
        let open = Diagnostic::error("purge-open", at.path(), format!("anybody could purge by this route: {why}"));
        context.found.push(open.with_help(help));
    }
}
