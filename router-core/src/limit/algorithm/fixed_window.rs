//! Fixed windows: so many units in each, counted from zero when the next one begins.
//!
//! Where windows begin is for whoever asks to say, so that a day may begin at midnight in Berlin: a rule knows the windows around a moment.

use super::{Algorithm, InvalidQuota, LARGEST, LARGEST_QUOTA, LONGEST_WINDOW_MS, checked_quota};

/// So many units in each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedWindow {
    quota: u64,
    /// Where the window before, the present one and the next one begin, and where that ends, in milliseconds since 1970.
    bounds: [u64; 4],
}

/// The state of a [`FixedWindow`]: 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When the window began, in milliseconds since 1970.
    pub start_ms: u64,
    /// Units taken in it.
    pub used: u64,
}

impl FixedWindow {
    /// `quota` units in each of the windows between these bounds, which must ascend (but for the first two, as there is nothing before 1970).
    ///
    /// # Errors
    /// Zero or absurd numbers: see [`InvalidQuota`].
    pub fn new(quota: u64, bounds: [u64; 4]) -> Result<Self, InvalidQuota> {
        let quota = checked_quota(quota, LARGEST_QUOTA)?;
        let [one, two, three, four] = bounds;
        if one <= two && two < three && three < four { Ok(Self { quota, bounds }) } else { Err(InvalidQuota::NoWindow) }
    }

    /// The bounds of windows of one length, in milliseconds, around `now_ms`. They begin at multiples of it since 1970.
    #[must_use]
    pub fn bounds_every(length_ms: u64, now_ms: u64) -> [u64; 4] {
        let length_ms = length_ms.clamp(1, LONGEST_WINDOW_MS);
        let start = now_ms.min(LARGEST - 2 * length_ms) / length_ms * length_ms;
        let end = start + length_ms;
        [start.saturating_sub(length_ms), start, end, end + length_ms]
    }

    /// What a store is told: the quota and the bounds.
    #[must_use]
    pub fn numbers(&self) -> [u64; 5] {
        let [one, two, three, four] = self.bounds;
        [self.quota, one, two, three, four]
    }

    /// The rule of a store's numbers; `None` for what none has.
    #[must_use]
    pub fn from_numbers([quota, one, two, three, four]: [u64; 5]) -> Option<Self> {
        Self::new(quota, [one, two, three, four]).ok()
    }

    /// The quota.
    #[must_use]
    pub fn quota(&self) -> u64 {
        self.quota
    }

    /// Where the window of `now_ms` begins and ends. Whose clock is further off than the bounds reach takes windows to be as long as the outermost: so
    /// those of one length are the same for all, however wrong the clock is of who asks.
    #[must_use]
    pub fn window(&self, now_ms: u64) -> (u64, u64) {
        let [one, two, three, four] = self.bounds;
        let now_ms = now_ms.min(LARGEST - 1);
        if now_ms < one {
            let length = (two - one).max(1);
            let start = one.saturating_sub((one - now_ms).div_ceil(length).saturating_mul(length));
            (start, start.saturating_add(length).min(LARGEST))
        } else if now_ms >= four {
            let length = four - three;
            let start = now_ms - (now_ms - four) % length;
            (start, start.saturating_add(length).min(LARGEST))
        } else if now_ms < two {
            (one, two)
        } else if now_ms < three {
            (two, three)
        } else {
            (three, four)
        }
    }

    /// What is taken in the window of `now_ms`, and when that ends.
    fn at(&self, window: Window, now_ms: u64) -> (Window, u64) {
        let (start_ms, end_ms) = self.window(now_ms.max(window.start_ms));
        if window.start_ms == start_ms { (window, end_ms) } else { (Window { start_ms, used: 0 }, end_ms) }
    }
}

impl Algorithm for FixedWindow {
    type State = Window;

    fn wait_for(&self, window: &Window, units: u64, now_ms: u64) -> Option<u64> {
        if units > self.quota {
            return None;
        }
        let (window, end_ms) = self.at(*window, now_ms);
        let fits = window.used <= self.quota - units;
        Some(if fits { 0 } else { end_ms.saturating_sub(now_ms).max(1) })
    }

    fn take(&self, window: Window, units: u64, now_ms: u64) -> Window {
        let (window, _) = self.at(window, now_ms);
        Window { used: window.used.saturating_add(units).min(LARGEST), ..window }
    }

    fn give_back(&self, window: Window, units: u64, taken_ms: u64, now_ms: u64) -> Window {
        let (window, _) = self.at(window, now_ms);
        if taken_ms < window.start_ms {
            return window;
        }
        Window { used: window.used.saturating_sub(units), ..window }
    }

    fn remaining(&self, window: &Window, now_ms: u64) -> u64 {
        self.quota.saturating_sub(self.at(*window, now_ms).0.used)
    }

    fn full_ms(&self, window: &Window, now_ms: u64) -> u64 {
        let (window, end_ms) = self.at(*window, now_ms);
        if window.used == 0 { 0 } else { end_ms.saturating_sub(now_ms).max(1) }
    }
}
