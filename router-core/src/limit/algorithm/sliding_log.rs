//! The sliding log: the time of every unit taken, so that no window of the length ever has more than the quota, wherever it begins.

use std::collections::VecDeque;

use super::{Algorithm, InvalidQuota, LARGEST, LARGEST_LISTED, checked_quota, checked_window};

/// So many units in any window of the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlidingLog {
    quota: u64,
    length_ms: u64,
}

/// The state of a [`SlidingLog`]: 16 bytes for each millisecond in which something was taken, at most [`LARGEST_LISTED`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// When, in milliseconds since 1970, and how many units; the oldest first.
    pub taken: VecDeque<(u64, u64)>,
}

impl Log {
    fn sum(&self) -> u64 {
        self.taken.iter().fold(0, |sum: u64, (_, units)| sum.saturating_add(*units))
    }
}

impl SlidingLog {
    /// `quota` units (at most [`LARGEST_LISTED`]) in any `length_ms`.
    ///
    /// # Errors
    /// Zero or absurd numbers: see [`InvalidQuota`].
    pub fn new(quota: u64, length_ms: u64) -> Result<Self, InvalidQuota> {
        Ok(Self { quota: checked_quota(quota, LARGEST_LISTED)?, length_ms: checked_window(length_ms)? })
    }

    /// What a store is told: the quota, and the length in milliseconds.
    #[must_use]
    pub fn numbers(&self) -> [u64; 2] {
        [self.quota, self.length_ms]
    }

    /// The rule of a store's numbers; `None` for what none has.
    #[must_use]
    pub fn from_numbers([quota, length_ms]: [u64; 2]) -> Option<Self> {
        Self::new(quota, length_ms).ok()
    }

    /// The present moment, which is never before the last one that was seen.
    fn moment(log: &Log, now_ms: u64) -> u64 {
        let now_ms = now_ms.min(LARGEST);
        log.taken.back().map_or(now_ms, |(at, _)| now_ms.max(*at))
    }

    fn live<'l>(&self, log: &'l Log, now_ms: u64) -> impl Iterator<Item = &'l (u64, u64)> + use<'l> {
        let (now_ms, length_ms) = (Self::moment(log, now_ms), self.length_ms);
        log.taken.iter().skip_while(move |(at, _)| at.saturating_add(length_ms) <= now_ms)
    }

    fn used(&self, log: &Log, now_ms: u64) -> u64 {
        self.live(log, now_ms).fold(0, |sum: u64, (_, units)| sum.saturating_add(*units))
    }

    fn forget(&self, mut log: Log, now_ms: u64) -> Log {
        let now_ms = Self::moment(&log, now_ms);
        while log.taken.front().is_some_and(|(at, _)| at.saturating_add(self.length_ms) <= now_ms) {
            log.taken.pop_front();
        }
        log
    }
}

impl Algorithm for SlidingLog {
    type State = Log;

    fn wait_for(&self, log: &Log, units: u64, now_ms: u64) -> Option<u64> {
        let room = self.quota.checked_sub(units)?;
        let mut used = self.used(log, now_ms);
        if used <= room {
            return Some(0);
        }
        for (at, units) in self.live(log, now_ms) {
            used = used.saturating_sub(*units);
            if used <= room {
                return Some(at.saturating_add(self.length_ms).saturating_sub(now_ms).max(1));
            }
        }
        None
    }

    fn take(&self, log: Log, units: u64, now_ms: u64) -> Log {
        let mut log = self.forget(log, now_ms);
        let now_ms = Self::moment(&log, now_ms);
        let units = units.min(LARGEST.saturating_sub(log.sum()));
        match log.taken.back_mut() {
            Some((at, taken)) if *at == now_ms => *taken = taken.saturating_add(units),
            _ if units > 0 => log.taken.push_back((now_ms, units)),
            _ => {}
        }
        // Units that were taken without being there could make more entries than there are units. The oldest go together, as if they were younger.
        while log.taken.len() as u64 > LARGEST_LISTED {
            if let Some((_, units)) = log.taken.pop_front()
                && let Some((_, first)) = log.taken.front_mut()
            {
                *first = first.saturating_add(units);
            }
        }
        log
    }

    fn give_back(&self, log: Log, units: u64, taken_ms: u64, now_ms: u64) -> Log {
        let mut log = self.forget(log, now_ms);
        if let Some(entry) = log.taken.iter_mut().find(|(at, _)| *at == taken_ms) {
            entry.1 = entry.1.saturating_sub(units);
        }
        log.taken.retain(|(_, units)| *units > 0);
        log
    }

    fn remaining(&self, log: &Log, now_ms: u64) -> u64 {
        self.quota.saturating_sub(self.used(log, now_ms))
    }

    fn full_ms(&self, log: &Log, now_ms: u64) -> u64 {
        match self.live(log, now_ms).last() {
            Some((at, _)) => at.saturating_add(self.length_ms).saturating_sub(now_ms).max(1),
            None => 0,
        }
    }
}
