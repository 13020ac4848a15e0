//! What an owner keeps of a key, and how it is written: whole numbers in a line, which Rust, Lua and people can read.
//!
//! `KIND SCALE LEASES {END TOKENS} …` and then the numbers of the count. The scale says in what the count is counted: a state that was written under another
//! quota is converted where that can be done, and else begins anew.

use smallvec::SmallVec;

use super::count::Count;
use super::held::Held;
use crate::limit::algorithm::{LARGEST, LARGEST_LISTED, Level, Log, Slots, Window, Windows};
use crate::limit::rule::Rule;

/// What an owner keeps of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What is taken.
    pub count: Count,
    /// What is out on leases.
    pub held: Held,
}

/// In a state of the usual kind there are no more.
type Numbers = SmallVec<[u64; 12]>;

/// More numbers than these are in no state: those of a full log and of all leases.
const MOST_NUMBERS: usize = 2 * LARGEST_LISTED as usize + 32;

impl State {
    /// Nothing taken yet.
    #[must_use]
    pub fn none(rule: &Rule) -> Self {
        Self { count: Count::none(rule), held: Held::default() }
    }

    /// The state that was written; one of which nothing is taken, if it is of another kind or makes no sense.
    #[must_use]
    pub fn read(text: &str, rule: &Rule) -> Self {
        read(text, rule).unwrap_or_else(|| Self::none(rule))
    }

    /// As it is stored under `rule`.
    #[must_use]
    pub fn write(&self, rule: &Rule) -> String {
        let (kind, scale) = kind(rule);
        let mut numbers: Numbers = SmallVec::new();
        numbers.extend([kind, scale, self.held.pairs().len() as u64]);
        numbers.extend(self.held.pairs().flat_map(|(end, tokens)| [end, tokens]));
        match &self.count {
            Count::Level(level) => numbers.extend([level.at_ms, level.parts]),
            Count::Window(window) => numbers.extend([window.start_ms, window.used]),
            Count::Windows(windows) => numbers.extend([windows.start_ms, windows.current, windows.previous]),
            Count::Log(log) => numbers.extend(log.taken.iter().flat_map(|(at, units)| [*at, *units])),
            Count::Slots(slots) => {
                numbers.push(slots.last);
                numbers.extend(slots.held.iter().flat_map(|(slot, end)| [*slot, *end]));
            }
        }
        let mut text = String::with_capacity(numbers.len() * 14);
        for (index, number) in numbers.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(&number.to_string());
        }
        text
    }

    /// When it counts for nothing, in milliseconds since 1970; not later than `now_ms` where that is so already.
    #[must_use]
    pub fn ends_ms(&self, rule: &Rule, now_ms: u64) -> u64 {
        let last = self.held.last_end().unwrap_or(now_ms).max(now_ms);
        let full = last.saturating_add(self.projected(rule).standing(rule, last).full_ms);
        match &self.count {
            Count::Slots(slots) => full.max(slots.forgettable_ms()),
            _ => full,
        }
    }

    /// Nothing is taken any more. Numbers of slots do not come again all the same.
    pub(super) fn reset(self, rule: &Rule) -> Self {
        match self.count {
            Count::Slots(Slots { last, .. }) => {
                Self { count: Count::Slots(Slots { last, held: Vec::new() }), held: Held::default() }
            }
            _ => Self::none(rule),
        }
    }

    /// The count, should every lease be used at its end.
    pub(super) fn projected(&self, rule: &Rule) -> Count {
        self.held.pairs().fold(self.count.clone(), |count, (end, tokens)| {
            let at_ms = end.max(count.latest_ms());
            count.take(rule, tokens, at_ms)
        })
    }
}

/// Which kind of count it is, and in what it is counted.
fn kind(rule: &Rule) -> (u64, u64) {
    match rule {
        Rule::Meter(meter) => (1, meter.unit()),
        Rule::LeakyBucket(bucket) => (1, bucket.meter().unit()),
        Rule::FixedWindow(_) => (3, 0),
        Rule::SlidingWindow(sliding) => (4, sliding.numbers()[1]),
        Rule::SlidingLog(_) => (5, 0),
        Rule::Concurrency(_) => (6, 0),
    }
}

fn read(text: &str, rule: &Rule) -> Option<State> {
    let mut numbers: Numbers = SmallVec::new();
    for word in text.split(' ').take(MOST_NUMBERS) {
        numbers.push(word.parse().ok().filter(|number| *number <= LARGEST)?);
    }
    let [written_kind, written_scale, leases, rest @ ..] = numbers.as_slice() else { return None };
    let (kind, scale) = kind(rule);
    if *written_kind != kind {
        return None;
    }
    let (leases, rest) = rest.split_at_checked(usize::try_from(*leases).ok()?.checked_mul(2)?)?;
    let count = match (rule, rest) {
        (Rule::Meter(meter), [at_ms, parts]) => {
            Count::Level(meter.converted(Level { at_ms: *at_ms, parts: *parts }, *written_scale))
        }
        (Rule::LeakyBucket(bucket), [at_ms, parts]) => {
            Count::Level(bucket.meter().converted(Level { at_ms: *at_ms, parts: *parts }, *written_scale))
        }
        (Rule::FixedWindow(_), [start_ms, used]) => Count::Window(Window { start_ms: *start_ms, used: *used }),
        (Rule::SlidingWindow(_), [start_ms, current, previous]) if *written_scale == scale => {
            Count::Windows(Windows { start_ms: *start_ms, current: *current, previous: *previous })
        }
        (Rule::SlidingLog(_), taken) => Count::Log(Log { taken: pairs(taken).collect() }),
        (Rule::Concurrency(_), [last, held @ ..]) => Count::Slots(Slots { last: *last, held: pairs(held).collect() }),
        _ => return None,
    };
    Some(State { count, held: Held::from_pairs(pairs(leases)) })
}

fn pairs(numbers: &[u64]) -> impl Iterator<Item = (u64, u64)> + '_ {
    numbers.chunks_exact(2).filter_map(|pair| match pair {
        [one, other] => Some((*one, *other)),
        _ => None,
    })
}
