//! Concurrency: never more than the slots at once, and whoever has gone is gone once.

use std::collections::BTreeMap;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// Somebody wants a slot.
    Acquire,
    /// One that was given lately is given back, maybe for the second time.
    Release(usize),
    /// A number that was never given.
    ReleaseUnknown(u64),
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let gaps = prop_oneof![4 => Just(0), 4 => 0..4_u64, 1 => 0..60_u64];
    let event = prop_oneof![
        5 => Just(Event::Acquire),
        3 => (0..6_usize).prop_map(Event::Release),
        1 => any::<u64>().prop_map(Event::ReleaseUnknown),
    ];
    prop::collection::vec((gaps, event), 1..100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn gives_a_slot_whenever_one_is_free_and_takes_back_only_the_one_that_is_meant(
        slots in 1..=5_u64, hold_ms in 1..=40_u64, begin in beginnings(), events in events(),
    ) {
        let concurrency = Concurrency::new(slots, hold_ms).unwrap();
        let (mut state, mut now) = (Slots::default(), begin);
        let (mut given, mut live) = (Vec::new(), BTreeMap::<u64, u64>::new());
        for (after_ms, event) in events {
            now += after_ms;
            live.retain(|_, end| *end > now);
            match event {
                Event::Acquire => {
                    let free = live.len() < slots as usize;
                    let first_end = live.values().min().map(|end| end - now);
                    let (decision, slot, next) = concurrency.acquire(state, now);
                    prop_assert_eq!(slot.is_some(), free);
                    prop_assert!(slot.is_none_or(|slot| !given.contains(&slot)), "given twice");
                    match decision.verdict {
                        Verdict::Admitted { delay_ms } => prop_assert!(free && delay_ms == 0),
                        Verdict::Refused { retry_ms } => prop_assert!(!free && retry_ms == first_end),
                        Verdict::Over { .. } => prop_assert!(false),
                    }
                    given.extend(slot);
                    live.extend(slot.map(|slot| (slot, now + hold_ms)));
                    prop_assert_eq!(decision.standing, concurrency.standing(&next, now));
                    state = next;
                }
                Event::Release(which) => {
                    if let Some(slot) = given.iter().rev().nth(which) {
                        state = concurrency.release(state, *slot, now);
                        live.remove(slot);
                    }
                }
                Event::ReleaseUnknown(slot) => {
                    if !given.contains(&slot) {
                        state = concurrency.release(state, slot, now);
                    }
                }
            }
            let held: BTreeMap<u64, u64> = state.held.iter().copied().filter(|(_, end)| *end > now).collect();
            prop_assert_eq!(&held, &live);
            let standing = concurrency.standing(&state, now);
            let ends = || live.values().map(|end| end - now);
            prop_assert_eq!(standing.remaining, slots - live.len() as u64);
            prop_assert_eq!((standing.next_ms, standing.full_ms), (ends().min().unwrap_or(0), ends().max().unwrap_or(0)));
        }
    }

    #[test]
    fn where_slots_became_fewer_it_waits_for_as_many_as_are_too_many(
        before in 2..=20_u64, after in 1..=20_u64, gaps in prop::collection::vec(0..30_u64, 20), begin in beginnings(),
    ) {
        let (before, after) = (before.max(after), before.min(after));
        let concurrency = Concurrency::new(before, 1000).unwrap();
        let (mut state, mut now) = (Slots::default(), begin);
        for gap in gaps.iter().take(before as usize) {
            now += gap;
            (_, _, state) = concurrency.acquire(state, now);
        }
        let fewer = Concurrency::new(after, 1000).unwrap();
        let (decision, slot, state) = fewer.acquire(state, now);
        prop_assert_eq!(slot, None);
        let Verdict::Refused { retry_ms: Some(retry) } = decision.verdict else { panic!("{decision:?}") };
        prop_assert_eq!(decision.standing.next_ms, retry);
        prop_assert!(fewer.acquire(state.clone(), now + retry - 1).1.is_none());
        prop_assert!(fewer.acquire(state, now + retry).1.is_some());
    }
}

#[test]
fn no_number_comes_again_where_nothing_is_left_of_the_state() {
    let concurrency = Concurrency::new(LARGEST_LISTED, 1000).unwrap();
    let mut given = Vec::new();
    for now in [1_800_000_000_000, 1_800_000_000_001] {
        let mut state = Slots::default();
        for _ in 0..1024 {
            let (_, slot, next) = concurrency.acquire(state, now);
            (_, state) = (given.extend(slot), next);
        }
    }
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 2048);
}
