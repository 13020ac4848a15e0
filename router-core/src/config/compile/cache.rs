//! `cache:`.

mod freshness;
mod purge;
mod rule;
mod tag;
#[cfg(test)]
mod tests;
mod trigger;
mod vary;

use std::collections::BTreeMap;

pub(super) use purge::open_purges;

use super::context::Context;
use crate::cache::Caches;
use crate::cache::rule::{Rule, TagPart, Trigger};
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;
use crate::config::raw;
use crate::config::raw::cache::Caches as RawCaches;
use crate::filter::Mode;
use crate::route::{Matcher, PathPattern};

/// Much for answers of an API, and little for the smallest machine that one puts a gateway on.
const MEMORY: u64 = 64 << 20;
const LEAST_MEMORY: u64 = 1 << 20;
const MOST_MEMORY: u64 = 1 << 40;

/// The word that stands for no rule at all.
const OFF: &str = "off";

/// The section, compiled. A rule with mistakes is there all the same, so that routes with its name are not reported too.
pub(super) struct Declared {
    rules: BTreeMap<String, Rule>,
    default: Option<usize>,
    rest: Caches,
}

/// `name` is that of the gateway.
pub(super) fn caches(
    raw: &RawCaches,
    authenticators: &[&str],
    name: &str,
    path: &Place<'_>,
    context: &mut Context,
) -> Declared {
    let mut rules = BTreeMap::new();
    let mut triggers = Vec::new();
    let at = path.key("rules");
    for (index, (name, raw)) in raw.rules.iter().enumerate() {
        let at = at.key(name);
        rule_name(name, &at, context);
        let rule = rule::rule(raw, name, authenticators, &at, context);
        let of_rule = trigger::triggers(&raw.invalidate_on, &at.key("invalidate_on"), context);
        // What is off stores nothing that could become worthless.
        if rule.mode != Mode::Off {
            triggers.extend(of_rule.into_iter().map(|(method, path)| Trigger { method, path, rule: index }));
        }
        rules.insert(name.clone(), rule);
    }
    let rest = Caches {
        rules: Vec::new(),
        triggers,
        tells_status: raw.status.unwrap_or(true),
        name: status_name(raw.name.as_deref(), name, &path.key("name"), context),
        memory: memory(raw.memory.as_deref(), &path.key("memory"), context),
    };
    let mut declared = Declared { rules, default: None, rest };
    if let Some(name) = &raw.default {
        declared.default = declared.named(name, &path.key("default"), context);
    }
    declared
}

fn rule_name(name: &str, path: &Place<'_>, context: &mut Context) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        context.error("cache-name", *path, "expected a name of 1 to 64 letters, digits, `-`, `_` or `.`");
    }
    if name == OFF {
        let taken = Diagnostic::error("cache-name", path.path(), "a rule cannot be called `off`");
        context.found.push(taken.with_help("`cache: off` says that nothing of a route is stored; find another name"));
    }
}

/// It stands in `Cache-Status` as a token or, with other characters, as a string (RFC 9211 section 2); both hold visible ASCII and spaces only.
fn status_name(text: Option<&str>, default: &str, path: &Place<'_>, context: &mut Context) -> String {
    let name = text.unwrap_or(default);
    let fits = |byte: u8| matches!(byte, 0x20..=0x7E);
    // What is wrong with the name of the gateway is said there.
    if text.is_some() && (name.is_empty() || name.len() > 64 || !name.bytes().all(fits)) {
        let message = format!("expected 1 to 64 visible ASCII characters or spaces, found `{}`", shorten(name));
        context.error("cache-status-name", *path, message);
    }
    name.to_owned()
}

fn memory(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> u64 {
    let memory = context.size_or(text, MEMORY, MOST_MEMORY, path);
    if memory < LEAST_MEMORY {
        let found = text.unwrap_or_default();
        context.error("size", *path, format!("expected at least `1MiB`, found `{}`", shorten(found)));
    }
    memory
}

impl Declared {
    /// The rule of a route; `None` where nothing is stored.
    pub(super) fn of_route(
        &self,
        raw: &raw::Route,
        matcher: &Matcher,
        path: &Place<'_>,
        context: &mut Context,
    ) -> Option<usize> {
        let asks_upstream = matches!(raw.to, raw::Action::Upstream(_));
        let index = match raw.cache.as_deref() {
            Some(OFF) => return None,
            Some(name) => {
                let index = self.named(name, &path.key("cache"), context);
                if !asks_upstream {
                    let idle = "only answers of an upstream are stored; this route answers itself, so that this would do nothing";
                    let idle = Diagnostic::error("cache-without-upstream", path.key("cache").path(), idle);
                    context.found.push(idle.with_help("leave it out here"));
                    return None;
                }
                index?
            }
            None => self.default.filter(|_| asks_upstream)?,
        };
        let (name, rule) = self.rules.iter().nth(index)?;
        // Where the route does not name its rule, the path that lacks the parameter is what a reader can change.
        let at = if raw.cache.is_some() { path.key("cache") } else { path.key("match") };
        check_parameters(name, rule, matcher, &at, context);
        // A rule that is off is asked by no route.
        (rule.mode != Mode::Off).then_some(index)
    }

    /// Every rule, and what else holds for all; complete if there were no mistakes.
    pub(super) fn into_caches(self) -> Caches {
        Caches { rules: self.rules.into_values().collect(), ..self.rest }
    }

    /// The index of a rule; without one it says so.
    fn named(&self, name: &str, path: &Place<'_>, context: &mut Context) -> Option<usize> {
        if let Some(index) = self.rules.keys().position(|known| known == name) {
            return Some(index);
        }
        let message = format!("there is no cache rule named `{}`", shorten(name));
        let unknown = Diagnostic::error("unknown-cache", path.path(), message);
        context.found.push(match nearest(name, self.rules.keys().map(String::as_str)) {
            Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
            None => unknown.with_help("declare it under `cache.rules`"),
        });
        None
    }
}

/// Every path of the route must have every parameter of the rule's tags, or some answers could not be purged.
fn check_parameters(name: &str, rule: &Rule, matcher: &Matcher, path: &Place<'_>, context: &mut Context) {
    let root = Place::root();
    let section = root.key("cache");
    let rules = section.key("rules");
    let rule_at = rules.key(name);
    let tags_at = rule_at.key("tags");
    for (index, tag) in rule.tags.iter().enumerate() {
        for part in &tag.0 {
            let TagPart::Parameter(parameter) = part else { continue };
            let has = |pattern: &PathPattern| pattern.names().any(|known| known == parameter);
            if !matcher.paths.is_empty() && matcher.paths.iter().all(has) {
                continue;
            }
            let message = format!(
                "not every path of this route has the parameter `{parameter}`, which a tag of the cache rule `{name}` needs"
            );
            let missing = Diagnostic::error("unknown-parameter", path.path(), message);
            let known = matcher.paths.iter().flat_map(PathPattern::names);
            let missing = match nearest(parameter, known) {
                Some(near) => missing.with_help(format!("did you mean `{near}`?")),
                None => missing.with_help("give the route another rule, or `cache: off`"),
            };
            context.found.push(missing.with_related(tags_at.index(index).path(), "this tag"));
        }
    }
}
