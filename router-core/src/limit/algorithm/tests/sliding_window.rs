//! The sliding window counter: its estimate, recomputed from the log.

use super::*;

fn cases() -> impl Strategy<Value = (Rate, Vec<Arrival>)> {
    let large = rates(LARGEST_QUOTA).prop_map(|Rate { quota, window_ms }| {
        // As large as can be counted exactly over so long a window.
        Rate { quota: quota.min(LARGEST / window_ms), window_ms }
    });
    prop_oneof![small_rates(), large].prop_flat_map(|rate| (Just(rate), arrivals(rate)))
}

/// All that was taken.
struct Definition {
    rate: Rate,
    taken: Vec<(u64, u64)>,
}

impl Definition {
    fn in_window(&self, index: u64) -> u64 {
        let same = self.taken.iter().filter(|(at, _)| at / self.rate.window_ms == index);
        same.map(|(_, units)| units).sum()
    }

    /// This window's units, and of those before the share that is left, rounded up.
    fn estimate(&self, now_ms: u64) -> u64 {
        let (index, elapsed) = (now_ms / self.rate.window_ms, now_ms % self.rate.window_ms);
        let before = index.checked_sub(1).map_or(0, |before| self.in_window(before));
        let share = u128::from(before) * u128::from(self.rate.window_ms - elapsed);
        u64::try_from(share.div_ceil(u128::from(self.rate.window_ms))).unwrap() + self.in_window(index)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn admits_exactly_what_the_estimate_leaves_and_no_window_has_more_than_the_quota(
        (rate, arrivals) in cases(), begin in beginnings(),
    ) {
        let sliding = SlidingWindow::new(rate.quota, rate.window_ms).unwrap();
        let (mut definition, mut windows, mut now) = (Definition { rate, taken: Vec::new() }, Windows::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let estimate = definition.estimate(now);
            let (decision, next) = sliding.charge(windows, cost, now);
            prop_assert_eq!(decision.verdict.admits(), estimate + cost <= rate.quota, "{} at {}", cost, now);
            if decision.verdict.admits() {
                definition.taken.push((now, cost));
            }
            prop_assert_eq!(decision.standing.remaining, rate.quota - definition.estimate(now));
            windows = next;
        }
        for (at, _) in &definition.taken {
            prop_assert!(definition.in_window(at / rate.window_ms) <= rate.quota);
            // The head of the module: twice the quota over any other stretch of a window's length.
            let stretch = definition.taken.iter().filter(|(other, _)| (*at..at + rate.window_ms).contains(other));
            prop_assert!(stretch.map(|(_, units)| units).sum::<u64>() <= 2 * rate.quota);
        }
    }

    #[test]
    fn what_is_given_back_makes_room_in_its_own_window_as_far_as_that_counts(
        (rate, arrivals) in cases(), begin in beginnings(),
        back in prop::collection::vec((0..4_u64, 0..3_usize), 60), forced in prop::collection::vec(any::<bool>(), 60),
    ) {
        let sliding = SlidingWindow::new(rate.quota, rate.window_ms).unwrap();
        let (mut definition, mut windows, mut now) = (Definition { rate, taken: Vec::new() }, Windows::default(), begin);
        for ((Arrival { after_ms, cost }, (back, which)), forced) in arrivals.into_iter().zip(back).zip(forced) {
            now += after_ms;
            let estimate = definition.estimate(now);
            let (decision, mut next) = sliding.charge(windows, cost, now);
            let admitted = decision.verdict.admits();
            prop_assert_eq!(admitted, estimate + cost <= rate.quota, "{} at {}", cost, now);
            // Half of those who are refused take all the same.
            let debt = definition.in_window(now / rate.window_ms) + cost;
            if forced && !admitted && debt <= LARGEST / rate.window_ms {
                next = sliding.take(next, cost, now);
                definition.taken.push((now, cost));
            } else if admitted {
                definition.taken.push((now, cost));
            }
            let taken_ms = definition.taken.iter().rev().nth(which).map_or(now, |(at, _)| *at);
            windows = sliding.give_back(next, back, taken_ms, now);
            let mut left = back;
            for (_, units) in definition.taken.iter_mut().filter(|(at, _)| at / rate.window_ms == taken_ms / rate.window_ms) {
                let given = left.min(*units);
                (*units, left) = (*units - given, left - given);
            }
            prop_assert_eq!(sliding.remaining(&windows, now), rate.quota.saturating_sub(definition.estimate(now)));
        }
    }
}
