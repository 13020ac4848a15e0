//! `filter:`, for everyone and for one route.

use std::time::Duration;

use http::{HeaderValue, Method};

use super::context::Context;
use crate::config::diagnostic::Place;
use crate::config::{grammar, raw};
use crate::filter::path::{Encoded, PathRules};
use crate::filter::{AccessLists, Cors, Mode, OriginMatch};
use crate::receive::split_authority;
use crate::route::WholeRegex;

pub(super) fn path_rules(raw: &raw::PathRules) -> PathRules {
    let encoded = |raw| match raw {
        raw::EncodedSeparator::Auto => Encoded::Auto,
        raw::EncodedSeparator::Keep => Encoded::Keep,
        raw::EncodedSeparator::Reject => Encoded::Reject,
        raw::EncodedSeparator::Unescape => Encoded::Unescape,
        raw::EncodedSeparator::Redirect => Encoded::Redirect,
    };
    PathRules {
        encoded_slash: encoded(raw.encoded_slash),
        encoded_backslash: encoded(raw.encoded_backslash),
        merge_slashes: !raw.keep_double_slashes,
    }
}

pub(super) fn mode(raw: raw::Mode) -> Mode {
    match raw {
        raw::Mode::Enforce => Mode::Enforce,
        raw::Mode::Shadow => Mode::Shadow,
        raw::Mode::Off => Mode::Off,
    }
}

pub(super) fn addresses(raw: &raw::AccessLists, path: &Place<'_>, context: &mut Context) -> AccessLists {
    if raw.allow.is_empty() && raw.deny.is_empty() {
        context.error(
            "empty-policy",
            *path,
            "expected `allow` or `deny` with at least one network: as it is, this lets everyone through",
        );
    }
    let allow = context.networks(&raw.allow, &path.key("allow"));
    let deny = context.networks(&raw.deny, &path.key("deny"));
    AccessLists::new(allow, deny, mode(raw.mode))
}

/// What a preflight may ask for where the document says nothing: every method that a page commonly uses.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"];
/// Ten minutes: short enough for a change to arrive, long enough to spare nearly all preflights.
const MAX_AGE: Duration = Duration::from_secs(600);

pub(super) fn cors(raw: &raw::Cors, path: &Place<'_>, context: &mut Context) -> Cors {
    let origins: Vec<_> = raw
        .origins
        .iter()
        .enumerate()
        .filter_map(|(index, origin)| self::origin(origin, &path.key("origins").index(index), context))
        .collect();
    if raw.origins.is_empty() {
        context.error("empty-policy", path.key("origins"), "expected at least one origin");
    }
    if raw.credentials && raw.origins.contains(&raw::OriginMatch::Any) {
        // Fetch forbids `*` with credentials; reflecting any origin instead would let every site act as the user.
        context.error(
            "cors-credentials",
            path.key("credentials"),
            "credentials cannot be allowed for any origin: list the origins that you trust",
        );
    }
    let methods = if raw.methods.is_empty() {
        METHODS.iter().filter_map(|method| Method::from_bytes(method.as_bytes()).ok()).collect()
    } else {
        context.methods(&raw.methods, &path.key("methods"))
    };
    let names = |texts: &[String], key: &str, context: &mut Context| -> Vec<_> {
        texts
            .iter()
            .enumerate()
            .filter_map(|(index, text)| context.header_name(text, &path.key(key).index(index)))
            .collect()
    };
    let headers = names(&raw.headers, "headers", context);
    let expose = names(&raw.expose, "expose", context);
    let expose = expose.iter().map(http::HeaderName::as_str).collect::<Vec<_>>().join(", ");
    Cors {
        origins,
        methods,
        headers: if raw.headers.is_empty() { None } else { Some(headers) },
        expose: HeaderValue::from_str(&expose).ok().filter(|expose| !expose.is_empty()),
        credentials: raw.credentials,
        max_age: context.duration_or(raw.max_age.as_deref(), MAX_AGE, &path.key("max_age")),
        mode: mode(raw.mode),
    }
}

fn origin(raw: &raw::OriginMatch, path: &Place<'_>, context: &mut Context) -> Option<OriginMatch> {
    match raw {
        raw::OriginMatch::Any => Some(OriginMatch::Any),
        raw::OriginMatch::Exact(text) => {
            let lower = text.to_ascii_lowercase();
            let is_origin = lower.split_once("://").is_some_and(|(scheme, authority)| {
                !scheme.is_empty()
                    && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                    && split_authority(authority).is_ok()
            });
            let default_port = (lower.starts_with("https://") && lower.ends_with(":443"))
                || (lower.starts_with("http://") && lower.ends_with(":80"));
            let checked = if !is_origin {
                Err(format!(
                    "expected an origin such as `https://app.example.com`, without a path, found `{}`",
                    grammar::shorten(text)
                ))
            } else if default_port {
                Err(format!("browsers leave the default port out of an origin, so `{text}` would never match"))
            } else {
                Ok(OriginMatch::Exact(lower))
            };
            context.ok("origin", &path.key("exact"), checked)
        }
        raw::OriginMatch::Regex(text) => {
            context.ok("regex", &path.key("regex"), WholeRegex::parse(text)).map(OriginMatch::Regex)
        }
    }
}
