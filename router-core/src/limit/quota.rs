//! A quota as it is configured: an algorithm with its numbers, and the window as clients are told of it.

use super::algorithm::{Concurrency, FixedWindow, InvalidQuota, LeakyBucket, Meter, SlidingLog, SlidingWindow};
use super::calendar::Calendar;
use super::owner::OnOver;
use super::rule::Rule;

/// A quota.
#[derive(Clone, Debug)]
pub struct Quota {
    /// How it is counted.
    pub counting: Counting,
    /// The most that can be had at once: what `q` says (draft-ietf-httpapi-ratelimit-headers-11 section 3.1.1).
    pub units: u64,
    /// In which time so many come back, in whole seconds rounded up: what `w` says. `None` for concurrency.
    pub window_s: Option<u64>,
    /// What happens at its end.
    pub on_over: OnOver,
    /// Tells this quota from others of the same limit, for the memory of an instance.
    pub mark: u64,
}

/// How it is counted.
#[derive(Clone, Debug)]
pub enum Counting {
    /// GCRA and the token bucket.
    Meter(Meter),
    /// The leaky bucket.
    LeakyBucket(LeakyBucket),
    /// Fixed windows.
    FixedWindow {
        /// Units in each.
        quota: u64,
        /// Where they begin.
        windows: Windows,
    },
    /// The sliding window counter.
    SlidingWindow(SlidingWindow),
    /// The sliding log.
    SlidingLog(SlidingLog),
    /// So many at the same time.
    Concurrency(Concurrency),
}

/// Where fixed windows begin.
#[derive(Clone, Debug)]
pub enum Windows {
    /// At multiples of so many milliseconds since 1970.
    Every(u64),
    /// With a day, a month, … of a calendar.
    Calendar(Calendar),
}

impl Windows {
    /// The bounds of the windows around `now_ms`.
    #[must_use]
    pub fn bounds(&self, now_ms: u64) -> [u64; 4] {
        match self {
            Self::Every(length_ms) => FixedWindow::bounds_every(*length_ms, now_ms),
            Self::Calendar(calendar) => calendar.bounds(now_ms),
        }
    }

    /// The nominal length in milliseconds.
    #[must_use]
    pub fn length_ms(&self) -> u64 {
        match self {
            Self::Every(length_ms) => *length_ms,
            Self::Calendar(calendar) => calendar.seconds().saturating_mul(1000),
        }
    }
}

impl Quota {
    /// The rule at `now_ms`.
    ///
    /// # Errors
    /// None that a checked configuration has.
    pub fn rule(&self, now_ms: u64) -> Result<Rule, InvalidQuota> {
        Ok(match &self.counting {
            Counting::Meter(rule) => Rule::Meter(*rule),
            Counting::LeakyBucket(rule) => Rule::LeakyBucket(*rule),
            Counting::FixedWindow { quota, windows } => {
                Rule::FixedWindow(FixedWindow::new(*quota, windows.bounds(now_ms))?)
            }
            Counting::SlidingWindow(rule) => Rule::SlidingWindow(*rule),
            Counting::SlidingLog(rule) => Rule::SlidingLog(*rule),
            Counting::Concurrency(rule) => Rule::Concurrency(*rule),
        })
    }
}
