//! `key:` of a limit.

use crate::authenticate::claims::ClaimPath;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::limit as raw;
use crate::limit::part::Part;

/// More than this is no key but a mistake, and each is hashed with every request.
const MOST_PARTS: usize = 8;

pub(super) fn key(raw: &[raw::KeyPart], path: &Place<'_>, context: &mut Context) -> Vec<Part> {
    if raw.len() > MOST_PARTS {
        context.error("key", *path, format!("expected at most {MOST_PARTS} parts, found {}", raw.len()));
    }
    let mut parts: Vec<Part> = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let path = path.index(index);
        let Some(part) = part(raw, &path, context) else { continue };
        if parts.contains(&part) {
            context.error("key", path, format!("`{}` is there already", part.name()));
            continue;
        }
        parts.push(part);
    }
    parts
}

fn part(raw: &raw::KeyPart, path: &Place<'_>, context: &mut Context) -> Option<Part> {
    Some(match raw {
        raw::KeyPart::Consumer => Part::Consumer,
        raw::KeyPart::ApiKey => Part::ApiKey,
        raw::KeyPart::Plan => Part::Plan,
        raw::KeyPart::Address => Part::Address,
        raw::KeyPart::Route => Part::Route,
        raw::KeyPart::Host => Part::Host,
        raw::KeyPart::Country => Part::Country,
        raw::KeyPart::Header(name) => Part::Header(context.header_name(name, &path.key("header"))?),
        raw::KeyPart::Cookie(name) => Part::Cookie(context.cookie_name(name, &path.key("cookie"))?),
        raw::KeyPart::Claim(text) => Part::Claim(context.ok("claim", &path.key("claim"), ClaimPath::parse(text))?),
    })
}
