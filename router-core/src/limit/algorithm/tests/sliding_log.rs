//! The sliding log: in any window's length, wherever it begins, at most the quota.

use super::*;

fn cases() -> impl Strategy<Value = (Rate, Vec<Arrival>)> {
    prop_oneof![small_rates(), rates(LARGEST_LISTED)].prop_flat_map(|rate| (Just(rate), arrivals(rate)))
}

fn within(taken: &[(u64, u64)], from_ms: u64, to_ms: u64) -> u64 {
    taken.iter().filter(|(at, _)| from_ms <= *at && *at <= to_ms).map(|(_, units)| units).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn admits_exactly_what_the_last_window_has_left((rate, arrivals) in cases(), begin in beginnings()) {
        let Rate { quota, window_ms } = rate;
        let sliding = SlidingLog::new(quota, window_ms).unwrap();
        let (mut taken, mut log, mut now) = (Vec::new(), Log::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let used = within(&taken, (now + 1).saturating_sub(window_ms), now);
            let (decision, next) = sliding.charge(log, cost, now);
            prop_assert_eq!(decision.verdict.admits(), used + cost <= quota, "{} at {}", cost, now);
            if decision.verdict.admits() {
                taken.push((now, cost));
            }
            log = next;
        }
        for (start, _) in &taken {
            prop_assert!(within(&taken, *start, start + window_ms - 1) <= quota);
        }
        prop_assert!(log.taken.len() as u64 <= quota);
    }

    #[test]
    fn what_is_given_back_is_that_which_was_taken_at_that_time(
        (rate, arrivals) in cases(), begin in beginnings(), back in prop::collection::vec((0..4_u64, 0..3_usize), 60),
    ) {
        let Rate { quota, window_ms } = rate;
        let sliding = SlidingLog::new(quota, window_ms).unwrap();
        let (mut taken, mut log, mut now) = (Vec::<(u64, u64)>::new(), Log::default(), begin);
        for (Arrival { after_ms, cost }, (back, which)) in arrivals.into_iter().zip(back) {
            now += after_ms;
            let from = (now + 1).saturating_sub(window_ms);
            let (decision, next) = sliding.charge(log, cost, now);
            prop_assert_eq!(decision.verdict.admits(), within(&taken, from, now) + cost <= quota);
            if decision.verdict.admits() {
                taken.push((now, cost));
            }
            // One of the last that were admitted, or nobody.
            let taken_ms = taken.iter().rev().nth(which).map_or(now + 1, |(at, _)| *at);
            log = sliding.give_back(next, back, taken_ms, now);
            let mut left = back;
            for (_, units) in taken.iter_mut().filter(|(at, _)| *at == taken_ms && *at >= from) {
                let given = left.min(*units);
                (*units, left) = (*units - given, left - given);
            }
            prop_assert_eq!(sliding.remaining(&log, now), quota - within(&taken, from, now));
        }
    }

    #[test]
    fn what_was_taken_without_being_there_counts_until_it_is_a_window_old(
        (rate, arrivals) in cases(), begin in beginnings(), forced in prop::collection::vec(any::<bool>(), 60),
    ) {
        let Rate { quota, window_ms } = rate;
        let sliding = SlidingLog::new(quota, window_ms).unwrap();
        let (mut taken, mut log, mut now) = (Vec::new(), Log::default(), begin);
        for (Arrival { after_ms, cost }, forced) in arrivals.into_iter().zip(forced) {
            now += after_ms;
            let used = within(&taken, (now + 1).saturating_sub(window_ms), now);
            let admitted = if forced {
                log = sliding.take(log, cost, now);
                true
            } else {
                let (decision, next) = sliding.charge(log, cost, now);
                prop_assert_eq!(decision.verdict.admits(), used + cost <= quota, "{} at {}", cost, now);
                log = next;
                decision.verdict.admits()
            };
            if admitted {
                taken.push((now, cost));
            }
        }
    }
}

#[test]
fn a_log_is_bounded_and_what_no_longer_fits_counts_longer_and_not_shorter() {
    let sliding = SlidingLog::new(3, LONGEST_WINDOW_MS).unwrap();
    let mut log = Log::default();
    let all = LARGEST_LISTED + 100;
    for now in 0..all {
        log = sliding.take(log, 1, now);
    }
    assert_eq!(log.taken.len() as u64, LARGEST_LISTED);
    assert_eq!(log.taken.iter().map(|(_, units)| units).sum::<u64>(), all);
    assert_eq!(log.taken.front(), Some(&(100, 101)));
    assert!(log.taken.iter().zip(log.taken.iter().skip(1)).all(|((one, _), (next, _))| one < next));
    // All but two have to be a window old.
    let wait = sliding.wait_for(&log, 1, all - 1).unwrap();
    assert_eq!(all - 1 + wait, all - 3 + LONGEST_WINDOW_MS);
}
