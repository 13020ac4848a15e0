//! What a decision says about the future comes true if nobody else comes, whatever was taken, forced and given back before.

use std::fmt::Debug;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Doing {
    Charge,
    Take,
    /// What was taken so long ago.
    GiveBack(u64),
}

type Event = (Arrival, Doing);

fn events(rate: Rate) -> impl Strategy<Value = Vec<Event>> {
    let doing = prop_oneof![
        6 => Just(Doing::Charge),
        1 => Just(Doing::Take),
        1 => (0..=2 * rate.window_ms).prop_map(Doing::GiveBack),
    ];
    let arrival = (gaps(rate), costs(rate)).prop_map(|(after_ms, cost)| Arrival { after_ms, cost });
    prop::collection::vec((arrival, doing), 1..40)
}

fn cases(rates: impl Strategy<Value = Rate>) -> impl Strategy<Value = (Rate, Vec<Event>)> {
    rates.prop_flat_map(|rate| (Just(rate), events(rate)))
}

/// Checks what is said after each event. A rule may depend on the moment; `whole` is all that there is.
fn keeps_its_word<A: Algorithm>(
    rule: impl Fn(u64) -> A,
    whole: u64,
    begin: u64,
    events: Vec<Event>,
) -> Result<(), TestCaseError>
where
    A::State: Clone + PartialEq + Debug,
{
    let (mut state, mut now) = (A::State::default(), begin);
    for (Arrival { after_ms, cost }, doing) in events {
        now += after_ms;
        match doing {
            Doing::Charge => {
                let (decision, next) = rule(now).charge(state.clone(), cost, now);
                prop_assert_eq!(decision.standing, rule(now).standing(&next, now));
                match decision.verdict {
                    Verdict::Admitted { delay_ms } => prop_assert_eq!(delay_ms, 0),
                    Verdict::Over { .. } => prop_assert!(false),
                    Verdict::Refused { retry_ms } => {
                        prop_assert_eq!(decision.standing, rule(now).standing(&state, now), "a refusal takes nothing");
                        prop_assert_eq!(retry_ms.is_none(), cost > whole);
                        if let Some(retry) = retry_ms {
                            prop_assert!(retry > 0);
                            for state in [&state, &next] {
                                prop_assert!(can_be_had(&rule, state, cost, now + retry), "{} after {}", cost, retry);
                                prop_assert!(
                                    !can_be_had(&rule, state, cost, now + retry - 1),
                                    "{} before {}",
                                    cost,
                                    retry
                                );
                            }
                        }
                    }
                }
                state = next;
            }
            Doing::Take => state = rule(now).take(state, cost, now),
            Doing::GiveBack(ago_ms) => state = rule(now).give_back(state, cost, now.saturating_sub(ago_ms), now),
        }
        stands_as_it_says(&rule, whole, &state, now)?;
    }
    Ok(())
}

fn stands_as_it_says<A: Algorithm>(
    rule: &impl Fn(u64) -> A,
    whole: u64,
    state: &A::State,
    now: u64,
) -> Result<(), TestCaseError>
where
    A::State: Clone + PartialEq + Debug,
{
    let Standing { remaining, next_ms, full_ms } = rule(now).standing(state, now);
    prop_assert!(can_be_had(rule, state, remaining, now) || remaining == 0);
    prop_assert!(!can_be_had(rule, state, remaining + 1, now));
    prop_assert_eq!(remaining == whole, next_ms == 0);
    prop_assert_eq!(remaining == whole, full_ms == 0);
    if remaining < whole {
        prop_assert!(can_be_had(rule, state, remaining + 1, now + next_ms), "{} more", next_ms);
        prop_assert!(!can_be_had(rule, state, remaining + 1, now + next_ms - 1), "{} more, before", next_ms);
        prop_assert!(!can_be_had(rule, state, whole, now + full_ms - 1), "{} full, before", full_ms);
    }
    // From then on it counts for nothing.
    let end = now + full_ms;
    for later in [end, end + 1, end + 1000] {
        for cost in [0, 1, whole, whole + 1] {
            let (alone, _) = rule(later).charge(A::State::default(), cost, later);
            prop_assert_eq!(rule(later).charge(state.clone(), cost, later).0, alone);
        }
    }
    // Time by itself takes nothing away.
    let mut before = remaining;
    for later in (0..8).map(|eighth| now + full_ms * eighth / 8) {
        let then = rule(later).remaining(state, later);
        prop_assert!(then >= before);
        before = then;
    }
    Ok(())
}

fn can_be_had<A: Algorithm>(rule: impl Fn(u64) -> A, state: &A::State, units: u64, now_ms: u64) -> bool {
    rule(now_ms).wait_for(state, units, now_ms) == Some(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_meter_keeps_its_word(
        (rate, events) in cases(prop_oneof![small_rates(), rates(LARGEST_QUOTA)]),
        burst in prop_oneof![1..=40_u64, 1..=LARGEST_QUOTA], begin in beginnings(),
    ) {
        // One that is coarse keeps its own rate as exactly as others do.
        if let Ok(meter) = Meter::new(rate.quota, rate.window_ms, burst) {
            keeps_its_word(|_| meter, burst, begin, events)?;
        }
    }

    #[test]
    fn a_fixed_window_keeps_its_word(
        (rate, events) in cases(prop_oneof![small_rates(), rates(LARGEST_QUOTA)]), begin in beginnings(),
    ) {
        let rule = |now| FixedWindow::new(rate.quota, FixedWindow::bounds_every(rate.window_ms, now)).unwrap();
        keeps_its_word(rule, rate.quota, begin, events)?;
    }

    #[test]
    fn a_sliding_window_keeps_its_word(
        (rate, events) in cases(prop_oneof![small_rates(), rates(LARGEST_QUOTA)]), begin in beginnings(),
    ) {
        let rate = Rate { quota: rate.quota.min(LARGEST / rate.window_ms), ..rate };
        let sliding = SlidingWindow::new(rate.quota, rate.window_ms).unwrap();
        keeps_its_word(|_| sliding, rate.quota, begin, events)?;
    }

    #[test]
    fn a_sliding_log_keeps_its_word(
        (rate, events) in cases(prop_oneof![small_rates(), rates(LARGEST_LISTED)]), begin in beginnings(),
    ) {
        let sliding = SlidingLog::new(rate.quota, rate.window_ms).unwrap();
        keeps_its_word(|_| sliding, rate.quota, begin, events)?;
    }
}
