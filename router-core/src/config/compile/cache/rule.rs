//! One rule.

use std::time::Duration;

use http::{HeaderName, Method};

use super::freshness::{duration, heuristic, statuses};
use super::tag::tag;
use super::vary::vary_by;
use crate::cache::rule::{Freshness, Identified, Rule, SetCookie, TagTemplate};
use crate::config::compile::authorize::condition;
use crate::config::compile::context::Context;
use crate::config::compile::filter::mode;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;
use crate::config::raw::cache as raw;

/// Most answers that are worth storing are smaller; a larger one would take much of the memory for itself.
const MAX_SIZE: u64 = 4 << 20;
/// What the store of Workers takes as one item.
const LARGEST_SIZE: u64 = 512 << 20;

/// Longer than nearly every answer takes, and short enough that nobody waits in vain for long.
const COALESCE: Duration = Duration::from_secs(5);
const LONGEST_COALESCE: Duration = Duration::from_secs(60);

/// More tags on one answer are no names but contents, and each is kept with it.
const MOST_TAGS: usize = 16;
/// Each is looked for in every answer that is stored.
const MOST_TAG_FIELDS: usize = 8;

/// The methods whose answers can be stored: safe ones with a meaning for caches (RFC 9110 section 9.2.3, RFC 10008 for `QUERY`).
const STORABLE: [&str; 3] = ["GET", "HEAD", "QUERY"];

/// The rule, whatever is wrong with it: in the place of a mistake stands the default.
pub(super) fn rule(
    raw: &raw::CacheRule,
    name: &str,
    authenticators: &[&str],
    path: &Place<'_>,
    context: &mut Context,
) -> Rule {
    let methods = methods(raw.methods.as_deref(), &path.key("methods"), context);
    if raw.freshness == raw::Freshness::Override && raw.ttl.is_none() && raw.ttl_by_status.is_empty() {
        let message = "expected `ttl` or `ttl_by_status`: where the upstream's word does not count, somebody else must say how long answers are fresh";
        let without = Diagnostic::error("cache-ttl", path.key("freshness").path(), message);
        context.found.push(without.with_help("add `ttl`, such as `ttl: 5m`, or write `freshness: respect`"));
    }
    let mut lasts = |text: &Option<String>, key: &str| duration(text.as_deref(), &path.key(key), context);
    let ttl = lasts(&raw.ttl, "ttl");
    let max_ttl = lasts(&raw.max_ttl, "max_ttl");
    let stale_while_revalidate = lasts(&raw.stale_while_revalidate, "stale_while_revalidate");
    let stale_if_error = lasts(&raw.stale_if_error, "stale_if_error");
    let refresh_early = lasts(&raw.refresh_early, "refresh_early");
    Rule {
        name: name.to_owned(),
        mode: mode(raw.mode),
        methods,
        freshness: match raw.freshness {
            raw::Freshness::Respect => Freshness::Respect,
            raw::Freshness::Override => Freshness::Override,
        },
        ttl,
        ttl_by_status: statuses(&raw.ttl_by_status, &path.key("ttl_by_status"), context),
        max_ttl,
        heuristic: raw.heuristic.as_ref().map(|raw| heuristic(raw, &path.key("heuristic"), context)),
        stale_while_revalidate,
        stale_if_error,
        refresh_early,
        vary_by: vary_by(&raw.vary_by, &path.key("vary_by"), context),
        identified: raw.identified.map(|identified| match identified {
            raw::Identified::Apart => Identified::Apart,
            raw::Identified::Together => Identified::Together,
            raw::Identified::Bypass => Identified::Bypass,
        }),
        set_cookie: match raw.set_cookie {
            raw::SetCookie::Refuse => SetCookie::Refuse,
            raw::SetCookie::Strip => SetCookie::Strip,
            raw::SetCookie::Store => SetCookie::Store,
        },
        max_size: max_size(raw.max_size.as_deref(), &path.key("max_size"), context),
        bypass: condition("bypass", raw.bypass.as_deref(), authenticators, &path.key("bypass"), context),
        client_directives: raw.client_directives.unwrap_or(true),
        tags: tags(&raw.tags, &path.key("tags"), context),
        tag_fields: tag_fields(raw.tag_headers.as_deref(), &path.key("tag_headers"), context),
        make_etag: raw.etag,
        coalesce: coalesce(raw.coalesce.as_deref(), &path.key("coalesce"), context),
    }
}

fn methods(raw: Option<&[String]>, path: &Place<'_>, context: &mut Context) -> Vec<Method> {
    let Some(raw) = raw else { return vec![Method::GET, Method::HEAD] };
    if raw.is_empty() {
        let none = Diagnostic::error("method", path.path(), "expected at least one method, found none");
        context.found.push(none.with_help("for a rule that stores nothing write `mode: off`"));
    }
    let mut methods = Vec::with_capacity(raw.len().min(STORABLE.len()));
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        let message = format!("only answers to `GET`, `HEAD` and `QUERY` can be stored, found `{}`", shorten(text));
        let upper = text.to_ascii_uppercase();
        match Method::from_bytes(text.as_bytes()) {
            Ok(method) if STORABLE.contains(&method.as_str()) => {
                if methods.contains(&method) {
                    context.error("duplicate-name", path, format!("`{method}` is there already"));
                } else {
                    methods.push(method);
                }
            }
            _ if STORABLE.contains(&upper.as_str()) => {
                let small = Diagnostic::error("method", path.path(), message);
                context.found.push(small.with_help(format!("methods are case-sensitive: write `{upper}`")));
            }
            _ => context.error("method", path, message),
        }
    }
    methods
}

fn max_size(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> u64 {
    let size = context.size_or(text, MAX_SIZE, LARGEST_SIZE, path);
    if size == 0 {
        let nothing = Diagnostic::error("size", path.path(), "expected more than 0 bytes: nothing would be stored");
        context.found.push(nothing.with_help("for a rule that stores nothing write `mode: off`"));
    }
    size
}

fn tags(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<TagTemplate> {
    if raw.len() > MOST_TAGS {
        context.error("cache-tag", *path, format!("expected at most {MOST_TAGS} tags, found {}", raw.len()));
    }
    let mut tags = Vec::with_capacity(raw.len());
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        // A tag with mistakes keeps its place, so that a message about another one names the right one.
        let tag = context.ok("cache-tag", &path, tag(text)).unwrap_or(TagTemplate(Vec::new()));
        if raw.iter().take(index).any(|earlier| earlier == text) {
            context.error("duplicate-name", path, format!("`{}` is there already", shorten(text)));
        }
        tags.push(tag);
    }
    tags
}

fn tag_fields(raw: Option<&[String]>, path: &Place<'_>, context: &mut Context) -> Vec<HeaderName> {
    let Some(raw) = raw else {
        return vec![HeaderName::from_static("cache-tag"), HeaderName::from_static("surrogate-key")];
    };
    if raw.len() > MOST_TAG_FIELDS {
        let message = format!("expected at most {MOST_TAG_FIELDS} fields, found {}", raw.len());
        context.error("cache-tag", *path, message);
    }
    super::vary::header_names(raw, path, context)
}

fn coalesce(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<Duration> {
    let patience = context.duration_or(text, COALESCE, path);
    if patience > LONGEST_COALESCE {
        context.error("duration", *path, "expected at most `60s`: whoever waits holds a connection");
    }
    (!patience.is_zero()).then_some(patience)
}
