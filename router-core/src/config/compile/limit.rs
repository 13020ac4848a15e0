//! `limit:`.

mod key;
mod one;
mod quota;
#[cfg(test)]
mod tests;
mod usage;

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;
use crate::config::raw::limit as raw;
use crate::filter::Mode;
use crate::limit::limits::Fields;
use crate::limit::{Limit, Limits};

/// A store that is near answers in a few milliseconds, one on another continent in 300; whoever waits longer is not helped.
const PATIENCE: Duration = Duration::from_millis(500);
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// About 10 MB for each kind of count: what an isolate has to spare.
const MAX_KEYS: u64 = 100_000;
const FEWEST_KEYS: u64 = 1_000;
const MOST_KEYS: u64 = 10_000_000;

/// The section, compiled. A limit with mistakes has its index all the same, so that routes with its name are not reported too.
pub(in crate::config) struct Declared {
    limits: BTreeMap<String, Option<Limit>>,
    default: Vec<usize>,
    rest: Limits,
}

/// The section by itself, whatever is wrong with it.
pub(in crate::config) fn declared(raw: &raw::Limits, authenticators: &[&str], path: &Place<'_>) -> Declared {
    limits(raw, authenticators, path, &mut Context::default())
}

pub(super) fn limits(raw: &raw::Limits, authenticators: &[&str], path: &Place<'_>, context: &mut Context) -> Declared {
    let brownout = brownout(raw, &path.key("brownout"), context);
    plans(raw, &path.key("plans"), context);
    let mut limits = BTreeMap::new();
    let at = path.key("limits");
    for (name, one) in &raw.limits {
        let at = at.key(name);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            context.error("limit-name", at, "expected a name of 1 to 64 letters, digits, `-`, `_` or `.`");
        }
        let lowered = brownout.as_ref().filter(|brownout| brownout.holds_for(name)).map(|brownout| brownout.capacity);
        let of_plans = raw.plans.iter().filter_map(|(plan, quotas)| Some((plan.as_str(), quotas.get(name)?)));
        let asked = one::Asked { name, authenticators, lowered, has_usage: raw.usage.is_some() };
        let limit = one::limit(one, of_plans.collect(), &asked, &at, &path.key("plans"), context);
        limits.insert(name.clone(), limit);
    }
    let mut declared = Declared { limits, default: Vec::new(), rest: rest(raw, path, context) };
    declared.default = declared.indices(&raw.default, &path.key("default"), context);
    declared
}

fn rest(raw: &raw::Limits, path: &Place<'_>, context: &mut Context) -> Limits {
    let store = path.key("store");
    let patience = store.key("timeout");
    let timeout = context.duration_or(raw.store.timeout.as_deref(), PATIENCE, &patience);
    if timeout.is_zero() || timeout > LONGEST_PATIENCE {
        context.error("duration", patience, "expected more than `0s` and at most `10s`");
    }
    let max_keys = raw.max_keys.unwrap_or(MAX_KEYS);
    if !(FEWEST_KEYS..=MOST_KEYS).contains(&max_keys) {
        let message = format!("expected {FEWEST_KEYS} to {MOST_KEYS} keys, found {max_keys}");
        context.error("max-keys", path.key("max_keys"), message);
    }
    let raw::LimitFields { hidden, partition_key, legacy } = raw.fields;
    Limits {
        limits: Vec::new(),
        fields: Fields { hidden, partition_key, legacy },
        patience: timeout,
        usage: raw.usage.as_ref().and_then(|raw| usage::reporting(raw, &path.key("usage"), context)),
        max_keys: usize::try_from(max_keys).unwrap_or(usize::MAX),
    }
}

/// What is lowered, and to how much.
struct Lowered {
    capacity: u8,
    limits: Vec<String>,
}

impl Lowered {
    fn holds_for(&self, name: &str) -> bool {
        self.limits.is_empty() || self.limits.iter().any(|limit| limit == name)
    }
}

fn brownout(raw: &raw::Limits, path: &Place<'_>, context: &mut Context) -> Option<Lowered> {
    let brownout = raw.brownout.as_ref()?;
    if !(1..=100).contains(&brownout.capacity) {
        let message = format!("expected 1 to 100 percent, found {}", brownout.capacity);
        context.error("capacity", path.key("capacity"), message);
        return None;
    }
    for (index, name) in brownout.limits.iter().enumerate() {
        known(name, raw.limits.keys(), &path.key("limits").index(index), context);
    }
    (brownout.capacity < 100).then(|| Lowered { capacity: brownout.capacity, limits: brownout.limits.clone() })
}

fn plans(raw: &raw::Limits, path: &Place<'_>, context: &mut Context) {
    for (plan, quotas) in &raw.plans {
        for name in quotas.keys() {
            known(name, raw.limits.keys(), &path.key(plan).key(name), context);
        }
    }
}

/// Whether there is a limit of this name; else says so.
fn known<'n>(
    name: &str,
    mut names: impl Iterator<Item = &'n String> + Clone,
    path: &Place<'_>,
    context: &mut Context,
) -> bool {
    if names.clone().any(|known| known == name) {
        return true;
    }
    let message = format!("there is no limit named `{}`", shorten(name));
    let unknown = Diagnostic::error("unknown-limit", path.path(), message);
    let near = nearest(name, names.by_ref().map(String::as_str));
    context.found.push(match near {
        Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
        None => unknown.with_help("declare it under `limit.limits`"),
    });
    false
}

impl Declared {
    /// The limits of a route.
    pub(super) fn of_route(&self, raw: Option<&[String]>, path: &Place<'_>, context: &mut Context) -> Vec<usize> {
        match raw {
            Some(names) => self.indices(names, path, context),
            None => self.default.clone(),
        }
    }

    /// Every limit, and what else holds for all; complete if there were no mistakes.
    pub(in crate::config) fn into_limits(self) -> Limits {
        // A limit that is off is asked by no route.
        Limits { limits: self.limits.into_values().flatten().collect(), ..self.rest }
    }

    fn indices(&self, names: &[String], path: &Place<'_>, context: &mut Context) -> Vec<usize> {
        let mut indices = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let path = path.index(at);
            if !known(name, self.limits.keys(), &path, context) {
                continue;
            }
            let Some(index) = self.limits.keys().position(|known| known == name) else { continue };
            if indices.contains(&index) {
                context.error("duplicate-name", path, format!("`{}` is there already", shorten(name)));
            } else {
                indices.push(index);
            }
        }
        let on = |index: &usize| {
            let limit = self.limits.values().nth(*index);
            limit.is_none_or(|limit| limit.as_ref().is_none_or(|limit| limit.mode != Mode::Off))
        };
        indices.retain(on);
        indices
    }
}
