//! What is counted of a key, whichever algorithm counts.

use crate::limit::algorithm::{Algorithm, Level, Log, Slots, Window, Windows};
use crate::limit::rule::Rule;
use crate::limit::verdict::Standing;

/// The state of an algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// Of a meter or a leaky bucket.
    Level(Level),
    /// Of fixed windows.
    Window(Window),
    /// Of the sliding window counter.
    Windows(Windows),
    /// Of the sliding log.
    Log(Log),
    /// Of concurrency.
    Slots(Slots),
}

/// Calls a function with the algorithm of a rule and the state of the same kind, whichever it is.
macro_rules! each {
    ($rule:expr, $count:expr, |$algorithm:ident, $state:ident| $body:expr, else $otherwise:expr) => {
        match ($rule, $count) {
            (Rule::Meter($algorithm), Count::Level($state)) => $body,
            (Rule::LeakyBucket($algorithm), Count::Level($state)) => $body,
            (Rule::FixedWindow($algorithm), Count::Window($state)) => $body,
            (Rule::SlidingWindow($algorithm), Count::Windows($state)) => $body,
            (Rule::SlidingLog($algorithm), Count::Log($state)) => $body,
            _ => $otherwise,
        }
    };
}

impl Count {
    /// Nothing taken yet.
    #[must_use]
    pub fn none(rule: &Rule) -> Self {
        match rule {
            Rule::Meter(_) | Rule::LeakyBucket(_) => Self::Level(Level::default()),
            Rule::FixedWindow(_) => Self::Window(Window::default()),
            Rule::SlidingWindow(_) => Self::Windows(Windows::default()),
            Rule::SlidingLog(_) => Self::Log(Log::default()),
            Rule::Concurrency(_) => Self::Slots(Slots::default()),
        }
    }

    /// The latest moment that this count has seen. An owner's time never goes back behind it.
    pub(super) fn latest_ms(&self) -> u64 {
        match self {
            Self::Level(level) => level.at_ms,
            Self::Window(window) => window.start_ms,
            Self::Windows(windows) => windows.start_ms,
            Self::Log(log) => log.taken.back().map_or(0, |(at, _)| *at),
            Self::Slots(_) => 0,
        }
    }

    pub(super) fn wait_for(&self, rule: &Rule, units: u64, now_ms: u64) -> Option<u64> {
        each!(rule, self, |algorithm, state| algorithm.wait_for(state, units, now_ms), else None)
    }

    pub(super) fn take(self, rule: &Rule, units: u64, now_ms: u64) -> Self {
        match (rule, self) {
            (Rule::Meter(meter), Self::Level(level)) => Self::Level(meter.take(level, units, now_ms)),
            (Rule::LeakyBucket(bucket), Self::Level(level)) => Self::Level(bucket.take(level, units, now_ms)),
            (Rule::FixedWindow(fixed), Self::Window(window)) => Self::Window(fixed.take(window, units, now_ms)),
            (Rule::SlidingWindow(sliding), Self::Windows(windows)) => {
                Self::Windows(sliding.take(windows, units, now_ms))
            }
            (Rule::SlidingLog(sliding), Self::Log(log)) => Self::Log(sliding.take(log, units, now_ms)),
            (_, count) => count,
        }
    }

    pub(super) fn give_back(self, rule: &Rule, units: u64, taken_ms: u64, now_ms: u64) -> Self {
        match (rule, self) {
            (Rule::Meter(meter), Self::Level(level)) => Self::Level(meter.give_back(level, units, taken_ms, now_ms)),
            (Rule::LeakyBucket(bucket), Self::Level(level)) => {
                Self::Level(bucket.give_back(level, units, taken_ms, now_ms))
            }
            (Rule::FixedWindow(fixed), Self::Window(window)) => {
                Self::Window(fixed.give_back(window, units, taken_ms, now_ms))
            }
            (Rule::SlidingWindow(sliding), Self::Windows(windows)) => {
                Self::Windows(sliding.give_back(windows, units, taken_ms, now_ms))
            }
            (Rule::SlidingLog(sliding), Self::Log(log)) => Self::Log(sliding.give_back(log, units, taken_ms, now_ms)),
            (_, count) => count,
        }
    }

    pub(super) fn remaining(&self, rule: &Rule, now_ms: u64) -> u64 {
        match (rule, self) {
            (Rule::Concurrency(concurrency), Self::Slots(slots)) => concurrency.remaining(slots, now_ms),
            _ => each!(rule, self, |algorithm, state| algorithm.remaining(state, now_ms), else 0),
        }
    }

    pub(super) fn delay_ms(&self, rule: &Rule, now_ms: u64) -> u64 {
        each!(rule, self, |algorithm, state| algorithm.delay_ms(state, now_ms), else 0)
    }

    pub(super) fn standing(&self, rule: &Rule, now_ms: u64) -> Standing {
        match (rule, self) {
            (Rule::Concurrency(concurrency), Self::Slots(slots)) => concurrency.standing(slots, now_ms),
            _ => each!(rule, self, |algorithm, state| algorithm.standing(state, now_ms), else Standing::default()),
        }
    }
}
