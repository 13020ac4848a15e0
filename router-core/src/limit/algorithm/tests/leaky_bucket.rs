//! The leaky bucket: departures come evenly, in the order of arrivals, and nobody waits longer than is allowed.

use super::*;

/// When the line is empty again, in parts of a millisecond of which a unit takes `window_ms` and a millisecond has `quota`.
struct Line {
    rate: Rate,
    most_wait_ms: u64,
    free_at: u128,
}

impl Line {
    /// How long somebody waits that comes now; `None`: too long.
    fn wait(&self, now_ms: u64) -> Option<u64> {
        let quota = u128::from(self.rate.quota);
        let waits = self.free_at.saturating_sub(u128::from(now_ms) * quota);
        let admitted = waits <= u128::from(self.most_wait_ms) * quota;
        admitted.then(|| u64::try_from(waits.div_ceil(quota)).unwrap())
    }

    fn take(&mut self, cost: u64, now_ms: u64) {
        let begins = self.free_at.max(u128::from(now_ms) * u128::from(self.rate.quota));
        self.free_at = begins + u128::from(cost) * u128::from(self.rate.window_ms);
    }
}

fn buckets(rates: impl Strategy<Value = Rate>) -> impl Strategy<Value = (Rate, u64, Vec<Arrival>)> {
    let waits = |rate: Rate| {
        let most = (3 * rate.window_ms).min(60_000);
        prop_oneof![Just(0), 0..=most, Just(most)]
    };
    rates.prop_flat_map(move |rate| (Just(rate), waits(rate), arrivals(rate)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_waits_exactly_until_those_before_it_are_through((rate, most_wait_ms, arrivals) in buckets(small_rates()), begin in beginnings()) {
        let bucket = LeakyBucket::new(rate.quota, rate.window_ms, most_wait_ms).unwrap();
        let (mut line, mut level, mut now) = (Line { rate, most_wait_ms, free_at: 0 }, Level::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let (decision, next) = bucket.charge(level, cost, now);
            let delay = match decision.verdict {
                Verdict::Admitted { delay_ms } => Some(delay_ms),
                _ => None,
            };
            prop_assert_eq!(delay, line.wait(now), "{} at {}", cost, now);
            if delay.is_some() {
                line.take(cost, now);
            }
            level = next;
        }
    }

    #[test]
    fn departures_are_in_order_and_between_any_two_is_the_time_that_the_first_of_them_take(
        (rate, most_wait_ms, arrivals) in buckets(prop_oneof![small_rates(), rates(1 << 36)]), begin in beginnings(),
    ) {
        let bucket = LeakyBucket::new(rate.quota, rate.window_ms, most_wait_ms).unwrap();
        let (mut level, mut now, mut departures) = (Level::default(), begin, Vec::<(u64, u64)>::new());
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let (decision, next) = bucket.charge(level, cost, now);
            if let Verdict::Admitted { delay_ms } = decision.verdict {
                prop_assert!(delay_ms <= most_wait_ms);
                departures.push((now + delay_ms, cost));
            }
            level = next;
        }
        for (index, (first, _)) in departures.iter().enumerate() {
            let mut units = 0;
            for window in departures[index..].windows(2) {
                let [(before, cost), (then, _)] = *window else { unreachable!() };
                prop_assert!(before <= then);
                units += u128::from(cost);
                // A departure is told in whole milliseconds, rounded up: so the first of two may come nearer by less than one.
                let (quota, window_ms) = (u128::from(rate.quota), u128::from(rate.window_ms));
                prop_assert!(units * window_ms < u128::from(then - first + 1) * quota);
            }
        }
    }

    #[test]
    fn as_many_as_it_says_can_get_in_line_one_after_the_other_and_then_nobody(
        (rate, most_wait_ms, arrivals) in buckets(small_rates()), begin in beginnings(),
    ) {
        let bucket = LeakyBucket::new(rate.quota, rate.window_ms, most_wait_ms).unwrap();
        let (mut level, mut now) = (Level::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            (_, level) = bucket.charge(level, cost, now);
            let (mut line, remaining) = (level, bucket.remaining(&level, now));
            for _ in 0..remaining {
                let (decision, next) = bucket.charge(line, 1, now);
                prop_assert!(decision.verdict.admits());
                line = next;
            }
            prop_assert!(!bucket.charge(line, 1, now).0.verdict.admits());
        }
    }

    #[test]
    fn whoever_finds_the_line_too_long_can_get_in_at_the_time_that_is_told_and_not_before(
        (rate, most_wait_ms, arrivals) in buckets(small_rates()), begin in beginnings(),
    ) {
        let bucket = LeakyBucket::new(rate.quota, rate.window_ms, most_wait_ms).unwrap();
        let (mut level, mut now) = (Level::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let (decision, next) = bucket.charge(level, cost, now);
            level = next;
            let standing = decision.standing;
            prop_assert_eq!(standing, bucket.standing(&level, now));
            prop_assert_eq!(standing.next_ms == 0, standing.remaining > 0);
            if let Verdict::Refused { retry_ms } = decision.verdict {
                let retry = retry_ms.unwrap();
                prop_assert_eq!(standing.next_ms, retry);
                prop_assert_eq!(bucket.wait_for(&level, cost, now + retry), Some(0));
                prop_assert!(bucket.wait_for(&level, cost, now + retry - 1) > Some(0));
            }
            let end = now + standing.full_ms;
            prop_assert_eq!(bucket.charge(level, 1, end), bucket.charge(Level::default(), 1, end));
            prop_assert!(standing.full_ms == 0 || bucket.delay_ms(&level, end - 1) == 1);
        }
    }
}

/// Else a level could not rise above the longest line, and everybody got in line.
#[test]
fn behind_the_longest_line_there_is_room_for_a_request_of_the_whole_quota() {
    let Err(InvalidQuota::TooLarge { most }) = LeakyBucket::new(LARGEST_QUOTA, 1, 60_000) else { panic!("too fast") };
    for window_ms in 1..=LARGEST_QUOTA / most {
        let quota = most * window_ms;
        let bucket = LeakyBucket::new(quota, window_ms, 60_000).unwrap();
        let line = bucket.take(Level::default(), most * 60_000, 0);
        let (decision, line) = bucket.charge(line, quota, 0);
        assert_eq!(decision.verdict, Verdict::Admitted { delay_ms: 60_000 });
        assert_eq!(bucket.wait_for(&line, 1, 0), Some(window_ms));
    }
}
