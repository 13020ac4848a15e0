//! `authenticate:` of a route, and `authenticate.default`.

use super::Authenticate;
use crate::authenticate::{Need, Policy};
use crate::config::compile::context::Context;
use crate::config::compile::filter::mode;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::raw::authenticate as raw;
use crate::filter::Mode;

/// The policy. Nothing where it is off, or where its need cannot be told.
pub(super) fn policy(
    raw: &raw::Policy,
    authenticate: &Authenticate,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Policy> {
    let any = indices(&raw.any, authenticate, &path.key("any"), context);
    let all = indices(&raw.all, authenticate, &path.key("all"), context);
    let condition = super::super::authorize::condition(raw.allow.as_deref(), &path.key("allow"), context);
    let forward = super::forward::forward(raw, authenticate, &path.key("forward"), context);
    let mode = mode(raw.mode);
    if mode == Mode::Off {
        return None;
    }
    let need = match (raw.any.is_empty(), raw.all.is_empty()) {
        (false, true) => Need::Any(any),
        (true, false) => Need::All(all),
        (true, true) => {
            let nobody = Diagnostic::error(
                "no-authenticator",
                path.path(),
                "expected `any` or `all` with at least one authenticator",
            );
            context.found.push(nobody.with_help("for a route that everyone may use write `mode: off`"));
            return None;
        }
        (false, false) => {
            context.error("any-and-all", *path, "expected either `any` or `all`, found both");
            return None;
        }
    };
    if raw.optional && (!raw.scopes.is_empty() || !raw.roles.is_empty()) {
        context.found.push(
            Diagnostic::error(
                "optional-with-demands",
                path.key("optional").path(),
                "nobody has no scopes and no roles, so this route would refuse whoever does not say who they are",
            )
            .with_help("leave `optional` out, or say in `allow` who may do what"),
        );
    }
    Some(Policy {
        mode,
        need,
        optional: raw.optional,
        scopes: raw.scopes.clone(),
        roles: raw.roles.clone(),
        condition,
        forward,
    })
}

fn indices(names: &[String], authenticate: &Authenticate, path: &Place<'_>, context: &mut Context) -> Vec<usize> {
    let mut indices = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let Some(index) = authenticate.index_of(name) else {
            let unknown = Diagnostic::error(
                "unknown-authenticator",
                path.index(at).path(),
                format!("there is no authenticator named `{name}`"),
            );
            context.found.push(match nearest(name, authenticate.names()) {
                Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
                None => unknown.with_help("declare it under `authenticate.authenticators`"),
            });
            continue;
        };
        if indices.contains(&index) {
            context.error("duplicate-name", path.index(at), format!("`{name}` is there already"));
            continue;
        }
        indices.push(index);
    }
    indices
}
