//! One limit.

use super::quota::{Parts, Places, quota};
use crate::authenticate::authorize::{Number, Scope};
use crate::config::compile::authorize::invalid;
use crate::config::compile::context::Context;
use crate::config::compile::filter::mode;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::limit as raw;
use crate::limit::Limit;
use crate::limit::algorithm::LARGEST_QUOTA;
use crate::limit::limits::{Accuracy, Cost, Counts, LeaseRules, Missing, OnError, Unit};
use crate::limit::quota::{Counting, Quota};
use crate::limit::spread;

/// What a limit is compiled with beside its own text.
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) authenticators: &'a [&'a str],
    /// In percent, while it is lowered.
    pub(super) lowered: Option<u8>,
    pub(super) has_usage: bool,
}

pub(super) fn limit(
    raw: &raw::Limit,
    plans: Vec<(&str, &raw::PlanQuota)>,
    asked: &Asked<'_>,
    path: &Place<'_>,
    plans_path: &Place<'_>,
    context: &mut Context,
) -> Option<Limit> {
    let key = super::key::key(&raw.key, &path.key("key"), context);
    let (quota_at, burst_at) = (path.key("quota"), path.key("burst"));
    let places = Places { limit: *path, quota: quota_at, burst: burst_at };
    let parts = Parts {
        name: asked.name,
        limit: raw,
        quota: &raw.quota,
        burst: raw.burst.as_ref(),
        over: raw.over,
        capacity: asked.lowered,
    };
    let own = quota(&parts, &places, context);
    let mut of_plans = Vec::with_capacity(plans.len());
    for (plan, given) in plans {
        let at = plans_path.key(plan);
        let at = at.key(asked.name);
        of_plans.push((plan.to_owned(), plan_quota(&parts, given, path, &at, context)));
    }
    misfits(raw, asked, path, context);
    let cost = cost(raw, asked, &path.key("cost"), context);
    let cost_after = raw.cost_after.as_ref().and_then(|after| match after {
        raw::CostAfter::Header(name) => context.header_name(name, &path.key("cost_after").key("header")),
    });
    let warn_at = warnings(raw, path, context);
    let own = own?;
    let accuracy = accuracy(raw, &own, path, context);
    Some(Limit {
        name: asked.name.to_owned(),
        mode: mode(raw.mode),
        quota: own,
        plans: of_plans,
        key,
        missing: match raw.missing {
            raw::MissingKey::Share => Missing::Share,
            raw::MissingKey::Refuse => Missing::Refuse,
            raw::MissingKey::Skip => Missing::Skip,
        },
        unit: match raw.unit {
            raw::Unit::Requests => Unit::Requests,
            raw::Unit::Bytes => Unit::Bytes,
        },
        cost: cost?,
        cost_after,
        counts: match raw.count {
            raw::Counted::All => Counts::All,
            raw::Counted::Success => Counts::Success,
            raw::Counted::Failure => Counts::Failure,
        },
        accuracy: accuracy?,
        warn_at,
        on_error: match raw.on_error {
            raw::OnError::Local => OnError::Local,
            raw::OnError::Allow => OnError::Allow,
            raw::OnError::Deny => OnError::Deny,
        },
        lowered: asked.lowered.is_some(),
    })
}

fn plan_quota(
    own: &Parts<'_>,
    given: &raw::PlanQuota,
    limit_path: &Place<'_>,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Quota> {
    if given.unlimited {
        if given.quota.is_some() || given.burst.is_some() || given.over.is_some() {
            context.error("plan", path.key("unlimited"), "expected either `unlimited` or a quota, found both");
        }
        return None;
    }
    if given.burst.is_some() && !is_meter(own.limit.algorithm) {
        context.error("limit", path.key("burst"), BURST);
    }
    if given.over == Some(raw::Over::Meter) {
        metered(own.limit, &path.key("over"), context);
    }
    let over = given.over.unwrap_or(own.over);
    // What is left out stands at the limit, and so does what is wrong with it.
    let at = |given: bool, key| if given { path.key(key) } else { limit_path.key(key) };
    let (quota_at, burst_at) = (at(given.quota.is_some(), "quota"), at(given.burst.is_some(), "burst"));
    let parts = Parts {
        quota: given.quota.as_ref().unwrap_or(own.quota),
        // A burst of the limit hardly fits another quota.
        burst: given.burst.as_ref().or(if given.quota.is_some() { None } else { own.burst }),
        over,
        ..*own
    };
    let mut of_plan = Context::default();
    let quota = quota(&parts, &Places { limit: *limit_path, quota: quota_at, burst: burst_at }, &mut of_plan);
    // What is wrong with the limit itself is said there, once.
    let own_steps = path.path();
    let mistakes = of_plan.found.into_vec().into_iter();
    for mistake in mistakes.filter(|mistake| mistake.path.steps().starts_with(own_steps.steps())) {
        context.found.push(mistake);
    }
    quota
}

fn is_meter(algorithm: raw::Algorithm) -> bool {
    matches!(algorithm, raw::Algorithm::Gcra | raw::Algorithm::TokenBucket)
}

/// What is metered must be known whole, window by window.
fn metered(limit: &raw::Limit, at: &Place<'_>, context: &mut Context) {
    if limit.algorithm != raw::Algorithm::FixedWindow {
        context.error("limit", *at, METERED);
    }
    if matches!(limit.accuracy, raw::Accuracy::Leased | raw::Accuracy::Binding) {
        context.error("limit", *at, METERED_WHERE);
    }
}

const BURST: &str = "only `gcra` and `token_bucket` have a burst";
const METERED_WHERE: &str =
    "what is metered needs `accuracy: exact`, or `local` where each instance reports for itself";
const METERED: &str = "only a `fixed_window` can be metered: what is over belongs to a window that can be billed";

/// What cannot go together.
fn misfits(raw: &raw::Limit, asked: &Asked<'_>, path: &Place<'_>, context: &mut Context) {
    use raw::Algorithm;
    let algorithm = raw.algorithm;
    if raw.over == raw::Over::Meter {
        metered(raw, &path.key("over"), context);
    }
    let mut only = |found: bool, key: &str, message: &str| {
        if found {
            context.error("limit", path.key(key), message);
        }
    };
    only(raw.burst.is_some() && !is_meter(algorithm), "burst", BURST);
    only(
        raw.max_wait.is_some() && algorithm != Algorithm::LeakyBucket,
        "max_wait",
        "only in a `leaky_bucket` requests wait",
    );
    only(raw.hold.is_some() && algorithm != Algorithm::Concurrency, "hold", "only `concurrency` holds places");
    let fixed = algorithm == Algorithm::FixedWindow;
    only(!raw.warn_at.is_empty() && !fixed, "warn_at", "only a `fixed_window` is used up bit by bit");
    let concurrency = algorithm == Algorithm::Concurrency;
    only(concurrency && raw.cost.is_some(), "cost", "with `concurrency` each request takes one place");
    only(concurrency && raw.cost_after.is_some(), "cost_after", "with `concurrency` each request takes one place");
    only(concurrency && raw.unit == raw::Unit::Bytes, "unit", "with `concurrency` each request takes one place");
    only(
        concurrency && raw.count != raw::Counted::All,
        "count",
        "with `concurrency` each request takes a place until its answer has ended",
    );
    only(raw.unit == raw::Unit::Bytes && raw.cost.is_some(), "cost", "where bytes are counted the body is the cost");
    if raw.over == raw::Over::Meter && !asked.has_usage {
        let warning = Diagnostic::warning(
            "usage-untold",
            path.key("over").path(),
            "what is over this quota is only logged: nobody is told of it",
        );
        context.found.push(warning.with_help("say in `limit.usage` where usage events go"));
    }
}

fn accuracy(raw: &raw::Limit, own: &Quota, path: &Place<'_>, context: &mut Context) -> Option<Accuracy> {
    let at = path.key("accuracy");
    if raw.binding.is_some() && raw.accuracy != raw::Accuracy::Binding {
        context.error("binding", path.key("binding"), "only `accuracy: binding` asks one");
    }
    let window_ms = own.window_s.map(|seconds| seconds.saturating_mul(1000));
    let other = |context: &mut Context, message: &str, help: &str| {
        context.found.push(Diagnostic::error("accuracy", at.path(), message).with_help(help));
        None
    };
    match raw.accuracy {
        raw::Accuracy::Exact => Some(Accuracy::Exact),
        raw::Accuracy::Local => Some(Accuracy::Local),
        raw::Accuracy::Leased => match (&own.counting, window_ms) {
            (Counting::LeakyBucket(_) | Counting::Concurrency(_), _) | (_, None) => other(
                context,
                "tokens of this algorithm cannot be lent: who waits in line or holds a place must be known where the count is",
                "write `accuracy: exact`",
            ),
            (_, Some(window_ms)) => Some(Accuracy::Leased(LeaseRules::of(own.units, window_ms))),
        },
        raw::Accuracy::LocalKv => {
            let long = window_ms.is_some_and(|window_ms| window_ms >= spread::SHORTEST_WINDOW_MS);
            match &own.counting {
                Counting::FixedWindow { .. } if long => Some(Accuracy::LocalKv),
                _ => other(
                    context,
                    "instances can tell each other only of `fixed_window` limits of five minutes and more",
                    "a key-value store shows a write after up to a minute; write `accuracy: leased`, or `local`",
                ),
            }
        }
        raw::Accuracy::Binding => {
            let Some(binding) = raw.binding.clone().filter(|binding| !binding.is_empty()) else {
                return other(context, "expected `binding`: which of the rate limiters in `wrangler.toml`?", "name it");
            };
            if !matches!(own.window_s, Some(10 | 60)) || raw.algorithm == raw::Algorithm::Concurrency {
                return other(
                    context,
                    "the rate limiter of Workers counts in windows of 10 or 60 seconds",
                    "write `window: 10s` or `window: 60s`, as in `wrangler.toml`",
                );
            }
            if raw.cost.is_some()
                || raw.cost_after.is_some()
                || raw.unit == raw::Unit::Bytes
                || raw.count != raw::Counted::All
            {
                return other(
                    context,
                    "the rate limiter of Workers counts each request once, when it comes",
                    "leave `cost`, `cost_after`, `unit` and `count` out, or write `accuracy: exact`",
                );
            }
            Some(Accuracy::Binding(binding))
        }
    }
}

fn cost(raw: &raw::Limit, asked: &Asked<'_>, path: &Place<'_>, context: &mut Context) -> Option<Cost> {
    match &raw.cost {
        None => Some(Cost::Fixed(1)),
        Some(raw::Cost::Number(cost)) => {
            if *cost > LARGEST_QUOTA {
                context.error("cost", *path, format!("expected at most {LARGEST_QUOTA}, found {cost}"));
            }
            Some(Cost::Fixed(*cost))
        }
        Some(raw::Cost::Expression(text)) => {
            match Number::parse(text, &Scope { authenticators: asked.authenticators }) {
                Ok(number) => Some(Cost::Expression(number)),
                Err(found) => {
                    context.found.push(invalid("cost", text, found, path));
                    None
                }
            }
        }
    }
}

fn warnings(raw: &raw::Limit, path: &Place<'_>, context: &mut Context) -> Vec<u8> {
    for (index, percent) in raw.warn_at.iter().enumerate() {
        if !(1..=100).contains(percent) {
            let message = format!("expected 1 to 100 percent, found {percent}");
            context.error("warn-at", path.key("warn_at").index(index), message);
        }
    }
    let mut percentages = raw.warn_at.clone();
    percentages.sort_unstable();
    percentages.dedup();
    percentages
}
