//! The decision where a count lives: what is written, several keys at once, and leases whatever their holders do.

mod alone;
mod ask;
mod batch;
mod leases;
mod lending;
mod moments;
mod state;
mod world;

use proptest::{prelude::*, sample::select};

use super::*;
use crate::limit::algorithm::{
    Concurrency, FixedWindow, LARGEST, LeakyBucket, Level, Log, Meter, SlidingLog, SlidingWindow, Slots, Window,
    Windows,
};
use crate::limit::rule::Rule;
use crate::limit::verdict::{Standing, Verdict};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Meter,
    LeakyBucket,
    FixedWindow,
    SlidingWindow,
    SlidingLog,
    Concurrency,
}

/// All but those whose tokens cannot be lent.
const LENT: [Kind; 4] = [Kind::Meter, Kind::FixedWindow, Kind::SlidingWindow, Kind::SlidingLog];

const ALL: [Kind; 6] =
    [Kind::Meter, Kind::LeakyBucket, Kind::FixedWindow, Kind::SlidingWindow, Kind::SlidingLog, Kind::Concurrency];

/// A quota. Its rule may depend on the moment.
#[derive(Clone, Copy, Debug)]
struct Quota {
    kind: Kind,
    units: u64,
    window_ms: u64,
}

impl Quota {
    fn rule(self, now_ms: u64) -> Rule {
        let Self { kind, units, window_ms } = self;
        match kind {
            Kind::Meter => Rule::Meter(Meter::new(units, window_ms, units).unwrap()),
            Kind::LeakyBucket => Rule::LeakyBucket(LeakyBucket::new(units, window_ms, window_ms).unwrap()),
            Kind::FixedWindow => {
                Rule::FixedWindow(FixedWindow::new(units, FixedWindow::bounds_every(window_ms, now_ms)).unwrap())
            }
            Kind::SlidingWindow => Rule::SlidingWindow(SlidingWindow::new(units, window_ms).unwrap()),
            Kind::SlidingLog => Rule::SlidingLog(SlidingLog::new(units, window_ms).unwrap()),
            Kind::Concurrency => Rule::Concurrency(Concurrency::new(units, window_ms).unwrap()),
        }
    }

    /// How many can be had when nothing has been taken.
    fn whole(self) -> u64 {
        Count::none(&self.rule(0)).remaining(&self.rule(0), 0)
    }
}

/// Small ones, of which a few events use all.
fn quotas(kinds: &'static [Kind]) -> impl Strategy<Value = Quota> {
    let units = prop_oneof![1..=12_u64, 8..=40_u64];
    (select(kinds), units, 1..=40_u64).prop_map(|(kind, units, window_ms)| Quota { kind, units, window_ms })
}

/// What is done to a count, after a while.
#[derive(Clone, Copy, Debug)]
struct Event {
    after_ms: u64,
    doing: Doing,
}

#[derive(Clone, Copy, Debug)]
enum Doing {
    Charge { cost: u64, on_over: OnOver },
    Lease { cost: u64, want: u64, ttl_ms: u64, share: u64, settle: usize, used: u64 },
    Settle { which: usize, used: u64 },
    GiveBack { units: u64, ago_ms: u64 },
    Take { units: u64 },
    Release { which: usize },
    Look,
    Reset,
}

fn doings(Quota { units, window_ms, .. }: Quota) -> impl Strategy<Value = Doing> {
    let cost = move || prop_oneof![4 => Just(1), 1 => 0..=units + 1, 1 => 0..=units / 3 + 1];
    let lease = (cost(), 0..=units, 1..=2 * window_ms, select(vec![1, 2, 8]), 0..5_usize, 0..=units);
    prop_oneof![
        6 => (cost(), select(vec![OnOver::Refuse, OnOver::Refuse, OnOver::Meter]))
            .prop_map(|(cost, on_over)| Doing::Charge { cost, on_over }),
        4 => lease.prop_map(|(cost, want, ttl_ms, share, settle, used)| {
            Doing::Lease { cost, want, ttl_ms, share, settle, used }
        }),
        2 => (0..4_usize, 0..=units).prop_map(|(which, used)| Doing::Settle { which, used }),
        1 => (cost(), 0..=2 * window_ms).prop_map(|(units, ago_ms)| Doing::GiveBack { units, ago_ms }),
        1 => cost().prop_map(|units| Doing::Take { units }),
        2 => (0..4_usize).prop_map(|which| Doing::Release { which }),
        1 => Just(Doing::Look),
        1 => Just(Doing::Reset),
    ]
}

fn events(quota: Quota, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let gaps = prop_oneof![4 => Just(0), 4 => 0..=2 * quota.window_ms / quota.units + 1, 1 => 0..=3 * quota.window_ms];
    prop::collection::vec((gaps, doings(quota)).prop_map(|(after_ms, doing)| Event { after_ms, doing }), 1..most)
}

fn histories(kinds: &'static [Kind], most: usize) -> impl Strategy<Value = (Quota, Vec<Event>)> {
    quotas(kinds).prop_flat_map(move |quota| (Just(quota), events(quota, most)))
}

fn beginnings() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..200_u64, 1_800_000_000_000..1_800_000_100_000_u64]
}

/// A key where it lives, with what those who ask know of it.
#[derive(Clone, Debug)]
struct Key {
    quota: Quota,
    now_ms: u64,
    state: State,
    leases: Vec<Settlement>,
    slots: Vec<u64>,
}

impl Key {
    fn new(quota: Quota, now_ms: u64) -> Self {
        Self { quota, now_ms, state: State::none(&quota.rule(now_ms)), leases: Vec::new(), slots: Vec::new() }
    }

    fn rule(&self) -> Rule {
        self.quota.rule(self.now_ms)
    }

    fn ask(&self, doing: Doing) -> Ask {
        let lease = |which: usize, used| {
            let lease = self.leases.iter().rev().nth(which);
            lease.map_or_else(Settlement::default, |lease| Settlement { used, ..*lease })
        };
        let operation = match doing {
            Doing::Charge { cost, on_over } => Operation::Charge { cost, on_over },
            Doing::Lease { cost, want, ttl_ms, share, settle, used } if self.rule().can_be_leased() => {
                Operation::Lease { cost, want, ttl_ms, share, settle: lease(settle, used) }
            }
            Doing::Lease { cost, .. } => Operation::Charge { cost, on_over: OnOver::Refuse },
            Doing::Settle { which, used } => Operation::Settle(lease(which, used)),
            Doing::GiveBack { units, ago_ms } => {
                Operation::GiveBack { units, taken_ms: self.now_ms.saturating_sub(ago_ms) }
            }
            Doing::Take { units } => Operation::Take { units },
            Doing::Release { which } => {
                Operation::Release { slot: self.slots.iter().rev().nth(which).copied().unwrap_or(7) }
            }
            Doing::Look => Operation::Look,
            Doing::Reset => Operation::Reset,
        };
        Ask { rule: self.rule(), operation }
    }

    /// Takes in what was decided.
    fn learn(&mut self, ask: &Ask, decided: Decided) -> Said {
        let Decided { said, next } = decided;
        if let Some(next) = next {
            self.state = next;
        }
        match ask.operation {
            Operation::Lease { .. } if said.granted > 0 => {
                self.leases.push(Settlement { until_ms: said.until_ms, granted: said.granted, used: 0 });
            }
            Operation::Charge { .. } if said.granted > 0 => self.slots.push(said.granted),
            _ => {}
        }
        said
    }

    fn happens(&mut self, event: Event) -> Said {
        self.now_ms += event.after_ms;
        let ask = self.ask(event.doing);
        let decided = alone(ask, &self.state, self.now_ms);
        self.learn(&ask, decided)
    }
}

/// One question by itself.
fn alone(ask: Ask, state: &State, now_ms: u64) -> Decided {
    decide(vec![(ask, state.clone())], now_ms).remove(0)
}

fn look(rule: Rule, state: &State, now_ms: u64) -> Standing {
    let decided = alone(Ask { rule, operation: Operation::Look }, state, now_ms);
    assert_eq!(decided.next, None);
    decided.said.standing
}
