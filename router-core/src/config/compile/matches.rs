//! `routes[].match`.

use std::collections::BTreeMap;

use super::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw;
use crate::route::{HostPattern, Matcher, Methods, PathPattern, TrailingSlash, ValueMatch, WholeRegex};

pub(super) fn matcher(raw: &raw::Match, path: &Place<'_>, context: &mut Context) -> Matcher {
    let mut hosts = Vec::with_capacity(raw.hosts.len());
    for (index, host) in raw.hosts.iter().enumerate() {
        hosts.extend(context.ok("host", &path.key("hosts").index(index), HostPattern::parse(host)));
    }
    let mut paths = Vec::with_capacity(raw.paths.len());
    for (index, pattern) in raw.paths.iter().enumerate() {
        paths.extend(self::pattern(pattern, &path.key("paths").index(index), context));
    }
    let mut headers = Vec::with_capacity(raw.headers.len());
    for (name, value) in &raw.headers {
        let fields = path.key("headers");
        let at = fields.key(name);
        let (name, value) = (context.header_name(name, &at), value_match(value, &at, context));
        headers.extend(name.zip(value));
    }
    let methods = if raw.methods.is_empty() {
        Methods::Any
    } else {
        Methods::Only(context.methods(&raw.methods, &path.key("methods")))
    };
    Matcher {
        hosts,
        paths,
        methods,
        headers,
        query: query(&raw.query, &path.key("query"), context),
        priority: raw.priority,
        trailing_slash: match raw.trailing_slash {
            raw::TrailingSlash::Exact => TrailingSlash::Exact,
            raw::TrailingSlash::Ignore => TrailingSlash::Ignore,
            raw::TrailingSlash::Redirect => TrailingSlash::Redirect,
        },
    }
}

fn pattern(raw: &raw::PathMatch, path: &Place<'_>, context: &mut Context) -> Option<PathPattern> {
    let (key, parsed) = match raw {
        raw::PathMatch::Exact(text) => ("exact", PathPattern::exact(text)),
        raw::PathMatch::Prefix(text) => ("prefix", PathPattern::prefix(text)),
        raw::PathMatch::Template(text) => ("template", PathPattern::template(text)),
        raw::PathMatch::Regex(text) => ("regex", PathPattern::regex(text)),
    };
    context.ok("path", &path.key(key), parsed)
}

fn query(
    raw: &BTreeMap<String, raw::ValueMatch>,
    path: &Place<'_>,
    context: &mut Context,
) -> Vec<(String, ValueMatch)> {
    raw.iter().filter_map(|(name, value)| Some((name.clone(), value_match(value, &path.key(name), context)?))).collect()
}

fn value_match(raw: &raw::ValueMatch, path: &Place<'_>, context: &mut Context) -> Option<ValueMatch> {
    match raw {
        raw::ValueMatch::Present => Some(ValueMatch::Present),
        raw::ValueMatch::Absent => Some(ValueMatch::Absent),
        raw::ValueMatch::Exact(text) => Some(ValueMatch::Exact(text.clone())),
        raw::ValueMatch::Regex(text) => {
            context.ok("regex", &path.key("regex"), WholeRegex::parse(text)).map(ValueMatch::Regex)
        }
    }
}
