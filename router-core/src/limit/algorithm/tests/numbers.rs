//! What a configuration or a store may say of a rule, and what a state takes.

use std::mem::size_of;

use super::*;
use crate::limit::rule::{RULE_NUMBERS, Rule};

fn rules() -> impl Strategy<Value = Rule> {
    let bounds = |window_ms: u64| (0..LARGEST / 2).prop_map(move |now| FixedWindow::bounds_every(window_ms, now));
    prop_oneof![
        (rates(LARGEST_QUOTA), 1..=LARGEST_QUOTA).prop_filter_map("can be kept", |(rate, burst)| {
            Meter::new(rate.quota, rate.window_ms, burst).ok().map(Rule::Meter)
        }),
        (rates(LARGEST_QUOTA), 0..=60_000_u64).prop_filter_map("can be kept", |(rate, wait_ms)| {
            LeakyBucket::new(rate.quota, rate.window_ms, wait_ms).ok().map(Rule::LeakyBucket)
        }),
        rates(LARGEST_QUOTA).prop_flat_map(move |rate| {
            bounds(rate.window_ms)
                .prop_map(move |bounds| Rule::FixedWindow(FixedWindow::new(rate.quota, bounds).unwrap()))
        }),
        rates(LARGEST_QUOTA).prop_filter_map("can be kept", |rate| {
            SlidingWindow::new(rate.quota, rate.window_ms).ok().map(Rule::SlidingWindow)
        }),
        rates(LARGEST_LISTED).prop_map(|rate| Rule::SlidingLog(SlidingLog::new(rate.quota, rate.window_ms).unwrap())),
        rates(LARGEST_LISTED).prop_map(|rate| Rule::Concurrency(Concurrency::new(rate.quota, rate.window_ms).unwrap())),
    ]
}

/// Numbers that are near to those of a rule, and any.
fn junk() -> impl Strategy<Value = [u64; RULE_NUMBERS]> {
    let number = || {
        prop_oneof![
            Just(0),
            0..10_u64,
            0..=LARGEST,
            any::<u64>(),
            select(vec![LARGEST_QUOTA, LARGEST, 1 << 52, u64::MAX])
        ]
    };
    (0..9_u64, [number(), number(), number(), number(), number()])
        .prop_map(|(tag, [a, b, c, d, e])| [tag, a, b, c, d, e])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_rule_is_read_from_its_numbers_all_of_which_stores_hold(rule in rules()) {
        let numbers = rule.numbers();
        prop_assert!(numbers.iter().all(|number| *number <= LARGEST));
        prop_assert_eq!(Rule::from_numbers(numbers), Some(rule));
    }

    #[test]
    fn numbers_of_no_rule_are_none_and_those_of_one_are_as_good_as_it(
        numbers in junk(), cost in any::<u64>(), now in any::<u64>(),
    ) {
        let Some(rule) = Rule::from_numbers(numbers) else { return Ok(()) };
        prop_assert_eq!(Rule::from_numbers(rule.numbers()), Some(rule));
        match rule {
            Rule::Meter(rule) => drop(rule.charge(Level::default(), cost, now)),
            Rule::LeakyBucket(rule) => drop(rule.charge(Level::default(), cost, now)),
            Rule::FixedWindow(rule) => drop(rule.charge(Window::default(), cost, now)),
            Rule::SlidingWindow(rule) => drop(rule.charge(Windows::default(), cost, now)),
            Rule::SlidingLog(rule) => drop(rule.charge(Log::default(), cost, now)),
            Rule::Concurrency(rule) => drop(rule.acquire(Slots::default(), now)),
        }
    }
}

#[test]
fn a_state_takes_as_many_bytes_as_are_told() {
    assert_eq!(size_of::<Level>(), 16);
    assert_eq!(size_of::<Window>(), 16);
    assert_eq!(size_of::<Windows>(), 24);
    // An entry of a log and of slots.
    assert_eq!(size_of::<(u64, u64)>(), 16);
    assert_eq!(LARGEST_LISTED * 16, 64 << 10);
}

#[test]
fn a_quota_of_nothing_is_refused_by_all() {
    assert_eq!(Meter::new(0, 1, 1), Err(InvalidQuota::Zero));
    assert_eq!(Meter::new(1, 1, 0), Err(InvalidQuota::Zero));
    assert_eq!(LeakyBucket::new(0, 1, 1), Err(InvalidQuota::Zero));
    assert_eq!(FixedWindow::new(0, [0, 1, 2, 3]), Err(InvalidQuota::Zero));
    assert_eq!(SlidingWindow::new(0, 1), Err(InvalidQuota::Zero));
    assert_eq!(SlidingLog::new(0, 1), Err(InvalidQuota::Zero));
    assert_eq!(Concurrency::new(0, 1), Err(InvalidQuota::Zero));
}

#[test]
fn a_quota_beyond_what_is_kept_exactly_is_refused_and_the_largest_is_named() {
    let too_large = |most| Some(InvalidQuota::TooLarge { most });
    assert_eq!(Meter::new(LARGEST_QUOTA + 1, 1, 1).err(), too_large(LARGEST_QUOTA));
    assert_eq!(Meter::new(1, 1, LARGEST_QUOTA + 1).err(), too_large(LARGEST_QUOTA));
    assert_eq!(FixedWindow::new(LARGEST_QUOTA + 1, [0, 1, 2, 3]).err(), too_large(LARGEST_QUOTA));
    assert_eq!(SlidingLog::new(LARGEST_LISTED + 1, 1).err(), too_large(LARGEST_LISTED));
    assert_eq!(Concurrency::new(LARGEST_LISTED + 1, 1).err(), too_large(LARGEST_LISTED));
    let year = LARGEST / LONGEST_WINDOW_MS;
    assert_eq!(SlidingWindow::new(year + 1, LONGEST_WINDOW_MS).err(), too_large(year));
    assert!(SlidingWindow::new(year, LONGEST_WINDOW_MS).is_ok());
    let Err(InvalidQuota::TooLarge { most }) = LeakyBucket::new(LARGEST_QUOTA, 1, 1) else { panic!("too fast") };
    assert!(LeakyBucket::new(most, 1, 1).is_ok());
    assert!(LeakyBucket::new(most + 1, 1, 1).is_err());
    assert_eq!(LeakyBucket::new(1, 1, 60_001).err(), too_large(60_000));
}

#[test]
fn a_window_of_no_time_or_of_more_than_a_year_is_refused() {
    assert_eq!(Meter::new(1, 0, 1).err(), Some(InvalidQuota::NoWindow));
    assert_eq!(LeakyBucket::new(1, 0, 1).err(), Some(InvalidQuota::NoWindow));
    assert_eq!(SlidingWindow::new(1, 0).err(), Some(InvalidQuota::NoWindow));
    assert_eq!(SlidingLog::new(1, 0).err(), Some(InvalidQuota::NoWindow));
    assert_eq!(Concurrency::new(1, 0).err(), Some(InvalidQuota::NoWindow));
    for bounds in [[0, 0, 0, 1], [0, 1, 1, 2], [0, 1, 2, 2], [1, 0, 2, 3], [3, 2, 1, 0]] {
        assert_eq!(FixedWindow::new(1, bounds).err(), Some(InvalidQuota::NoWindow), "{bounds:?}");
    }
    assert!(FixedWindow::new(1, [0, 0, 1, 2]).is_ok());
    let long = LONGEST_WINDOW_MS + 1;
    assert_eq!(Meter::new(1, long, 1).err(), Some(InvalidQuota::WindowTooLong));
    assert_eq!(LeakyBucket::new(1, long, 1).err(), Some(InvalidQuota::WindowTooLong));
    assert_eq!(SlidingWindow::new(1, long).err(), Some(InvalidQuota::WindowTooLong));
    assert_eq!(SlidingLog::new(1, long).err(), Some(InvalidQuota::WindowTooLong));
    assert_eq!(Concurrency::new(1, long).err(), Some(InvalidQuota::WindowTooLong));
}

#[test]
fn a_burst_that_takes_ages_to_come_back_is_refused() {
    assert_eq!(Meter::new(1, LONGEST_WINDOW_MS, LARGEST_QUOTA).err(), Some(InvalidQuota::BurstTooLarge));
    assert!(Meter::new(1, LONGEST_WINDOW_MS, 1000).is_ok());
}

#[test]
fn every_mistake_is_told_in_a_sentence_of_its_own() {
    use InvalidQuota::{BurstTooLarge, NoWindow, TooLarge, WindowTooLong, Zero};
    let mut told: Vec<String> =
        [Zero, TooLarge { most: 7 }, NoWindow, WindowTooLong, BurstTooLarge].iter().map(ToString::to_string).collect();
    assert!(told[1].ends_with("at most 7"));
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 5);
}
