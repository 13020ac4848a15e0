//! The sliding window counter: what was taken in this window, and of the one before the share that still lies within a window's length.
//!
//! It takes the units of the window before as spread evenly, so that it is exact for even traffic. In any window that begins where it counts, never
//! more than the quota is admitted; over an arbitrary window's length at most twice that, where all of one window came at its end.

use super::{Algorithm, InvalidQuota, LARGEST, checked_quota, checked_window};

/// So many units in a sliding window, by estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlidingWindow {
    quota: u64,
    length_ms: u64,
}

/// The state of a [`SlidingWindow`]: 24 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// When the present window began, in milliseconds since 1970: a multiple of its length.
    pub start_ms: u64,
    /// Units taken in it.
    pub current: u64,
    /// Units taken in the window before.
    pub previous: u64,
}

impl SlidingWindow {
    /// `quota` units in `length_ms`.
    ///
    /// # Errors
    /// Zero or absurd numbers, and quotas that are not counted exactly over so long a window: see [`InvalidQuota`].
    pub fn new(quota: u64, length_ms: u64) -> Result<Self, InvalidQuota> {
        let length_ms = checked_window(length_ms)?;
        // The share is a product of both, which must be exact.
        Ok(Self { quota: checked_quota(quota, LARGEST / length_ms)?, length_ms })
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

    fn most(&self) -> u64 {
        LARGEST / self.length_ms
    }

    /// The windows at `now_ms`, and how far the present one has got.
    fn at(&self, windows: Windows, now_ms: u64) -> (Windows, u64) {
        let now_ms = now_ms.min(LARGEST).max(windows.start_ms);
        let elapsed = now_ms % self.length_ms;
        let start_ms = now_ms - elapsed;
        let windows = if windows.start_ms == start_ms {
            windows
        } else if windows.start_ms.checked_add(self.length_ms) == Some(start_ms) {
            Windows { start_ms, current: 0, previous: windows.current }
        } else {
            Windows { start_ms, current: 0, previous: 0 }
        };
        (windows, elapsed)
    }

    /// How long the share of `taken` in the window before must shrink until it is at most `room`: from the beginning of the present window.
    fn shrunk(&self, taken: u64, room: u64) -> u64 {
        if taken <= room { 0 } else { self.length_ms - room * self.length_ms / taken }
    }

    fn estimate(&self, windows: &Windows, elapsed: u64) -> u64 {
        let share = windows.previous.saturating_mul(self.length_ms - elapsed).div_ceil(self.length_ms);
        share.saturating_add(windows.current)
    }
}

impl Algorithm for SlidingWindow {
    type State = Windows;

    fn wait_for(&self, windows: &Windows, units: u64, now_ms: u64) -> Option<u64> {
        let left = self.quota.checked_sub(units)?;
        let ahead = windows.start_ms.saturating_sub(now_ms);
        let (windows, elapsed) = self.at(*windows, now_ms);
        let wait = match left.checked_sub(windows.current) {
            Some(room) => self.shrunk(windows.previous, room).saturating_sub(elapsed),
            None => self.length_ms - elapsed + self.shrunk(windows.current, left),
        };
        Some(if wait == 0 { 0 } else { wait + ahead })
    }

    fn take(&self, windows: Windows, units: u64, now_ms: u64) -> Windows {
        let (windows, _) = self.at(windows, now_ms);
        Windows { current: windows.current.saturating_add(units).min(self.most()), ..windows }
    }

    fn give_back(&self, windows: Windows, units: u64, taken_ms: u64, now_ms: u64) -> Windows {
        let (windows, _) = self.at(windows, now_ms);
        if taken_ms >= windows.start_ms {
            Windows { current: windows.current.saturating_sub(units), ..windows }
        } else if taken_ms >= windows.start_ms.saturating_sub(self.length_ms) {
            Windows { previous: windows.previous.saturating_sub(units), ..windows }
        } else {
            windows
        }
    }

    fn remaining(&self, windows: &Windows, now_ms: u64) -> u64 {
        let (windows, elapsed) = self.at(*windows, now_ms);
        self.quota.saturating_sub(self.estimate(&windows, elapsed))
    }

    fn full_ms(&self, windows: &Windows, now_ms: u64) -> u64 {
        let ahead = windows.start_ms.saturating_sub(now_ms);
        let (windows, elapsed) = self.at(*windows, now_ms);
        let left = self.length_ms - elapsed;
        match (windows.current, windows.previous) {
            (0, 0) => 0,
            (0, _) => left + ahead,
            (_, _) => left + self.length_ms + ahead,
        }
    }
}
