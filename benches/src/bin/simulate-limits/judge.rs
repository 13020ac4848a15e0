//! What an algorithm promises by its definition, held against what was admitted: the most that any interval had too much.
//!
//! This is written from the definitions and not with the code that it judges.

use std::collections::{BTreeMap, VecDeque};

use router_core::limit::Rule;

/// Watches what is admitted of one key.
#[derive(Debug)]
pub(crate) struct Judge {
    watched: Watched,
    /// Units that the worst interval has had too much.
    worst: u64,
}

#[derive(Debug)]
enum Watched {
    /// In any interval at most the burst, and what comes back in its time.
    Meter { drain: u128, unit: u128, burst: u128, at_ms: u64, parts: u128 },
    /// So many in each window, by its start.
    Fixed { quota: u64, length_ms: u64, used: BTreeMap<u64, u64> },
    /// By the estimate: of the window before the share that is still within reach.
    Sliding { quota: u64, length_ms: u64, start_ms: u64, current: u64, previous: u64 },
    /// So many in any window's length.
    Log { quota: u64, length_ms: u64, taken: VecDeque<(u64, u64)>, sum: u64 },
}

/// Windows of the past that are still counted: clocks differ by a few seconds.
const PAST_WINDOWS: usize = 4;

impl Judge {
    /// Nothing admitted yet. `None` for rules that are not simulated.
    pub(crate) fn new(rule: &Rule) -> Option<Self> {
        let watched = match rule {
            Rule::Meter(meter) => {
                let [drain, unit, burst] = meter.numbers().map(u128::from);
                Watched::Meter { drain, unit, burst, at_ms: 0, parts: 0 }
            }
            Rule::FixedWindow(fixed) => {
                let [quota, _, start, end, _] = fixed.numbers();
                Watched::Fixed { quota, length_ms: end - start, used: BTreeMap::new() }
            }
            Rule::SlidingWindow(sliding) => {
                let [quota, length_ms] = sliding.numbers();
                Watched::Sliding { quota, length_ms, start_ms: 0, current: 0, previous: 0 }
            }
            Rule::SlidingLog(log) => {
                let [quota, length_ms] = log.numbers();
                Watched::Log { quota, length_ms, taken: VecDeque::new(), sum: 0 }
            }
            Rule::LeakyBucket(_) | Rule::Concurrency(_) => return None,
        };
        Some(Self { watched, worst: 0 })
    }

    pub(crate) fn worst(&self) -> u64 {
        self.worst
    }

    /// `units` were admitted at `now_ms`. Only windows can go back in time. How many there are too many now.
    pub(crate) fn admitted(&mut self, units: u64, now_ms: u64) -> u64 {
        let over = match &mut self.watched {
            Watched::Meter { drain, unit, burst, at_ms, parts } => {
                let drained = u128::from(now_ms.saturating_sub(*at_ms)) * *drain;
                *parts = parts.saturating_sub(drained) + u128::from(units) * *unit;
                *at_ms = now_ms.max(*at_ms);
                u64::try_from(parts.saturating_sub(*burst * *unit).div_ceil(*unit)).unwrap_or(u64::MAX)
            }
            Watched::Fixed { quota, length_ms, used } => {
                let start_ms = now_ms - now_ms % *length_ms;
                let sum = used.entry(start_ms).or_default();
                *sum += units;
                let over = sum.saturating_sub(*quota);
                if used.len() > PAST_WINDOWS {
                    used.pop_first();
                }
                over
            }
            Watched::Sliding { quota, length_ms, start_ms, current, previous } => {
                let now_ms = now_ms.max(*start_ms);
                let elapsed = now_ms % *length_ms;
                while *start_ms + *length_ms <= now_ms {
                    let skipped = now_ms - *start_ms >= 2 * *length_ms;
                    *start_ms = if skipped { now_ms - elapsed - *length_ms } else { *start_ms + *length_ms };
                    (*previous, *current) = if skipped { (0, 0) } else { (*current, 0) };
                }
                *current += units;
                (*current + (*previous * (*length_ms - elapsed)).div_ceil(*length_ms)).saturating_sub(*quota)
            }
            Watched::Log { quota, length_ms, taken, sum } => {
                while let Some((_, old)) = taken.pop_front_if(|(at, _)| *at + *length_ms <= now_ms) {
                    *sum -= old;
                }
                taken.push_back((now_ms, units));
                *sum += units;
                sum.saturating_sub(*quota)
            }
        };
        self.worst = self.worst.max(over);
        over
    }
}

#[cfg(test)]
mod tests {
    use router_core::limit::algorithm::{FixedWindow, Meter, SlidingLog, SlidingWindow};

    use super::*;

    fn over(rule: Rule, admitted: &[(u64, u64)]) -> Vec<u64> {
        let mut judge = Judge::new(&rule).unwrap();
        admitted.iter().map(|(at, units)| judge.admitted(*units, *at)).collect()
    }

    #[test]
    fn it_finds_what_is_too_much_by_each_definition_and_nothing_else() {
        // 10 a second, 3 at once.
        let meter = Rule::Meter(Meter::new(10, 1000, 3).unwrap());
        assert_eq!(over(meter, &[(1000, 3), (1100, 1), (1199, 1), (1200, 1), (1400, 2)]), [0, 0, 1, 1, 1]);
        let fixed = Rule::FixedWindow(FixedWindow::new(2, FixedWindow::bounds_every(1000, 0)).unwrap());
        assert_eq!(over(fixed, &[(999, 2), (1000, 2), (999, 1), (1999, 1)]), [0, 0, 1, 1]);
        let sliding = Rule::SlidingWindow(SlidingWindow::new(10, 1000).unwrap());
        assert_eq!(
            over(sliding, &[(500, 10), (1500, 5), (1600, 1), (1601, 1), (9000, 10), (9999, 1)]),
            [0, 0, 0, 1, 0, 1]
        );
        let log = Rule::SlidingLog(SlidingLog::new(2, 1000).unwrap());
        assert_eq!(over(log, &[(500, 1), (600, 1), (1499, 1), (1500, 1), (2600, 2)]), [0, 0, 1, 1, 0]);
    }
}
