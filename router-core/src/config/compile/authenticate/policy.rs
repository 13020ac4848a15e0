//! `authenticate:` of a route, and `authenticate.default`.

use super::Authenticate;
use crate::authenticate::{Need, Policy};
use crate::config::compile::authorize;
use crate::config::compile::context::Context;
use crate::config::compile::filter::mode;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;
use crate::config::raw::authenticate as raw;
use crate::config::raw::{Action, Route};
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
    let names: Vec<&str> = raw.any.iter().chain(&raw.all).map(String::as_str).collect();
    let condition = authorize::condition("condition", raw.allow.as_deref(), &names, &path.key("allow"), context);
    let scopes = scopes(&raw.scopes, &path.key("scopes"), context);
    let roles = roles(&raw.roles, &path.key("roles"), context);
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
    Some(Policy { mode, need, optional: raw.optional, scopes, roles, condition, forward })
}

/// One warning for all of them. A redirect says nothing that is worth a policy.
pub(super) fn open_routes(has_default: bool, routes: &[Route], path: &Place<'_>, context: &mut Context) {
    if has_default || routes.iter().all(|route| route.authenticate.is_none()) {
        return;
    }
    let open: Vec<_> = routes
        .iter()
        .enumerate()
        .filter(|(_, route)| route.authenticate.is_none() && !matches!(route.to, Action::Redirect(_)))
        .collect();
    let Some((first, _)) = open.first() else { return };
    let names: Vec<_> = open.iter().take(8).map(|(_, route)| format!("`{}`", shorten(&route.name))).collect();
    let more = if open.len() > names.len() { " and others" } else { "" };
    let warning = Diagnostic::warning(
        "route-without-policy",
        path.index(*first).path(),
        format!("everyone may use {}{more}, which has no `authenticate` while other routes have", names.join(", ")),
    );
    context.found.push(warning.with_help(
        "write `authenticate: {mode: off}` where that is meant, or give all routes a policy in `authenticate.default`",
    ));
}

/// Scopes are tokens without quotes and backslashes (RFC 6749 section 3.3), so that a challenge can name them.
fn scopes(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<String> {
    let fits = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    for (index, scope) in raw.iter().enumerate() {
        let at = path.index(index);
        if scope.is_empty() || scope.len() > 256 || !scope.bytes().all(fits) {
            let message = format!(
                "expected one scope: 1 to 256 visible characters without space, `\"` and `\\`, found `{}`",
                shorten(scope)
            );
            context.error("scope", at, message);
        }
    }
    once_each(raw, path, context)
}

fn roles(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<String> {
    for (index, _) in raw.iter().enumerate().filter(|(_, role)| role.is_empty()) {
        context.error("role", path.index(index), "expected a role, found an empty text");
    }
    once_each(raw, path, context)
}

fn once_each(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<String> {
    for (index, name) in raw.iter().enumerate() {
        if raw.iter().take(index).any(|earlier| earlier == name) {
            context.error("duplicate-name", path.index(index), format!("`{}` is there already", shorten(name)));
        }
    }
    raw.to_vec()
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
