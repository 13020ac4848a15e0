use std::sync::Barrier;

use router_core::limit::Verdict;
use router_core::limit::algorithm::{Concurrency, FixedWindow, Log, Meter, SlidingLog};
use router_core::limit::owner::{OnOver, Operation};

use super::super::table;
use super::*;

const NOW: u64 = 1_790_000_000_000;
const HOUR: u64 = 3_600_000;

fn charge(rule: Rule) -> Ask {
    Ask { rule, operation: Operation::Charge { cost: 1, on_over: OnOver::Refuse } }
}

fn window(quota: u64) -> Rule {
    Rule::FixedWindow(FixedWindow::new(quota, FixedWindow::bounds_every(HOUR, NOW)).unwrap())
}

fn one(counts: &Counts, key: &str, ask: Ask) -> Said {
    counts.count(&[(key.to_owned(), ask)], NOW).unwrap()[0]
}

fn look(counts: &Counts, key: &str, rule: Rule) -> u64 {
    one(counts, key, Ask { rule, operation: Operation::Look }).standing.remaining
}

fn admits(said: &Said) -> bool {
    said.verdict.admits()
}

#[test]
fn counts_stand_as_the_table_says() {
    let counts = Counts::default();
    for step in table::steps() {
        step.check(&one(&counts, &step.key, step.ask));
    }
}

#[test]
fn of_a_thousand_charges_by_eight_threads_exactly_the_quota_is_admitted() {
    let rules = [
        window(300),
        Rule::Meter(Meter::new(300, HOUR, 300).unwrap()),
        Rule::SlidingLog(SlidingLog::new(300, HOUR).unwrap()),
    ];
    for rule in rules {
        let (counts, start) = (Counts::default(), Barrier::new(8));
        let admitted: usize = std::thread::scope(|scope| {
            let work = || {
                start.wait();
                (0..125).filter(|_| admits(&one(&counts, "k", charge(rule)))).count()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(admitted, 300);
        assert_eq!(look(&counts, "k", rule), 0);
    }
}

#[test]
fn threads_that_ask_for_the_same_keys_in_other_orders_take_all_or_nothing_and_never_wait_for_each_other() {
    let (counts, start) = (Counts::default(), Barrier::new(8));
    let quota = |index: usize| window(100 + 10 * index as u64);
    let admitted: usize = std::thread::scope(|scope| {
        let (counts, start) = (&counts, &start);
        let work = move |first: usize| {
            let mut asked: Vec<_> = (0..16).map(|index| (format!("key {index}"), charge(quota(index)))).collect();
            asked.rotate_left(2 * first);
            start.wait();
            (0..50).filter(|_| counts.count(&asked, NOW).unwrap().iter().all(admits)).count()
        };
        let threads: Vec<_> = (0..8).map(|first| scope.spawn(move || work(first))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(admitted, 100);
    for index in 0..16 {
        assert_eq!(look(&counts, &format!("key {index}"), quota(index)), 10 * index as u64);
    }
}

#[test]
fn a_full_part_forgets_what_was_used_longest_ago() {
    let mut part = Part::new(8, 1000);
    let rule = window(5);
    let used = |part: &mut Part, key: u128| {
        let state = part.state(key, &rule).unwrap_or_else(|| State::none(&rule));
        let decided = decide(vec![(charge(rule), state)], NOW).remove(0);
        part.keep(key, Kept { rule, state: decided.next.unwrap() }, &decided.said);
        5 - decided.said.standing.remaining
    };
    assert_eq!(used(&mut part, 0), 1);
    for key in 1..1000 {
        used(&mut part, key);
        assert!(part.0.len() <= 8);
        assert!(part.state(0, &rule).is_some(), "it is used all the time");
    }
    assert_eq!((used(&mut part, 0), used(&mut part, 1)), (2, 1));
}

#[test]
fn keys_whose_requests_are_listed_are_bounded_in_bytes_as_well() {
    let mut part = Part::new(1000, 100 * ENTRY_BYTES);
    let rule = Rule::SlidingLog(SlidingLog::new(100, HOUR).unwrap());
    let taken = (0..10).map(|moment| (NOW + moment, 1)).collect();
    let state = State { count: Count::Log(Log { taken }), held: Default::default() };
    let said = decide(vec![(Ask { rule, operation: Operation::Look }, state.clone())], NOW).remove(0).said;
    for key in 0..1000 {
        part.keep(key, Kept { rule, state: state.clone() }, &said);
        assert!(part.0.len() <= 10);
    }
}

#[test]
fn what_counts_for_nothing_is_not_kept() {
    let counts = Counts::default();
    let kept = || counts.parts.iter().map(|part| part.lock().unwrap().0.len()).sum::<usize>();
    one(&counts, "k", charge(window(5)));
    assert_eq!(kept(), 1);
    one(&counts, "k", Ask { rule: window(5), operation: Operation::GiveBack { units: 1, taken_ms: NOW } });
    assert_eq!(kept(), 0);
    let slots = Rule::Concurrency(Concurrency::new(2, HOUR).unwrap());
    let slot = one(&counts, "s", charge(slots)).granted;
    assert_eq!((kept(), look(&counts, "s", slots)), (1, 1));
    one(&counts, "s", Ask { rule: slots, operation: Operation::Release { slot } });
    assert_eq!((kept(), look(&counts, "s", slots)), (0, 2));
}

#[test]
fn under_another_quota_what_was_taken_still_counts_and_under_another_algorithm_the_count_begins_anew() {
    let counts = Counts::default();
    let meter = |quota| Rule::Meter(Meter::new(quota, HOUR, quota).unwrap());
    one(&counts, "k", charge(meter(7)));
    assert_eq!(look(&counts, "k", meter(11)), 10);
    one(&counts, "k", charge(meter(11)));
    assert_eq!(look(&counts, "k", meter(7)), 5);
    assert_eq!(one(&counts, "k", charge(window(1))).verdict, Verdict::Admitted { delay_ms: 0 });
    assert_eq!(look(&counts, "k", meter(7)), 7);
}
