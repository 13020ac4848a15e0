//! So many at the same time. Each holds a slot, which ends by itself should its holder never give it back.

use super::{Decision, InvalidQuota, LARGEST, LARGEST_LISTED, Standing, Verdict, checked_quota, checked_window};

/// More slots of one key than are given in a millisecond; the numbers stay below 2^53 until the year 2248.
const SLOTS_A_MS: u64 = 1 << 10;

/// So many slots, each held for at most so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    slots: u64,
    hold_ms: u64,
}

/// The state of a [`Concurrency`]: 8 bytes, and 16 for each slot that is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// The number of the slot that was given last. None is given twice.
    pub last: u64,
    /// Number and end of each, in milliseconds since 1970.
    pub held: Vec<(u64, u64)>,
}

impl Slots {
    /// From when on no number comes again even if these are forgotten.
    pub(in crate::limit) fn forgettable_ms(&self) -> u64 {
        if self.last == 0 { 0 } else { self.last / SLOTS_A_MS + 1 }
    }
}

impl Concurrency {
    /// `slots` (at most [`LARGEST_LISTED`]), each held for at most `hold_ms`.
    ///
    /// # Errors
    /// Zero or absurd numbers: see [`InvalidQuota`].
    pub fn new(slots: u64, hold_ms: u64) -> Result<Self, InvalidQuota> {
        Ok(Self { slots: checked_quota(slots, LARGEST_LISTED)?, hold_ms: checked_window(hold_ms)? })
    }

    /// What a store is told: the slots, and for how long one is held in milliseconds.
    #[must_use]
    pub fn numbers(&self) -> [u64; 2] {
        [self.slots, self.hold_ms]
    }

    /// The rule of a store's numbers; `None` for what none has.
    #[must_use]
    pub fn from_numbers([slots, hold_ms]: [u64; 2]) -> Option<Self> {
        Self::new(slots, hold_ms).ok()
    }

    /// Takes a slot if one is free. Its number comes with it.
    #[must_use]
    pub fn acquire(&self, slots: Slots, now_ms: u64) -> (Decision, Option<u64>, Slots) {
        let mut slots = forget(slots, now_ms);
        let slot = (self.remaining(&slots, now_ms) > 0).then(|| {
            // Numbers grow with time, so that none comes again even where nothing is left of the state it was in.
            slots.last = slots.last.saturating_add(1).max(now_ms.saturating_mul(SLOTS_A_MS)).min(LARGEST);
            slots.held.push((slots.last, now_ms.saturating_add(self.hold_ms).min(LARGEST)));
            slots.last
        });
        let verdict = match slot {
            Some(_) => Verdict::Admitted { delay_ms: 0 },
            None => Verdict::Refused { retry_ms: Some(self.standing(&slots, now_ms).next_ms) },
        };
        (Decision { verdict, standing: self.standing(&slots, now_ms) }, slot, slots)
    }

    /// Gives `slot` back. One that has ended, or that nobody holds, changes nothing.
    #[must_use]
    pub fn release(&self, slots: Slots, slot: u64, now_ms: u64) -> Slots {
        let mut slots = forget(slots, now_ms);
        slots.held.retain(|(number, _)| *number != slot);
        slots
    }

    /// How many can be had now.
    #[must_use]
    pub fn remaining(&self, slots: &Slots, now_ms: u64) -> u64 {
        let held = slots.held.iter().filter(|(_, end)| *end > now_ms).count() as u64;
        self.slots.saturating_sub(held)
    }

    /// How the count stands. When a slot comes back is not known, only when it ends by itself.
    #[must_use]
    pub fn standing(&self, slots: &Slots, now_ms: u64) -> Standing {
        let ends = || slots.held.iter().map(|(_, end)| end.saturating_sub(now_ms)).filter(|left| *left > 0);
        // Where slots became fewer, more may be held than there are, and the first that end make no room.
        let too_many = ends().count().saturating_sub(usize::try_from(self.slots).unwrap_or(usize::MAX));
        let next_ms = if too_many == 0 { ends().min() } else { nth(ends(), too_many) };
        Standing {
            remaining: self.remaining(slots, now_ms),
            next_ms: next_ms.unwrap_or(0),
            full_ms: ends().max().unwrap_or(0),
        }
    }
}

/// The one that so many are before.
fn nth(ends: impl Iterator<Item = u64>, before: usize) -> Option<u64> {
    let mut ends: Vec<u64> = ends.collect();
    ends.sort_unstable();
    ends.get(before).copied()
}

fn forget(mut slots: Slots, now_ms: u64) -> Slots {
    slots.held.retain(|(_, end)| *end > now_ms);
    slots
}
