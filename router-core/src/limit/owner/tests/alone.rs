//! One key: what each operation comes to.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn without_leases_an_owner_decides_as_the_algorithm_does((quota, events) in histories(&ALL, 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events.into_iter().filter(|event| !matches!(event.doing, Doing::Lease { .. })) {
            let (count, now) = (key.state.count.clone(), key.now_ms + event.after_ms);
            let said = key.happens(event);
            if let Doing::Charge { cost, on_over: OnOver::Refuse } = event.doing && quota.kind != Kind::Concurrency {
                let verdict = match count.wait_for(&quota.rule(now), cost, now) {
                    Some(0) => Verdict::Admitted { delay_ms: count.delay_ms(&quota.rule(now), now) },
                    retry_ms => Verdict::Refused { retry_ms },
                };
                prop_assert_eq!(said.verdict, verdict);
            }
            prop_assert_eq!(said.standing, key.state.count.standing(&quota.rule(now), now));
            prop_assert_eq!((said.until_ms, said.now_ms), (0, now));
        }
    }

    #[test]
    fn looking_changes_nothing_and_says_how_it_stands((quota, events) in histories(&ALL, 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            let said = key.happens(event);
            prop_assert_eq!(look(key.rule(), &key.state, key.now_ms), said.standing);
        }
    }

    #[test]
    fn a_reset_gives_everything_back_that_is_not_on_a_lease((quota, events) in histories(&ALL, 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            key.happens(event);
        }
        let said = key.happens(Event { after_ms: 0, doing: Doing::Reset });
        prop_assert_eq!(said.standing, Standing { remaining: quota.whole(), next_ms: 0, full_ms: 0 });
        if quota.kind != Kind::Concurrency {
            prop_assert_eq!(&key.state, &State::none(&key.rule()));
        }
        // Numbers of slots are not given again.
        let given = key.slots.clone();
        key.happens(Event { after_ms: 0, doing: Doing::Charge { cost: 1, on_over: OnOver::Refuse } });
        prop_assert!(key.slots[given.len()..].iter().all(|slot| !given.contains(slot)));
    }

    #[test]
    fn what_is_over_is_metered_and_goes_on((quota, events) in histories(&[Kind::Meter, Kind::LeakyBucket, Kind::FixedWindow, Kind::SlidingWindow, Kind::SlidingLog], 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            let before = look(quota.rule(key.now_ms + event.after_ms), &key.state, key.now_ms + event.after_ms);
            let said = key.happens(event);
            let Doing::Charge { cost, on_over: OnOver::Meter } = event.doing else { continue };
            match said.verdict {
                Verdict::Admitted { .. } => prop_assert!(quota.kind == Kind::LeakyBucket || cost <= before.remaining),
                Verdict::Over { units } => {
                    prop_assert_eq!(units, cost.saturating_sub(before.remaining));
                    prop_assert!(units > 0 || cost == 0);
                }
                Verdict::Refused { .. } => prop_assert!(false, "{:?}", said),
            }
        }
    }

    #[test]
    fn all_that_is_over_in_a_window_is_what_is_more_than_its_quota(costs in prop::collection::vec(0..9_u64, 0..40)) {
        let mut key = Key::new(Quota { kind: Kind::FixedWindow, units: 30, window_ms: 1000 }, 5000);
        let mut over = 0;
        for cost in &costs {
            let said = key.happens(Event { after_ms: 0, doing: Doing::Charge { cost: *cost, on_over: OnOver::Meter } });
            over += if let Verdict::Over { units } = said.verdict { units } else { 0 };
        }
        prop_assert_eq!(over, costs.iter().sum::<u64>().saturating_sub(30));
    }

    /// The first that comes after an owner's clock was set back finds it where it was.
    #[test]
    fn an_owners_time_never_goes_back((quota, events) in histories(&ALL, 30), begin in beginnings(), back in 0..100_u64) {
        let mut key = Key::new(quota, begin);
        for event in events {
            let said = key.happens(event);
            let before = key.now_ms.saturating_sub(back);
            let set_back = alone(Ask { rule: quota.rule(before), operation: Operation::Look }, &key.state, before).said;
            prop_assert!(set_back.standing.remaining <= said.standing.remaining);
            prop_assert!(set_back.now_ms >= before && set_back.now_ms <= said.now_ms);
        }
    }
}

#[test]
fn a_place_is_free_again_for_others_once_it_is_given_back_and_only_once() {
    let mut key = Key::new(Quota { kind: Kind::Concurrency, units: 2, window_ms: 1000 }, 1_800_000_000_000);
    let acquire = Event { after_ms: 0, doing: Doing::Charge { cost: 1, on_over: OnOver::Refuse } };
    assert!(key.happens(acquire).verdict.admits());
    assert!(key.happens(acquire).verdict.admits());
    assert_eq!(key.happens(acquire).verdict, Verdict::Refused { retry_ms: Some(1000) });
    let release = Event { after_ms: 0, doing: Doing::Release { which: 1 } };
    assert_eq!(key.happens(release).standing.remaining, 1);
    assert_eq!(key.happens(release).standing.remaining, 1);
    assert!(key.happens(acquire).verdict.admits());
    assert_eq!(key.happens(Event { after_ms: 1000, doing: Doing::Look }).standing.remaining, 2);
}
