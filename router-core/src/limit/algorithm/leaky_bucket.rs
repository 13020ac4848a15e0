//! The leaky bucket as a queue: requests go on one after the other, evenly spaced, and whoever would wait too long is refused.
//!
//! No queue is kept: how far the level has still to fall is how long the next one waits (Turner 1986, "the leaky bucket").

use super::{Algorithm, InvalidQuota, LARGEST, Level, Meter, checked_quota};

/// The longest wait: a client rarely waits longer, and every one that waits holds a connection.
const LONGEST_WAIT_MS: u64 = 60_000;

/// The most parts that drain in a millisecond. Those of the longest line are half of what a level can be, so that it rises above it by any request of
/// up to the quota: a level that could not would let everybody get in line.
const MOST_DRAINED: u64 = (LARGEST >> 1) / LONGEST_WAIT_MS;

/// So many units in a window go on, evenly spaced; each waits for its turn, at most for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeakyBucket {
    meter: Meter,
    most_wait_ms: u64,
}

impl LeakyBucket {
    /// `quota` units go on in `window_ms`, and nobody waits longer than `most_wait_ms` (at most a minute).
    ///
    /// # Errors
    /// Zero or absurd numbers: see [`InvalidQuota`].
    pub fn new(quota: u64, window_ms: u64, most_wait_ms: u64) -> Result<Self, InvalidQuota> {
        checked_quota(most_wait_ms.max(1), LONGEST_WAIT_MS)?;
        let meter = Meter::new(quota, window_ms, quota)?;
        let [drain, ..] = meter.numbers();
        checked_quota(drain, MOST_DRAINED)?;
        Ok(Self { meter, most_wait_ms })
    }

    /// What a store is told: the numbers of its meter, and the longest wait in milliseconds.
    #[must_use]
    pub fn numbers(&self) -> [u64; 4] {
        let [drain, unit, burst] = self.meter.numbers();
        [drain, unit, burst, self.most_wait_ms]
    }

    /// The bucket of a store's numbers; `None` for what none has.
    #[must_use]
    pub fn from_numbers([drain, unit, burst, most_wait_ms]: [u64; 4]) -> Option<Self> {
        let meter = Meter::from_numbers([drain, unit, burst])?;
        (most_wait_ms <= LONGEST_WAIT_MS && drain <= MOST_DRAINED).then_some(Self { meter, most_wait_ms })
    }

    /// The meter below it.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// How high the level may be when somebody comes.
    fn most_parts(&self) -> u64 {
        let [drain, ..] = self.meter.numbers();
        self.most_wait_ms.saturating_mul(drain)
    }
}

impl Algorithm for LeakyBucket {
    type State = Level;

    fn wait_for(&self, level: &Level, _: u64, now_ms: u64) -> Option<u64> {
        let parts = self.meter.drained(*level, now_ms).parts;
        Some(self.meter.time_to_drain(parts.saturating_sub(self.most_parts())))
    }

    fn take(&self, level: Level, units: u64, now_ms: u64) -> Level {
        self.meter.take(level, units, now_ms)
    }

    fn give_back(&self, level: Level, units: u64, taken_ms: u64, now_ms: u64) -> Level {
        self.meter.give_back(level, units, taken_ms, now_ms)
    }

    fn refused(&self, level: Level, now_ms: u64) -> Level {
        self.meter.refused(level, now_ms)
    }

    /// How many more can get in line now.
    fn remaining(&self, level: &Level, now_ms: u64) -> u64 {
        let parts = self.meter.drained(*level, now_ms).parts;
        match self.most_parts().checked_sub(parts) {
            None => 0,
            Some(room) => room / self.meter.unit() + 1,
        }
    }

    fn full_ms(&self, level: &Level, now_ms: u64) -> u64 {
        self.meter.full_ms(level, now_ms)
    }

    fn delay_ms(&self, level: &Level, now_ms: u64) -> u64 {
        self.full_ms(level, now_ms)
    }

    fn standing(&self, level: &Level, now_ms: u64) -> super::Standing {
        let remaining = self.remaining(level, now_ms);
        // Whoever can get in line need not wait for that.
        let next_ms = self.wait_for(level, 1, now_ms).unwrap_or(0);
        super::Standing { remaining, next_ms, full_ms: self.full_ms(level, now_ms) }
    }
}
