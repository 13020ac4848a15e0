//! What an owner says of the future of one key comes true if nobody else comes.

use super::*;

/// Questions that a state can be told from another by.
fn probes(quota: Quota, rule: Rule) -> Vec<Ask> {
    let refuse = OnOver::Refuse;
    let whole = quota.whole();
    let mut probes: Vec<Operation> =
        [0, 1, whole, whole + 1].into_iter().map(|cost| Operation::Charge { cost, on_over: refuse }).collect();
    probes.extend([Operation::Look, Operation::Take { units: 1 }, Operation::Release { slot: 7 }]);
    if rule.can_be_leased() {
        let settle = Settlement { until_ms: 5, granted: 1, used: 1 };
        probes.push(Operation::Lease { cost: 1, want: 3, ttl_ms: 20, share: 1, settle });
    }
    probes.into_iter().map(|operation| Ask { rule, operation }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn from_its_end_on_a_state_is_as_none((quota, events) in histories(&ALL, 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            let said = key.happens(event);
            let end = key.state.ends_ms(&key.rule(), said.now_ms);
            prop_assert!(end >= said.now_ms);
            for later in [end, end + 1, end + 1000] {
                let rule = quota.rule(later);
                for ask in probes(quota, rule) {
                    let none = State::none(&rule);
                    let (one, other) = (alone(ask, &key.state, later), alone(ask, &none, later));
                    prop_assert_eq!(one.said, other.said);
                    let (one, other) = (one.next.as_ref().unwrap_or(&key.state), other.next.as_ref().unwrap_or(&none));
                    let then = |state| alone(Ask { operation: Operation::Charge { cost: 1, on_over: OnOver::Refuse }, ..ask }, state, later + 1).said;
                    prop_assert_eq!(then(one), then(other));
                }
            }
            if end > said.now_ms && quota.kind != Kind::Concurrency {
                let standing = look(quota.rule(end - 1), &key.state, end - 1);
                prop_assert_eq!(standing.full_ms, 1);
            }
        }
    }

    #[test]
    fn a_standing_is_true_should_all_leases_be_used((quota, events) in histories(&LENT, 30), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        let can_be_had = |key: &Key, cost: u64, now: u64| {
            let operation = Operation::Charge { cost, on_over: OnOver::Refuse };
            alone(Ask { rule: quota.rule(now), operation }, &key.state, now).said.verdict.admits()
        };
        for event in events {
            let said = key.happens(event);
            let Standing { remaining, next_ms, full_ms } = said.standing;
            let now = said.now_ms;
            prop_assert!(remaining == 0 || can_be_had(&key, remaining, now));
            prop_assert!(!can_be_had(&key, remaining + 1, now));
            prop_assert_eq!(remaining == quota.units, next_ms == 0);
            prop_assert_eq!(full_ms, key.state.ends_ms(&key.rule(), now) - now);
            if remaining < quota.units {
                prop_assert!(can_be_had(&key, remaining + 1, now + next_ms));
                prop_assert!(!can_be_had(&key, remaining + 1, now + next_ms - 1));
                prop_assert!(can_be_had(&key, quota.units, now + full_ms));
                prop_assert!(!can_be_had(&key, quota.units, now + full_ms - 1));
            }
        }
    }
}

/// As where the row of a key is deleted when nothing is held any more, and somebody comes in the same millisecond.
#[test]
fn slots_are_remembered_until_their_numbers_cannot_come_again() {
    let mut key = Key::new(Quota { kind: Kind::Concurrency, units: 1, window_ms: 1000 }, 1_800_000_000_000);
    key.happens(Event { after_ms: 0, doing: Doing::Charge { cost: 1, on_over: OnOver::Refuse } });
    let said = key.happens(Event { after_ms: 0, doing: Doing::Release { which: 0 } });
    assert_eq!(said.standing, Standing { remaining: 1, next_ms: 0, full_ms: 0 });
    assert_eq!(key.state.ends_ms(&key.rule(), said.now_ms), said.now_ms + 1);
}
