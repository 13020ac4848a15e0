//! Leaves alone what fails: an issuer, a store.

use std::time::Duration;

use crate::elapsed::{Elapsed, Moment, after};

/// How it is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// After so many failures in a row.
    pub failures: u32,
    /// For how long at first. It doubles with every trial that fails.
    pub shortest: Duration,
    /// For how long at most.
    pub longest: Duration,
    /// A trial that has not ended after this time died with the request that made it: longer than a question may take.
    pub gone: Duration,
}

/// Leaves alone what fails, and then tries it with one question at a time.
#[derive(Debug)]
pub struct Breaker {
    resting: &'static Resting,
    time: Elapsed,
    /// In a row.
    failures: u32,
    /// How often it has opened since the last success.
    openings: u32,
    /// Nobody asks before.
    open_until: Moment,
    /// One is asking; nobody else does before.
    trial_until: Moment,
}

impl Breaker {
    /// Closed: everything is asked.
    #[must_use]
    pub fn new(resting: &'static Resting, now_ms: u64) -> Self {
        Self { resting, time: Elapsed::since(now_ms), failures: 0, openings: 0, open_until: 0, trial_until: 0 }
    }

    /// Lets a question through.
    ///
    /// # Errors
    /// For how long there is no question.
    pub fn admit(&mut self, now_ms: u64) -> Result<(), Duration> {
        let now = self.time.at(now_ms);
        if self.failures < self.resting.failures {
            return Ok(());
        }
        let free = self.open_until.max(self.trial_until);
        if now < free {
            return Err(Duration::from_millis(free - now).max(Duration::from_secs(1)));
        }
        self.trial_until = after(now, self.resting.gone);
        Ok(())
    }

    /// A question was answered.
    pub fn succeeded(&mut self, now_ms: u64) {
        *self = Self::new(self.resting, now_ms);
    }

    /// A question was not answered.
    pub fn failed(&mut self, now_ms: u64) {
        let now = self.time.at(now_ms);
        self.failures = self.failures.saturating_add(1);
        // Questions that were under way when it opened tell nothing new.
        if self.failures >= self.resting.failures && now >= self.open_until {
            self.open_until =
                after(now, self.resting.shortest.saturating_mul(1 << self.openings.min(8)).min(self.resting.longest));
            self.openings = self.openings.saturating_add(1);
            self.trial_until = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GONE: Duration = Duration::from_secs(15);
    const RESTING: Resting =
        Resting { failures: 5, shortest: Duration::from_secs(30), longest: Duration::from_secs(300), gone: GONE };

    #[test]
    fn opens_after_five_failures_in_a_row_and_tries_one_question_at_a_time() {
        let mut breaker = Breaker::new(&RESTING, 0);
        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(breaker.admit(0), Ok(()));
                breaker.failed(0);
            }
            assert_eq!(breaker.admit(0), Ok(()));
            breaker.succeeded(0);
        }
        // Twenty at once fail: one opening.
        (0..20).for_each(|_| assert_eq!(breaker.admit(0), Ok(())));
        (0..20).for_each(|_| breaker.failed(0));
        let mut now = 0;
        for wait in [30, 60, 120, 240, 300, 300] {
            assert_eq!(breaker.admit(now), Err(Duration::from_secs(wait)));
            now += wait * 1000 - 1;
            assert_eq!(breaker.admit(now), Err(Duration::from_secs(1)));
            now += 1;
            assert_eq!(breaker.admit(now), Ok(()), "the trial");
            assert_eq!(breaker.admit(now), Err(GONE), "and no other");
            breaker.failed(now);
        }
        now += 300_000;
        assert_eq!(breaker.admit(now), Ok(()));
        breaker.succeeded(now);
        assert_eq!((breaker.admit(now), breaker.admit(now)), (Ok(()), Ok(())));
    }

    #[test]
    fn a_trial_that_died_is_made_again_and_a_clock_set_back_closes_nothing_for_longer() {
        let mut breaker = Breaker::new(&RESTING, 1_000_000);
        (0..5).for_each(|_| breaker.failed(1_000_000));
        assert_eq!(breaker.admit(1_030_000), Ok(()));
        assert_eq!(breaker.admit(500_000), Err(GONE));
        assert_eq!(breaker.admit(515_000), Ok(()));
    }
}
