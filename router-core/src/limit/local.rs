//! What an instance counts by itself.

use super::algorithm::{Algorithm, Level, Log, Slots, Window, Windows};
use super::key::{LocalKey, Spread};
use super::owner::OnOver;
use super::rule::Rule;
use super::verdict::{Decision, Standing, Verdict};
use crate::recent::{Recent, Weighed};

/// Logs and slots have entries for single requests, so that all of them together are bounded in bytes.
const MOST_LISTED_BYTES: usize = 16 << 20;

/// What an entry of a log or of slots takes.
const ENTRY_BYTES: usize = 16;

/// The counts of an instance, by key. Of each kind it keeps about so many that were used last; whoever is forgotten begins anew.
///
/// A level or a window takes 16 bytes beside its key and at most twice that with the room that a hash table leaves.
#[derive(Debug)]
pub struct Local {
    levels: Recent<LocalKey, Level, Spread>,
    windows: Recent<LocalKey, Window, Spread>,
    sliding: Recent<LocalKey, Windows, Spread>,
    logs: Weighed<LocalKey, Log>,
    slots: Weighed<LocalKey, Slots>,
}

/// A decision of an instance, with the slot that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDecision {
    /// Verdict and standing.
    pub decision: Decision,
    /// The number of the slot, for concurrency.
    pub slot: Option<u64>,
}

impl Local {
    /// An empty one for about `most_keys` of each kind.
    #[must_use]
    pub fn new(most_keys: usize) -> Self {
        Self {
            levels: Recent::new(most_keys),
            windows: Recent::new(most_keys),
            sliding: Recent::new(most_keys),
            logs: Weighed::new(most_keys, MOST_LISTED_BYTES),
            slots: Weighed::new(most_keys, MOST_LISTED_BYTES),
        }
    }

    /// Takes `cost` units of `key`, or a slot. `elsewhere` is what others are known to have taken of it in the same window.
    pub fn charge(
        &mut self,
        key: LocalKey,
        rule: &Rule,
        cost: u64,
        on_over: OnOver,
        elsewhere: u64,
        now_ms: u64,
    ) -> LocalDecision {
        let alone = |decision| LocalDecision { decision, slot: None };
        match rule {
            Rule::Meter(meter) => {
                let level = self.levels.entry(key, Level::default);
                let (decision, next) = meter.charge(*level, cost, now_ms);
                *level = next;
                alone(decision)
            }
            Rule::LeakyBucket(bucket) => {
                let level = self.levels.entry(key, Level::default);
                let (decision, next) = bucket.charge(*level, cost, now_ms);
                *level = next;
                alone(decision)
            }
            Rule::FixedWindow(fixed) => {
                let window = self.windows.entry(key, Window::default);
                let (decision, next) = beside(fixed, *window, cost, on_over, elsewhere, now_ms);
                *window = next;
                alone(decision)
            }
            Rule::SlidingWindow(sliding) => {
                let windows = self.sliding.entry(key, Windows::default);
                let (decision, next) = beside(sliding, *windows, cost, on_over, elsewhere, now_ms);
                *windows = next;
                alone(decision)
            }
            Rule::SlidingLog(sliding) => {
                let log = self.logs.remove(&key).unwrap_or_default();
                let (decision, log) = sliding.charge(log, cost, now_ms);
                self.keep_log(key, log);
                alone(decision)
            }
            Rule::Concurrency(concurrency) => {
                let slots = self.slots.remove(&key).unwrap_or_default();
                let (decision, slot, slots) = concurrency.acquire(slots, now_ms);
                self.keep_slots(key, slots);
                LocalDecision { decision, slot }
            }
        }
    }

    /// Gives back what was taken at `taken_ms`.
    pub fn give_back(&mut self, key: LocalKey, rule: &Rule, units: u64, taken_ms: u64, now_ms: u64) {
        match rule {
            Rule::Meter(meter) => {
                let level = self.levels.entry(key, Level::default);
                *level = meter.give_back(*level, units, taken_ms, now_ms);
            }
            Rule::LeakyBucket(bucket) => {
                let level = self.levels.entry(key, Level::default);
                *level = bucket.give_back(*level, units, taken_ms, now_ms);
            }
            Rule::FixedWindow(fixed) => {
                let window = self.windows.entry(key, Window::default);
                *window = fixed.give_back(*window, units, taken_ms, now_ms);
            }
            Rule::SlidingWindow(sliding) => {
                let windows = self.sliding.entry(key, Windows::default);
                *windows = sliding.give_back(*windows, units, taken_ms, now_ms);
            }
            Rule::SlidingLog(sliding) => {
                let log = self.logs.remove(&key).unwrap_or_default();
                self.keep_log(key, sliding.give_back(log, units, taken_ms, now_ms));
            }
            Rule::Concurrency(_) => {}
        }
    }

    /// Takes `units` on top, whether they are there or not.
    pub fn take(&mut self, key: LocalKey, rule: &Rule, units: u64, now_ms: u64) {
        match rule {
            Rule::Meter(meter) => {
                let level = self.levels.entry(key, Level::default);
                *level = meter.take(*level, units, now_ms);
            }
            Rule::LeakyBucket(bucket) => {
                let level = self.levels.entry(key, Level::default);
                *level = bucket.take(*level, units, now_ms);
            }
            Rule::FixedWindow(fixed) => {
                let window = self.windows.entry(key, Window::default);
                *window = fixed.take(*window, units, now_ms);
            }
            Rule::SlidingWindow(sliding) => {
                let windows = self.sliding.entry(key, Windows::default);
                *windows = sliding.take(*windows, units, now_ms);
            }
            Rule::SlidingLog(sliding) => {
                let log = self.logs.remove(&key).unwrap_or_default();
                self.keep_log(key, sliding.take(log, units, now_ms));
            }
            Rule::Concurrency(_) => {}
        }
    }

    /// Gives a slot back.
    pub fn release(&mut self, key: LocalKey, rule: &Rule, slot: u64, now_ms: u64) {
        if let Rule::Concurrency(concurrency) = rule
            && let Some(slots) = self.slots.remove(&key)
        {
            self.keep_slots(key, concurrency.release(slots, slot, now_ms));
        }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.levels.len() + self.windows.len() + self.sliding.len() + self.logs.len() + self.slots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn keep_log(&mut self, key: LocalKey, log: Log) {
        let weight = (log.taken.len() + 1) * ENTRY_BYTES;
        self.logs.insert(key, log, weight);
    }

    fn keep_slots(&mut self, key: LocalKey, slots: Slots) {
        let weight = (slots.held.len() + 1) * ENTRY_BYTES;
        self.slots.insert(key, slots, weight);
    }
}

/// A charge beside what others are known to have taken.
fn beside<A: Algorithm>(
    algorithm: &A,
    state: A::State,
    cost: u64,
    on_over: OnOver,
    elsewhere: u64,
    now_ms: u64,
) -> (Decision, A::State)
where
    A::State: Copy,
{
    let wait = algorithm.wait_for(&state, cost.saturating_add(elsewhere), now_ms);
    let room = algorithm.remaining(&state, now_ms).saturating_sub(elsewhere);
    let (verdict, next) = match (wait, on_over) {
        (Some(0), _) => (Verdict::Admitted { delay_ms: 0 }, algorithm.take(state, cost, now_ms)),
        (_, OnOver::Meter) => (Verdict::Over { units: cost.saturating_sub(room) }, algorithm.take(state, cost, now_ms)),
        (wait, OnOver::Refuse) => {
            // What others took comes back when all of the window does.
            let all = || algorithm.wait_for(&state, cost, now_ms).map(|_| algorithm.full_ms(&state, now_ms).max(1));
            (Verdict::Refused { retry_ms: wait.or_else(all) }, state)
        }
    };
    let own = algorithm.standing(&next, now_ms);
    let remaining = own.remaining.saturating_sub(elsewhere);
    let next_ms = if elsewhere == 0 { own.next_ms } else { own.full_ms.max(own.next_ms) };
    (Decision { verdict, standing: Standing { remaining, next_ms, full_ms: own.full_ms } }, next)
}
