//! `in:` where credentials stand.

use crate::authenticate::Place as At;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

/// The places, or `default` where none is given.
pub(super) fn places(raw: &[raw::Place], default: At, path: &Place<'_>, context: &mut Context) -> Vec<At> {
    if raw.is_empty() {
        return vec![default];
    }
    let mut places = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let at = path.index(index);
        let place = match raw {
            raw::Place::Authorization(raw::Scheme::Bearer) => Some(At::Bearer),
            raw::Place::Authorization(raw::Scheme::Basic) => Some(At::Basic),
            raw::Place::Header(name) => header(name, &at.key("header"), context),
            raw::Place::Cookie(name) => named(name, "cookie", &at, context).map(At::Cookie),
            raw::Place::Query(name) => named(name, "query", &at, context).map(At::Query),
        };
        let Some(place) = place else { continue };
        if places.contains(&place) {
            context.error("duplicate-place", at, "this place is there already");
            continue;
        }
        places.push(place);
    }
    places
}

fn header(name: &str, path: &Place<'_>, context: &mut Context) -> Option<At> {
    let name = context.header_name(name, path)?;
    if name == http::header::AUTHORIZATION || name == http::header::COOKIE {
        let message = format!(
            "`{name}` has a form of its own; write `authorization: bearer`, `authorization: basic` or `cookie: NAME`"
        );
        context.error("credential-place", *path, message);
        return None;
    }
    Some(At::Header(name))
}

fn named(name: &str, key: &'static str, path: &Place<'_>, context: &mut Context) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 128 || !name.bytes().all(fits) {
        context.error(
            "credential-place",
            path.key(key),
            "expected a name of 1 to 128 letters, digits, `-`, `_` or `.`",
        );
        return None;
    }
    Some(name.to_owned())
}
