//! An instance: its memory, which dies with it, and its clocks, which are wrong.

use router_core::limit::key::Seed;
use router_core::limit::{Memory, Now};

use crate::random::Random;

/// When a run begins, in milliseconds since 1970: at the beginning of a window of any length that is simulated.
pub(crate) const BEGIN_MS: u64 = 1_800_000_000_000;

/// A clock is off by at most so many milliseconds.
pub(crate) const MOST_SKEW_MS: i64 = 5_000;

/// A clock is set back by at most so many milliseconds at once.
const MOST_STEP_MS: u64 = 2_000;

/// Places of the network, each with a copy of the key-value store.
pub(crate) const PLACES: u64 = 20;

#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) memory: Memory,
    /// Which life it is: whoever waits for an answer does not survive a restart.
    pub(crate) life: u32,
    pub(crate) place: u64,
    born_ms: u64,
    skew_ms: i64,
}

impl Instance {
    pub(crate) fn new(life: u32, at_us: u64, most_keys: usize, random: &mut Random) -> Self {
        let skew = random.between(0, 2 * MOST_SKEW_MS.unsigned_abs());
        let skew_ms = i64::try_from(skew).unwrap_or_default() - MOST_SKEW_MS;
        let memory = Memory::new(Seed(random.bytes()), most_keys, BEGIN_MS);
        Self { memory, life, place: random.between(0, PLACES - 1), born_ms: at_us / 1000, skew_ms }
    }

    /// Its clocks.
    pub(crate) fn now(&self, at_us: u64) -> Now {
        let unix_ms = (BEGIN_MS + at_us / 1000).saturating_add_signed(self.skew_ms);
        Now { unix_ms, monotonic_ms: at_us / 1000 - self.born_ms }
    }

    /// Its clock is set back, as far as it may be off.
    pub(crate) fn set_back(&mut self, random: &mut Random) {
        let step = i64::try_from(random.between(1, MOST_STEP_MS)).unwrap_or_default();
        self.skew_ms = (self.skew_ms - step).max(-MOST_SKEW_MS);
    }
}
