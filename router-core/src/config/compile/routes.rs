//! `routes:`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rustc_hash::FxHashMap;

use super::authenticate::Authenticate;
use super::cache;
use super::context::Context;
use super::edits::{Direction, edits};
use super::limit::Declared;
use super::upstreams;
use super::{filter, matches, receive};
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::gateway::{Action, FixedAnswer, Redirect, Route, Upgrade};
use crate::config::raw;
use crate::filter::path::{Prefix, Rewrite};
use crate::head::Scheme;
use crate::receive::split_authority;
use crate::route::{Extent, Matcher, Overlap, OverlapKind, PathForm, Table};

type Upstreams<'r> = BTreeMap<&'r str, upstreams::Declared>;

/// What sections say that routes use by name.
#[derive(Clone, Copy)]
pub(super) struct Policies<'p> {
    pub(super) authenticate: &'p Authenticate,
    pub(super) limits: &'p Declared,
    pub(super) caches: &'p cache::Declared,
}

pub(super) fn routes(
    raw: &[raw::Route],
    upstreams: &Upstreams<'_>,
    policies: &Policies<'_>,
    path: &Place<'_>,
    context: &mut Context,
) -> (Vec<Route>, Table) {
    let mut names: FxHashMap<&str, usize> = FxHashMap::default();
    let mut routes = Vec::with_capacity(raw.len());
    let mut matchers = Vec::with_capacity(raw.len());
    if raw.is_empty() {
        context.found.push(Diagnostic::warning(
            "no-routes",
            path.path(),
            "there are no routes: every request will be answered 404",
        ));
    }
    for (index, raw) in raw.iter().enumerate() {
        let at = path.index(index);
        if raw.name.is_empty() || raw.name.len() > 128 || raw.name.chars().any(char::is_control) {
            context.error("route-name", at.key("name"), "expected a name of 1 to 128 characters");
        }
        if let Some(first) = names.insert(&raw.name, index) {
            let twice = Diagnostic::error(
                "duplicate-name",
                at.key("name").path(),
                format!("there is another route named `{}`", raw.name),
            );
            context.found.push(
                twice
                    .with_related(path.index(first).key("name").path(), "the other one")
                    .with_help("names tell routes apart in logs"),
            );
        }
        let matcher = matches::matcher(&raw.matches, &at.key("match"), context);
        routes.extend(route(raw, &matcher, upstreams, policies, &at, context));
        matchers.push(matcher);
    }
    // Overlaps are judged only where all patterns are valid: a dropped one would make its route look wider than it is.
    let sound = !context.found.has_errors();
    let (table, overlaps) = Table::build(matchers);
    if sound {
        for overlap in overlaps {
            context.found.push(warning(&overlap, raw, path));
        }
    }
    (routes, table)
}

fn warning(overlap: &Overlap, raw: &[raw::Route], path: &Place<'_>) -> Diagnostic {
    let name = |index: usize| raw.get(index).map_or("?", |route| route.name.as_str());
    let (route, by) = (overlap.route.as_usize(), overlap.by.as_usize());
    let part = match overlap.extent {
        Extent::Route => format!("`{}`", name(route)),
        Extent::Part => {
            let form = match overlap.form {
                PathForm::Path => "",
                PathForm::Prefix => "prefix ",
                PathForm::Regex => "regex ",
            };
            format!("{form}{}{} of `{}`", overlap.host.as_deref().unwrap_or_default(), overlap.path, name(route))
        }
    };
    let (code, message) = match overlap.kind {
        OverlapKind::Identical => (
            "route-identical",
            format!("{part} takes the same requests as `{}`, which goes first and leaves it none", name(by)),
        ),
        OverlapKind::Unreachable => {
            ("route-unreachable", format!("{part} can never be reached: `{}` takes every request of it", name(by)))
        }
    };
    let diagnostic = Diagnostic::warning(code, path.index(route).key("match").path(), message);
    diagnostic
        .with_related(path.index(by).key("match").path(), "this takes them")
        .with_help("remove one, narrow the other, or set `priority`")
}

fn route(
    raw: &raw::Route,
    matcher: &Matcher,
    upstreams: &Upstreams<'_>,
    policies: &Policies<'_>,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Route> {
    let filter = path.key("filter");
    let addresses =
        raw.filter.addresses.as_ref().map(|lists| filter::addresses(lists, &filter.key("addresses"), context));
    let cors = raw.filter.cors.as_ref().map(|cors| filter::cors(cors, &filter.key("cors"), context));
    let limits = policies.limits.of_route(raw.limit.as_deref(), &path.key("limit"), context);
    let cache = policies.caches.of_route(raw, matcher, path, context);
    let policy = policies.authenticate.policy_of(raw.authenticate.as_ref(), &path.key("authenticate"), context);
    let rewrite =
        raw.rewrite.as_ref().and_then(|rewrite| self::rewrite(rewrite, matcher, &path.key("rewrite"), context));
    let request_edits = edits(&raw.request.headers, Direction::Request, &path.key("request").key("headers"), context);
    let response_edits =
        edits(&raw.response.headers, Direction::Response, &path.key("response").key("headers"), context);
    if let (raw::Action::Redirect(_), Some(_), Some(_)) = (&raw.to, &raw.authenticate, &policy) {
        context.found.push(
            Diagnostic::error(
                "authenticate-redirect",
                path.key("authenticate").path(),
                "a redirect is answered before anybody is asked who they are, so that this would do nothing",
            )
            .with_help("leave it out here and guard the route that the redirect leads to"),
        );
    }
    if matches!(raw.to, raw::Action::Redirect(_)) && raw.limit.as_ref().is_some_and(|limits| !limits.is_empty()) {
        context.found.push(
            Diagnostic::error(
                "limit-redirect",
                path.key("limit").path(),
                "a redirect is answered before anything is counted, so that this would do nothing",
            )
            .with_help("leave it out here and limit the route that the redirect leads to"),
        );
    }
    let max_body = receive::max_body(raw.receive.max_body.as_deref(), &path.key("receive"), context);
    let action = action(raw, matcher, upstreams, path, context);
    let upgrades: Vec<_> = raw
        .upgrade
        .iter()
        .map(|upgrade| match upgrade {
            raw::Upgrade::Websocket => Upgrade::Websocket,
        })
        .collect();
    if !upgrades.is_empty() && !matches!(raw.to, raw::Action::Upstream(_)) {
        context.error(
            "upgrade-without-upstream",
            path.key("upgrade"),
            "only an upstream can switch protocols; this route answers itself",
        );
    }
    Some(Route {
        name: raw.name.clone(),
        max_body,
        addresses,
        cors,
        authenticate: policy,
        limits: if matches!(raw.to, raw::Action::Redirect(_)) { Vec::new() } else { limits },
        cache,
        rewrite,
        request_edits,
        response_edits,
        upgrades,
        action: action?,
    })
}

fn action(
    raw: &raw::Route,
    matcher: &Matcher,
    upstreams: &Upstreams<'_>,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Action> {
    let to = path.key("to");
    match &raw.to {
        raw::Action::Upstream(name) => {
            let Some(declared) = upstreams.get(name.as_str()) else {
                let mut unknown = Diagnostic::error(
                    "unknown-upstream",
                    to.key("upstream").path(),
                    format!("there is no upstream named `{name}`"),
                );
                if let Some(near) = nearest(name, upstreams.keys().copied()) {
                    unknown = unknown.with_help(format!("did you mean `{near}`?"));
                } else if upstreams.is_empty() {
                    unknown = unknown.with_help("declare it under `upstreams`");
                }
                context.found.push(unknown);
                return None;
            };
            let inherited = declared.upstream.as_ref().map(|upstream| upstream.timeouts).unwrap_or_default();
            let timeouts = upstreams::timeouts(&raw.timeouts, inherited, &path.key("timeouts"), context);
            Some(Action::Upstream { upstream: declared.index, timeouts })
        }
        raw::Action::Redirect(raw) => redirect(raw, matcher, &to.key("redirect"), context).map(Action::Redirect),
        raw::Action::Respond(raw) => fixed(raw, &to.key("respond"), context).map(Action::Respond),
        raw::Action::Echo(raw) => {
            let max = context.size_or(raw.max_body.as_deref(), 16 << 10, 1 << 20, &to.key("echo").key("max_body"));
            Some(Action::Echo { max_body: usize::try_from(max).unwrap_or(usize::MAX) })
        }
        raw::Action::Purge(raw::Purge {}) => Some(Action::Purge),
    }
}

fn redirect(raw: &raw::Redirect, matcher: &Matcher, path: &Place<'_>, context: &mut Context) -> Option<Redirect> {
    if raw.scheme.is_none() && raw.host.is_none() && raw.path.is_none() {
        context.error(
            "redirect",
            *path,
            "expected `scheme`, `host` or `path`: as it is, the redirect leads back to itself",
        );
    }
    let status = raw.status.unwrap_or(308);
    if ![301, 302, 303, 307, 308].contains(&status) {
        context.error("status", path.key("status"), format!("expected 301, 302, 303, 307 or 308, found {status}"));
    }
    let scheme = match raw.scheme.as_deref() {
        None => None,
        Some("http") => Some(Scheme::Http),
        Some("https") => Some(Scheme::Https),
        Some(other) => {
            context.error("scheme", path.key("scheme"), format!("expected `http` or `https`, found `{other}`"));
            None
        }
    };
    if let Some(host) = raw.host.as_deref().filter(|host| split_authority(host).is_err()) {
        context.error("host", path.key("host"), format!("`{host}` is no host name with perhaps a port"));
    }
    let to = match &raw.path {
        None => None,
        Some(text) => {
            let rewrite = context.ok("path", &path.key("path"), Rewrite::template(text))?;
            check_parameters(&rewrite, matcher, &path.key("path"), context);
            Some(rewrite)
        }
    };
    Some(Redirect {
        status: StatusCode::from_u16(status).ok()?,
        scheme,
        authority: raw.host.clone(),
        path: to,
        drop_query: raw.drop_query,
    })
}

fn fixed(raw: &raw::FixedAnswer, path: &Place<'_>, context: &mut Context) -> Option<FixedAnswer> {
    let status = raw.status.unwrap_or(200);
    if !(200..=599).contains(&status) {
        context.error("status", path.key("status"), format!("expected 200 to 599, found {status}"));
    }
    if [204, 205, 304].contains(&status) && !raw.body.is_empty() {
        context.error("body", path.key("body"), format!("an answer with status {status} has no body"));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &raw.headers {
        let fields = path.key("headers");
        let at = fields.key(name);
        if let (Some(name), Some(value)) = (context.header_name(name, &at), context.header_value(value, &at)) {
            headers.append(name, value);
        }
    }
    if !raw.body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Some(FixedAnswer { status: StatusCode::from_u16(status).ok()?, headers, body: Bytes::from(raw.body.clone()) })
}

fn rewrite(raw: &raw::Rewrite, matcher: &Matcher, path: &Place<'_>, context: &mut Context) -> Option<Rewrite> {
    match raw {
        raw::Rewrite::StripPrefix(prefix) => {
            context.ok("rewrite", &path.key("strip_prefix"), Prefix::parse(prefix)).map(Rewrite::StripPrefix)
        }
        raw::Rewrite::ReplacePrefix(raw) => {
            let path = path.key("replace_prefix");
            let from = context.ok("rewrite", &path.key("from"), Prefix::parse(&raw.from));
            let to = context.ok("rewrite", &path.key("to"), Prefix::parse(&raw.to));
            Some(Rewrite::ReplacePrefix { from: from?, to: to? })
        }
        raw::Rewrite::Regex(raw) => {
            context.ok("rewrite", &path.key("regex"), Rewrite::regex(&raw.pattern, &raw.substitution))
        }
        raw::Rewrite::Template(text) => {
            let path = path.key("template");
            let rewrite = context.ok("rewrite", &path, Rewrite::template(text))?;
            check_parameters(&rewrite, matcher, &path, context);
            Some(rewrite)
        }
    }
}

/// Every path of the route must have every parameter that `rewrite` uses, or some requests could not be answered.
fn check_parameters(rewrite: &Rewrite, matcher: &Matcher, path: &Place<'_>, context: &mut Context) {
    for parameter in rewrite.parameters() {
        let has = |pattern: &crate::route::PathPattern| pattern.names().any(|name| name == parameter);
        if matcher.paths.is_empty() || !matcher.paths.iter().all(has) {
            let known = matcher.paths.iter().flat_map(crate::route::PathPattern::names);
            let mut missing = Diagnostic::error(
                "unknown-parameter",
                path.path(),
                format!("not every path of this route has a parameter `{parameter}`"),
            );
            if let Some(near) = nearest(parameter, known) {
                missing = missing.with_help(format!("did you mean `{near}`?"));
            }
            context.found.push(missing);
        }
    }
}
