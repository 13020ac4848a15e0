//! Time that only goes forward, made of a clock that may not.

use std::time::Duration;

/// A moment on the time line of an [`Elapsed`], in milliseconds.
pub(crate) type Moment = u64;

/// Adds up the steps forward of a clock and leaves out its steps back. A clock that is set back can so never make something young again: what is to
/// end after some time ends at the latest when that time has passed by the clock, however often it is set.
///
/// A moment is never less than the clock's own time, so that a time of day in the past has a moment too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elapsed {
    clock_ms: u64,
    moment: Moment,
}

impl Elapsed {
    /// Begins at this time of the clock.
    pub(crate) fn since(now_ms: u64) -> Self {
        Self { clock_ms: now_ms, moment: now_ms }
    }

    /// The moment at which the clock shows `now_ms`.
    pub(crate) fn at(&mut self, now_ms: u64) -> Moment {
        self.moment = self.moment.saturating_add(now_ms.saturating_sub(self.clock_ms));
        self.clock_ms = now_ms;
        self.moment
    }

    /// The moment at which the clock showed `past_ms`; `None` if that is more than `ahead_ms` to come: another clock cannot be right that is far ahead.
    pub(crate) fn of(&self, past_ms: u64, ahead_ms: u64) -> Option<Moment> {
        if past_ms > self.clock_ms.saturating_add(ahead_ms) {
            return None;
        }
        Some(self.moment.saturating_sub(self.clock_ms.saturating_sub(past_ms)))
    }

    /// What the clock would have shown at `moment` if it had not been set since.
    pub(crate) fn clock_at(&self, moment: Moment) -> u64 {
        self.clock_ms.saturating_sub(self.moment.saturating_sub(moment))
    }
}

/// The moment that comes `wait` after `moment`.
pub(crate) fn after(moment: Moment, wait: Duration) -> Moment {
    moment.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_are_left_out_and_nothing_grows_young() {
        let mut time = Elapsed::since(1000);
        assert_eq!(time.at(1500), 1500);
        assert_eq!(time.at(200), 1500);
        assert_eq!(time.at(300), 1600);
        assert_eq!(time.at(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_time_of_day_has_a_moment_and_back() {
        let mut time = Elapsed::since(1000);
        time.at(500);
        let now = time.at(800);
        assert_eq!(now, 1300);
        assert_eq!(time.of(700, 0), Some(1200));
        assert_eq!(time.clock_at(1200), 700);
        assert_eq!(time.of(850, 60), Some(1300));
        assert_eq!(time.of(861, 60), None);
    }
}
