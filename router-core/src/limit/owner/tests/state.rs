//! What is written is what is read, whatever else stands there is no harm.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_state_is_read_as_it_was_written((quota, events) in histories(&ALL, 40), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            key.happens(event);
            let text = key.state.write(&key.rule());
            prop_assert_eq!(&State::read(&text, &key.rule()), &key.state);
            prop_assert!(text.split(' ').all(|number| number.parse::<u64>().unwrap() <= LARGEST), "{}", text);
        }
    }

    #[test]
    fn a_state_of_another_kind_begins_anew_with_its_own((quota, events) in histories(&ALL, 30), other in quotas(&ALL), begin in beginnings()) {
        let mut key = Key::new(quota, begin);
        for event in events {
            key.happens(event);
        }
        let (text, rule) = (key.state.write(&key.rule()), other.rule(key.now_ms));
        let read = State::read(&text, &rule);
        let levels = |kind| matches!(kind, Kind::Meter | Kind::LeakyBucket);
        if quota.kind != other.kind && !(levels(quota.kind) && levels(other.kind)) {
            prop_assert_eq!(read, State::none(&rule));
        } else if quota.kind == Kind::SlidingWindow && quota.window_ms != other.window_ms {
            prop_assert_eq!(read, State::none(&rule));
        } else {
            prop_assert_eq!(read.held, key.state.held);
        }
    }

    #[test]
    fn a_level_of_another_unit_is_never_lowered(
        at_ms in 0..LARGEST, parts in prop_oneof![0..5000_u64, 0..=LARGEST], old in 1..=1_000_000_u64,
        (units, window_ms) in (1..=1000_u64, 1..=100_000_u64), leaky in any::<bool>(),
    ) {
        let kind = if leaky { Kind::LeakyBucket } else { Kind::Meter };
        let rule = Quota { kind, units, window_ms: window_ms.min(60_000) }.rule(0);
        let unit = match &rule {
            Rule::Meter(meter) => meter.unit(),
            Rule::LeakyBucket(bucket) => bucket.meter().unit(),
            _ => unreachable!(),
        };
        let read = State::read(&format!("1 {old} 1 {at_ms} 7 {at_ms} {parts}"), &rule);
        let Count::Level(level) = read.count else { panic!("{read:?}") };
        prop_assert_eq!(level.at_ms, at_ms);
        let (was, is) = (u128::from(parts) * u128::from(unit), u128::from(level.parts) * u128::from(old));
        prop_assert!(is >= was || level.parts == LARGEST);
        // By less than a unit.
        prop_assert!(is < was + u128::from(old) * u128::from(unit));
        prop_assert_eq!(read.held.tokens(), 7);
    }

    #[test]
    fn any_text_is_endured(
        text in prop_oneof!["[0-9 ]{0,60}", "[0-9 +a-]{0,30}", "\\PC{0,30}", "[1-6] [0-9]{1,3} [0-3]( [0-9]{1,16}){0,9}"],
        quota in quotas(&ALL), now in prop_oneof![any::<u64>(), 0..100_u64], doing in doings(Quota { kind: Kind::Meter, units: 9, window_ms: 9 }),
    ) {
        is_endured(&text, quota, now, doing)?;
    }

    #[test]
    fn a_state_with_a_slip_in_it_is_endured(
        (quota, events) in histories(&ALL, 20), begin in beginnings(), place in any::<prop::sample::Index>(),
        slip in prop_oneof![any::<u64>().prop_map(|number| number.to_string()), "[0-9 x]{0,3}"],
    ) {
        let mut key = Key::new(quota, begin);
        for event in &events {
            key.happens(*event);
        }
        let text = key.state.write(&key.rule());
        let mut words: Vec<&str> = text.split(' ').collect();
        *place.get_mut(&mut words) = &slip;
        for event in events {
            is_endured(&words.join(" "), quota, key.now_ms, event.doing)?;
        }
    }
}

/// Read, asked about, and written so that it is read again.
fn is_endured(text: &str, quota: Quota, now: u64, doing: Doing) -> Result<(), TestCaseError> {
    let mut key = Key::new(quota, now);
    key.state = State::read(text, &key.rule());
    key.leases.push(Settlement { until_ms: 5, granted: 5, used: 5 });
    let said = key.happens(Event { after_ms: 0, doing });
    let _ = key.state.ends_ms(&key.rule(), said.now_ms);
    let written = key.state.write(&key.rule());
    prop_assert_eq!(&State::read(&written, &key.rule()), &key.state, "{}", written);
    prop_assert!(written.split(' ').all(|number| number.parse::<u64>().unwrap() <= LARGEST), "{}", written);
    Ok(())
}

#[test]
fn states_are_written_as_the_head_says() {
    let rule = |kind| Quota { kind, units: 100, window_ms: 60_000 }.rule(120_000);
    let mut state = State::none(&rule(Kind::Meter));
    state.count = Count::Level(Level { at_ms: 5, parts: 1200 });
    state.held.lend(3, 8, 100);
    state.held.lend(4, 8, 103);
    assert_eq!(state.write(&rule(Kind::Meter)), "1 600 2 108 3 112 4 5 1200");
    let alone = |kind, count| State { count, held: Held::default() }.write(&rule(kind));
    assert_eq!(alone(Kind::LeakyBucket, Count::Level(Level { at_ms: 5, parts: 1200 })), "1 600 0 5 1200");
    assert_eq!(alone(Kind::FixedWindow, Count::Window(Window { start_ms: 60_000, used: 7 })), "3 0 0 60000 7");
    let windows = Windows { start_ms: 60_000, current: 7, previous: 8 };
    assert_eq!(alone(Kind::SlidingWindow, Count::Windows(windows)), "4 60000 0 60000 7 8");
    assert_eq!(alone(Kind::SlidingLog, Count::Log(Log { taken: [(1, 2), (3, 4)].into() })), "5 0 0 1 2 3 4");
    assert_eq!(
        alone(Kind::Concurrency, Count::Slots(Slots { last: 9, held: vec![(8, 70), (9, 80)] })),
        "6 0 0 9 8 70 9 80"
    );
}

#[test]
fn the_largest_states_are_read_whole() {
    let log: std::collections::VecDeque<(u64, u64)> = (0..4096).map(|index| (LARGEST - 4096 + index, 1)).collect();
    let mut held = Held::default();
    for index in 0..8 {
        held.lend(1, 4, 1000 * index);
    }
    for (kind, count) in [
        (Kind::SlidingLog, Count::Log(Log { taken: log.clone() })),
        (Kind::Concurrency, Count::Slots(Slots { last: 5, held: log.into() })),
    ] {
        let rule = Quota { kind, units: 4096, window_ms: 1000 }.rule(0);
        let state = State { count, held: held.clone() };
        assert_eq!(State::read(&state.write(&rule), &rule), state);
    }
}
