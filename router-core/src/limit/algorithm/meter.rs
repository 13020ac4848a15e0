//! GCRA and the token bucket: one meter, read from two ends.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A) keeps a theoretical arrival time, the token bucket the tokens that are left. Both are the
//! same count: a level that rises by what is taken and falls evenly with time. The annex gives the two forms beside each other and shows that they
//! agree; here the level is kept (its "continuous-state leaky bucket"), as it stays exact with whole numbers.
//!
//! A level is counted in parts of a unit that are chosen so that a whole number of them drains in a millisecond: with 100 units a minute a unit has
//! 600 parts, one of which drains each millisecond. Nothing is rounded, so nothing drifts.

use super::{Algorithm, InvalidQuota, LARGEST, LARGEST_QUOTA, checked_quota, checked_window};

/// A full meter is at most so many parts, which leaves one bit for debts.
const MOST_PARTS: u64 = 1 << 52;

/// With fewer parts that drain in a millisecond, leaving out a fraction of one would change the rate by more than a thousandth.
const FEWEST_DRAINED: u64 = 1000;

/// So many units in a window come back, evenly; at most `burst` can be had at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Parts that drain in a millisecond.
    drain: u64,
    /// Parts of a unit.
    unit: u64,
    burst: u64,
}

/// The state of a [`Meter`]: 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// When the level was this, in milliseconds.
    pub at_ms: u64,
    /// In parts of a unit.
    pub parts: u64,
}

impl Meter {
    /// `quota` units come back in `window_ms`, and up to `burst` can be had at once.
    ///
    /// # Errors
    /// Zero or absurd numbers, or a burst that takes ages to come back: see [`InvalidQuota`].
    pub fn new(quota: u64, window_ms: u64, burst: u64) -> Result<Self, InvalidQuota> {
        let quota = checked_quota(quota, LARGEST_QUOTA)?;
        let burst = checked_quota(burst, LARGEST_QUOTA)?;
        let window_ms = checked_window(window_ms)?;
        let common = gcd(quota, window_ms);
        let (drain, unit) = (quota / common, window_ms / common);
        if burst.checked_mul(unit).is_some_and(|parts| parts <= MOST_PARTS) {
            return Ok(Self { drain, unit, burst });
        }
        // So many units in so odd a window would need finer parts than there is room for. The rate is made a little slower, never faster.
        let unit = MOST_PARTS / burst;
        let drain = u64::try_from(u128::from(quota) * u128::from(unit) / u128::from(window_ms)).unwrap_or(0);
        if drain < FEWEST_DRAINED { Err(InvalidQuota::BurstTooLarge) } else { Ok(Self { drain, unit, burst }) }
    }

    pub(super) fn of_parts(drain: u64, unit: u64, burst: u64) -> Option<Self> {
        (drain > 0 && unit > 0 && burst > 0).then_some(Self { drain, unit, burst })
    }

    /// What a store is told: parts that drain in a millisecond, parts of a unit, units that can be had at once.
    #[must_use]
    pub fn numbers(&self) -> [u64; 3] {
        [self.drain, self.unit, self.burst]
    }

    /// The meter of a store's numbers; `None` for what none has.
    #[must_use]
    pub fn from_numbers([drain, unit, burst]: [u64; 3]) -> Option<Self> {
        let fits = burst.checked_mul(unit).is_some_and(|parts| parts <= MOST_PARTS);
        if fits { Self::of_parts(drain, unit, burst) } else { None }
    }

    /// The level of a meter whose unit has so many parts, in parts of this one: at least as high.
    #[must_use]
    pub fn converted(&self, level: Level, unit: u64) -> Level {
        if unit == self.unit || unit == 0 {
            return level;
        }
        let empty = Level { at_ms: level.at_ms, parts: 0 };
        self.raised(empty, level.parts.div_ceil(unit))
    }

    /// Parts of a unit.
    #[must_use]
    pub fn unit(&self) -> u64 {
        self.unit
    }

    fn full(&self) -> u64 {
        self.burst * self.unit
    }

    #[inline]
    pub(super) fn drained(&self, level: Level, now_ms: u64) -> Level {
        // A clock that was set back gives nothing, and counts on from where it is.
        let now_ms = now_ms.min(LARGEST);
        let drained = now_ms.saturating_sub(level.at_ms).saturating_mul(self.drain);
        Level { at_ms: now_ms, parts: level.parts.saturating_sub(drained) }
    }

    #[inline]
    pub(super) fn raised(&self, level: Level, units: u64) -> Level {
        let room = LARGEST.saturating_sub(level.parts) / self.unit;
        let parts = if units > room { LARGEST } else { level.parts + units * self.unit };
        Level { parts, ..level }
    }

    #[inline]
    pub(super) fn time_to_drain(&self, parts: u64) -> u64 {
        parts.div_ceil(self.drain)
    }
}

impl Algorithm for Meter {
    type State = Level;

    #[inline]
    fn wait_for(&self, level: &Level, units: u64, now_ms: u64) -> Option<u64> {
        if units > self.burst {
            return None;
        }
        // Not the sum of both beside what is full: with debts it can be more than is held exactly.
        let room = self.full() - units * self.unit;
        Some(self.time_to_drain(self.drained(*level, now_ms).parts.saturating_sub(room)))
    }

    #[inline]
    fn take(&self, level: Level, units: u64, now_ms: u64) -> Level {
        self.raised(self.drained(level, now_ms), units)
    }

    fn give_back(&self, level: Level, units: u64, _: u64, now_ms: u64) -> Level {
        let level = self.drained(level, now_ms);
        Level { parts: level.parts.saturating_sub(units.saturating_mul(self.unit)), ..level }
    }

    /// A refusal has seen the time as well: else whoever is refused when a clock is set back would be until it is where it was.
    #[inline]
    fn refused(&self, level: Level, now_ms: u64) -> Level {
        self.drained(level, now_ms)
    }

    #[inline]
    fn remaining(&self, level: &Level, now_ms: u64) -> u64 {
        self.full().saturating_sub(self.drained(*level, now_ms).parts) / self.unit
    }

    #[inline]
    fn full_ms(&self, level: &Level, now_ms: u64) -> u64 {
        self.time_to_drain(self.drained(*level, now_ms).parts)
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}
