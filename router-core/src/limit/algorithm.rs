//! What every algorithm is: pure functions of a state, a quota, a cost and the time.
//!
//! All numbers are whole and below 2^53, so that the same arithmetic is exact in Rust, in Lua (whose numbers are doubles) and in JavaScript.

mod concurrency;
mod fixed_window;
mod leaky_bucket;
mod meter;
mod sliding_log;
mod sliding_window;
#[cfg(test)]
mod tests;

use std::fmt;

pub use concurrency::{Concurrency, Slots};
pub use fixed_window::{FixedWindow, Window};
pub use leaky_bucket::LeakyBucket;
pub use meter::{Level, Meter};
pub use sliding_log::{Log, SlidingLog};
pub use sliding_window::{SlidingWindow, Windows};

use super::verdict::{Decision, Standing, Verdict};

/// The largest number that all stores hold exactly.
pub const LARGEST: u64 = (1 << 53) - 1;

/// The largest quota and burst: about 10^12 units. A terabyte a window is more than any gateway passes; what is larger is a slip of the pen.
pub const LARGEST_QUOTA: u64 = 1 << 40;

/// The longest window: 366 days, as long as the longest duration of a configuration.
pub const LONGEST_WINDOW_MS: u64 = 366 * 24 * 3600 * 1000;

/// The largest quota of algorithms that keep an entry for each request (sliding log, concurrency). It bounds a state to 64 KiB.
pub const LARGEST_LISTED: u64 = 4096;

/// How requests are counted. A state that is `Default` is one of which nothing has been taken.
///
/// The clock may stand still and may step back: then no time has passed, and nothing becomes free.
pub trait Algorithm {
    /// What is remembered of a key.
    type State: Default;

    /// After how many milliseconds `units` can be had, if nobody else takes any: 0 for now, `None` for never.
    fn wait_for(&self, state: &Self::State, units: u64, now_ms: u64) -> Option<u64>;

    /// Takes `units`, whether they are there or not.
    #[must_use]
    fn take(&self, state: Self::State, units: u64, now_ms: u64) -> Self::State;

    /// Gives back `units` that were taken at `taken_ms`, as far as they still count: never more than what is taken now.
    #[must_use]
    fn give_back(&self, state: Self::State, units: u64, taken_ms: u64, now_ms: u64) -> Self::State;

    /// How many units can be had now.
    fn remaining(&self, state: &Self::State, now_ms: u64) -> u64;

    /// Milliseconds until all units can be had, if nobody takes any: from then on the state counts for nothing.
    fn full_ms(&self, state: &Self::State, now_ms: u64) -> u64;

    /// How long whoever comes now waits for its turn, in milliseconds.
    fn delay_ms(&self, state: &Self::State, now_ms: u64) -> u64 {
        let _ = (state, now_ms);
        0
    }

    /// What becomes of the state where nothing can be taken from it.
    #[must_use]
    fn refused(&self, state: Self::State, now_ms: u64) -> Self::State {
        let _ = now_ms;
        state
    }

    /// How the count stands.
    fn standing(&self, state: &Self::State, now_ms: u64) -> Standing {
        let remaining = self.remaining(state, now_ms);
        let full_ms = self.full_ms(state, now_ms);
        let next = self.wait_for(state, remaining.saturating_add(1), now_ms);
        Standing { remaining, next_ms: next.unwrap_or(full_ms), full_ms }
    }

    /// Takes `cost` units if they can be had.
    fn charge(&self, state: Self::State, cost: u64, now_ms: u64) -> (Decision, Self::State) {
        let wait = self.wait_for(&state, cost, now_ms);
        let (verdict, state) = if wait == Some(0) {
            let delay_ms = self.delay_ms(&state, now_ms);
            (Verdict::Admitted { delay_ms }, self.take(state, cost, now_ms))
        } else {
            (Verdict::Refused { retry_ms: wait }, self.refused(state, now_ms))
        };
        (Decision { verdict, standing: self.standing(&state, now_ms) }, state)
    }
}

/// Why a quota cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidQuota {
    /// Nothing would ever be admitted.
    Zero,
    /// More than [`LARGEST_QUOTA`], or the most that the algorithm can keep exactly.
    TooLarge {
        /// The largest that is possible here.
        most: u64,
    },
    /// A window of no time.
    NoWindow,
    /// Longer than [`LONGEST_WINDOW_MS`].
    WindowTooLong,
    /// The burst is so much larger than what comes back in a window that the rate could not be kept exactly.
    BurstTooLarge,
}

impl fmt::Display for InvalidQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("expected at least 1: a quota of 0 would refuse everything"),
            Self::TooLarge { most } => write!(f, "expected at most {most}"),
            Self::NoWindow => f.write_str("expected a window longer than 0: in no time there is no quota"),
            Self::WindowTooLong => f.write_str("expected a window of at most 366 days"),
            Self::BurstTooLarge => f.write_str("the burst is too large for so low a rate"),
        }
    }
}

impl std::error::Error for InvalidQuota {}

/// A quota of an algorithm that can count up to `most`.
fn checked_quota(quota: u64, most: u64) -> Result<u64, InvalidQuota> {
    let most = most.min(LARGEST_QUOTA);
    match quota {
        0 => Err(InvalidQuota::Zero),
        quota if quota > most => Err(InvalidQuota::TooLarge { most }),
        quota => Ok(quota),
    }
}

fn checked_window(window_ms: u64) -> Result<u64, InvalidQuota> {
    match window_ms {
        0 => Err(InvalidQuota::NoWindow),
        LONGEST_WINDOW_MS.. if window_ms > LONGEST_WINDOW_MS => Err(InvalidQuota::WindowTooLong),
        window_ms => Ok(window_ms),
    }
}
