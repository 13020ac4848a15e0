//! How often what happened: what limits said, and what the cache did.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::filter::Mode;
use crate::limit::tally::{Item, Progress};
use crate::limit::verdict::Verdict;

/// Limits that are counted apart. A configuration with more has one line for all that come later.
const MOST_LIMITS: usize = 1024;

/// The line of what is beyond [`MOST_LIMITS`].
const REST: &str = "_other";

/// How often limits said what, how the store of counts did, and what the cache did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    limits: BTreeMap<String, Verdicts>,
    store: Store,
    /// By the few words for what the cache does.
    cache: BTreeMap<&'static str, u64>,
    cache_failures: u64,
}

/// How often a limit said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Verdicts {
    admitted: u64,
    over: u64,
    refused: u64,
    shadow_refused: u64,
    unknown: u64,
    undecided: u64,
}

/// How often the store of counts was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Store {
    answered: u64,
    failed: u64,
    rested: u64,
}

/// How asking the store went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreEvent {
    /// It answered.
    Answered,
    /// It failed, or was too slow.
    Failed,
    /// It was left alone, because it fails.
    Rested,
}

impl Metrics {
    /// Counts what a limit said.
    pub fn limit(&mut self, item: &Item<'_>) {
        let name = item.limit().name.as_str();
        let known = self.limits.contains_key(name) || self.limits.len() < MOST_LIMITS;
        let verdicts = self.limits.entry(if known { name } else { REST }.to_owned()).or_default();
        let counter = match (item.state, item.limit().mode) {
            (Progress::Decided(Verdict::Admitted { .. }, _), _) => &mut verdicts.admitted,
            (Progress::Decided(Verdict::Over { .. }, _), _) => &mut verdicts.over,
            (Progress::Decided(Verdict::Refused { .. }, _) | Progress::Undecided, Mode::Shadow) => {
                &mut verdicts.shadow_refused
            }
            (Progress::Decided(Verdict::Refused { .. }, _), _) => &mut verdicts.refused,
            (Progress::Unknown, _) => &mut verdicts.unknown,
            (Progress::Undecided, _) => &mut verdicts.undecided,
            // Another limit refused before it was asked.
            (Progress::Owed(_) | Progress::Bound, _) => return,
        };
        *counter = counter.saturating_add(1);
    }

    /// Counts how asking the store went.
    pub fn store(&mut self, event: StoreEvent) {
        let counter = match event {
            StoreEvent::Answered => &mut self.store.answered,
            StoreEvent::Failed => &mut self.store.failed,
            StoreEvent::Rested => &mut self.store.rested,
        };
        *counter = counter.saturating_add(1);
    }

    /// Counts what the cache did with a request: one of the words of [`crate::cache::status::Told::word`].
    pub fn cache(&mut self, word: &'static str) {
        let counter = self.cache.entry(word).or_default();
        *counter = counter.saturating_add(1);
    }

    /// Counts a failure of the store of answers.
    pub fn cache_failure(&mut self) {
        self.cache_failures = self.cache_failures.saturating_add(1);
    }

    /// Adds what another instance counted.
    pub fn add(&mut self, other: &Self) {
        for (name, theirs) in &other.limits {
            let ours = self.limits.entry(name.clone()).or_default();
            let Verdicts { admitted, over, refused, shadow_refused, unknown, undecided } = theirs;
            for (sum, more) in [
                (&mut ours.admitted, admitted),
                (&mut ours.over, over),
                (&mut ours.refused, refused),
                (&mut ours.shadow_refused, shadow_refused),
                (&mut ours.unknown, unknown),
                (&mut ours.undecided, undecided),
            ] {
                *sum = sum.saturating_add(*more);
            }
        }
        self.store.answered = self.store.answered.saturating_add(other.store.answered);
        self.store.failed = self.store.failed.saturating_add(other.store.failed);
        self.store.rested = self.store.rested.saturating_add(other.store.rested);
        for (word, count) in &other.cache {
            let sum = self.cache.entry(word).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.cache_failures = self.cache_failures.saturating_add(other.cache_failures);
    }

    /// As Prometheus reads it (text format 0.0.4). Names of limits need no escapes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# HELP tidegate_limit_decisions_total What limits said of requests.\n# TYPE tidegate_limit_decisions_total counter\n",
        );
        for (name, verdicts) in &self.limits {
            for (verdict, count) in [
                ("admitted", verdicts.admitted),
                ("over", verdicts.over),
                ("refused", verdicts.refused),
                ("shadow_refused", verdicts.shadow_refused),
                ("unknown", verdicts.unknown),
                ("undecided", verdicts.undecided),
            ] {
                // Writing to a text cannot fail.
                let _ =
                    writeln!(text, "tidegate_limit_decisions_total{{limit=\"{name}\",verdict=\"{verdict}\"}} {count}");
            }
        }
        text.push_str("# HELP tidegate_limit_store_total How asking the store of counts went.\n# TYPE tidegate_limit_store_total counter\n");
        let Store { answered, failed, rested } = self.store;
        for (outcome, count) in [("answered", answered), ("failed", failed), ("rested", rested)] {
            let _ = writeln!(text, "tidegate_limit_store_total{{outcome=\"{outcome}\"}} {count}");
        }
        text.push_str("# HELP tidegate_cache_requests_total What the cache did with requests.\n# TYPE tidegate_cache_requests_total counter\n");
        for (word, count) in &self.cache {
            let _ = writeln!(text, "tidegate_cache_requests_total{{outcome=\"{word}\"}} {count}");
        }
        text.push_str("# HELP tidegate_cache_store_failures_total How often the store of answers failed.\n# TYPE tidegate_cache_store_failures_total counter\n");
        let _ = writeln!(text, "tidegate_cache_store_failures_total {}", self.cache_failures);
        text
    }
}
