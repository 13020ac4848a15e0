//! Promise: no numbers and no bytes break an owner of counts, the exchange with neighbours or the calendar. What an owner keeps and says is never more than
//! all stores hold exactly, what it wrote it reads again, and at one moment it never admits more than the quota.
#![no_main]

mod input;

use libfuzzer_sys::fuzz_target;
use router_core::limit::Rule;
use router_core::limit::algorithm::{FixedWindow, LARGEST};
use router_core::limit::calendar::{Calendar, Period, Zone};
use router_core::limit::key::{PartitionHash, Seed};
use router_core::limit::owner::{ASK_NUMBERS, Ask, Decided, OnOver, Operation, Said, Settlement, State, decide};
use router_core::limit::rule::RULE_NUMBERS;
use router_core::limit::spread::Neighbours;
use serde_json::Value;

use input::Input;

/// Clocks that are set by chance, but not to where nothing could be added to them: the year 144,683.
const LATEST_MS: u64 = LARGEST / 2;

/// The last moment of the year 9999, up to which there is a calendar.
const LAST_MS: u64 = 253_402_300_799_999;

const SEED: Seed = Seed([3; 16]);

impl Input<'_> {
    /// One that all stores hold.
    fn held(&mut self) -> u64 {
        self.number().min(LARGEST)
    }

    fn numbers<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| self.held())
    }

    /// A state as it may be stored: numbers, or anything.
    fn state(&mut self) -> String {
        let length = usize::from(self.byte());
        if length % 2 == 0 {
            let words: Vec<String> = (0..length / 8).map(|_| self.held().to_string()).collect();
            return words.join(" ");
        }
        let (text, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    match input.byte() % 4 {
        0 => owner(&mut input),
        1 => at_once(&mut input),
        2 => neighbours(&mut input),
        _ => calendar(&mut input),
    }
});

/// Several keys at once, whatever is stored under them and whatever is asked.
fn owner(input: &mut Input<'_>) {
    let mut asked = Vec::new();
    for _ in 0..=input.byte() % 3 {
        let Some(ask) = Ask::from_numbers(&input.numbers::<ASK_NUMBERS>()) else { return };
        assert_eq!(Ask::from_numbers(&ask.numbers()), Some(ask));
        asked.push((ask, State::read(&input.state(), &ask.rule)));
    }
    let mut now_ms = input.number().min(LATEST_MS);
    for _ in 0..4 {
        let decided = decide(asked.clone(), now_ms);
        assert_eq!(decided.len(), asked.len());
        for ((ask, state), Decided { said, next }) in asked.iter_mut().zip(decided) {
            assert!(said.numbers().iter().all(|number| *number <= LARGEST), "{said:?}");
            assert_eq!(Said::from_numbers(&said.numbers()), Some(said));
            if let Some(next) = next {
                let text = next.write(&ask.rule);
                assert_eq!(State::read(&text, &ask.rule), next, "{text}");
                *state = next;
            }
        }
        now_ms = (now_ms + input.number() % (1 << 40)).min(LATEST_MS);
    }
}

/// The most units that can be had at one moment; of a queue, how many requests.
fn most(rule: &Rule) -> u64 {
    match rule {
        Rule::Meter(meter) => meter.numbers()[2],
        Rule::FixedWindow(fixed) => fixed.quota(),
        Rule::SlidingWindow(sliding) => sliding.numbers()[0],
        Rule::SlidingLog(sliding) => sliding.numbers()[0],
        Rule::Concurrency(concurrency) => concurrency.numbers()[0],
        Rule::LeakyBucket(bucket) => {
            let [drain, unit, _, most_wait_ms] = bucket.numbers();
            most_wait_ms * drain / unit + 1
        }
    }
}

/// One key, of which nothing is taken, at one moment.
fn at_once(input: &mut Input<'_>) {
    let Some(rule) = Rule::from_numbers(input.numbers::<RULE_NUMBERS>()) else { return };
    assert_eq!(Rule::from_numbers(rule.numbers()), Some(rule));
    let now_ms = input.number().min(LATEST_MS);
    let (mut state, mut taken, most) = (State::none(&rule), 0_u64, most(&rule));
    // A place is a place, and in a queue whoever is first goes on whatever it costs.
    let alike = matches!(rule, Rule::Concurrency(_) | Rule::LeakyBucket(_));
    for _ in 0..32 {
        let cost = if alike { 1 } else { input.held().max(1) };
        let operation = if input.byte() % 2 == 0 || !rule.can_be_leased() {
            Operation::Charge { cost, on_over: OnOver::Refuse }
        } else {
            let (want, ttl_ms, share) = (input.held(), input.held(), u64::from(input.byte()));
            Operation::Lease { cost, want, ttl_ms, share, settle: Settlement::default() }
        };
        let Decided { said, next } = decide(vec![(Ask { rule, operation }, state.clone())], now_ms).remove(0);
        let units = if matches!(operation, Operation::Lease { .. }) { said.granted } else { cost };
        if said.verdict.admits() {
            taken += units;
            state = next.expect("something was taken");
        } else {
            assert!(taken + cost > most, "{rule:?}: {taken} and {cost} of {most} were refused");
        }
        assert!(taken <= most, "{rule:?}: {taken} of {most} were admitted");
        assert!(said.standing.remaining <= most - taken, "{rule:?}: {said:?} after {taken} of {most}");
    }
}

/// An instance that reads what others wrote.
fn neighbours(input: &mut Input<'_>) {
    let mut one = Neighbours::new(&SEED);
    let now_ms = input.number().min(LATEST_MS);
    let Ok(fixed) = FixedWindow::new(1, FixedWindow::bounds_every(input.number(), now_ms)) else { return };
    let (rule, partition) = (Rule::FixedWindow(fixed), PartitionHash::from_bytes([input.byte(); 16]));
    let took = input.byte();
    for _ in 0..took % 4 {
        one.took(partition, u64::from(input.byte() % 2), &rule, input.number(), now_ms);
    }
    one.gave_back(partition, 0, &rule, input.number(), now_ms);
    let keys: Vec<String> = Neighbours::keys().collect();
    let lines = input.0.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    let values: Vec<(String, Vec<u8>)> = keys.into_iter().cycle().zip(lines).collect();
    let told = one.exchange(&values, now_ms);
    let _ = one.taken_elsewhere(&partition, 0, &rule, now_ms);
    assert_eq!(told.is_some(), took % 4 > 0, "what was taken is told while its window lasts");
    if let Some(told) = told {
        let Ok(Value::Object(instances)) = serde_json::from_slice(&told) else { panic!("no object was told") };
        assert!(instances.len() <= 32, "{} instances", instances.len());
        assert!(Neighbours::new(&Seed([4; 16])).exchange(&[(one.own_key(), told)], now_ms).is_none());
    }
}

/// Whatever a time zone is called, its windows stand around every moment.
fn calendar(input: &mut Input<'_>) {
    let now_ms = input.number().min(LAST_MS);
    let Ok(text) = std::str::from_utf8(input.0) else { return };
    let zone = match Zone::parse(text) {
        Ok(zone) => zone,
        Err(invalid) => return assert!(invalid.to_string().len() < 512),
    };
    for word in ["minute", "hour", "day", "week", "month", "year"] {
        let period = Period::from_word(word).expect("a period");
        let bounds = Calendar::new(period, zone).bounds(now_ms);
        assert!(bounds[1] <= now_ms && now_ms < bounds[2], "{word} of {text}: {bounds:?} around {now_ms}");
        assert!(FixedWindow::new(1, bounds).is_ok(), "{word} of {text}: {bounds:?}");
    }
}
