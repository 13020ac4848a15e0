//! What a limit still has to learn when the answer is there: whether the request counts, and what it took beyond.

use http::{HeaderMap, StatusCode};

use super::algorithm::LARGEST_QUOTA;
use super::key::LocalKey;
use super::limits::{Accuracy, Counts, Limit, UNKNOWN_LENGTH, Unit};
use super::memory::Memory;
use super::owner::{Ask, Operation};
use super::rule::Rule;
use super::tally::{Item, Now, Taken};

/// What the answer says that matters to limits.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: &'a HeaderMap,
    /// Bytes of its body, as far as its length is told.
    pub body_bytes: Option<u64>,
}

/// A place that is held until an answer has ended, with all that is needed to give it back.
#[derive(Clone, Debug)]
pub struct Place {
    store_key: String,
    local: LocalKey,
    rule: Rule,
    taken: Taken,
}

impl Place {
    /// The place that a request holds by a limit, if it holds one.
    #[must_use]
    pub fn of(item: &Item<'_>) -> Option<Self> {
        let held = matches!(item.wanted.rule, Rule::Concurrency(_)) && item.taken != Taken::Nothing;
        held.then(|| Self {
            store_key: item.store_key(),
            local: item.wanted.local,
            rule: item.wanted.rule,
            taken: item.taken,
        })
    }

    /// Gives it back: in the instance's own count at once, or what is to be told where the count lives.
    #[must_use]
    pub fn give_back(self, memory: &mut Memory, now_ms: u64) -> Option<(String, Ask)> {
        match self.taken {
            Taken::Here { slot: Some(slot), .. } => {
                memory.local.release(self.local, &self.rule, slot, now_ms);
                None
            }
            Taken::Owner { slot, .. } => {
                Some((self.store_key, Ask { rule: self.rule, operation: Operation::Release { slot } }))
            }
            Taken::Here { slot: None, .. } | Taken::Lease(_) | Taken::Nothing => None,
        }
    }
}

/// Whether a limit has something to learn from the answer's head.
#[must_use]
pub fn is_open(item: &Item<'_>) -> bool {
    let limit = item.limit();
    let learns = limit.counts != Counts::All || limit.cost_after.is_some() || limit.unit == Unit::Bytes;
    learns && item.taken != Taken::Nothing
}

/// Settles a limit: in the instance's own count at once, and what is to be told where the count lives.
#[must_use]
pub fn settle(memory: &mut Memory, item: &Item<'_>, answered: &Answered<'_>, now: Now) -> Option<(String, Ask)> {
    let limit = item.limit();
    let (rule, local, cost) = (&item.wanted.rule, item.wanted.local, item.wanted.cost);
    let told = |operation| Some((item.store_key(), Ask { rule: *rule, operation }));
    if !counts(limit, answered.status) {
        return match item.taken {
            Taken::Here { .. } | Taken::Lease(_) => {
                item.give_back_here(memory, now);
                None
            }
            Taken::Owner { taken_ms, .. } => told(Operation::GiveBack { units: cost, taken_ms }),
            Taken::Nothing => None,
        };
    }
    let units = more(limit, answered);
    if units == 0 {
        return None;
    }
    match item.taken {
        Taken::Here { .. } => {
            memory.local.take(local, rule, units, now.unix_ms);
            if limit.accuracy == Accuracy::LocalKv {
                memory.neighbours.took(item.wanted.partition.hash(), item.wanted.quota.mark, rule, units, now.unix_ms);
            }
            None
        }
        Taken::Lease(_) | Taken::Owner { .. } => told(Operation::Take { units }),
        Taken::Nothing => None,
    }
}

fn counts(limit: &Limit, status: StatusCode) -> bool {
    let failed = status.as_u16() >= 400;
    match limit.counts {
        Counts::All => true,
        Counts::Success => !failed,
        Counts::Failure => failed,
    }
}

/// What the answer takes on top.
fn more(limit: &Limit, answered: &Answered<'_>) -> u64 {
    let bytes = if limit.unit == Unit::Bytes { answered.body_bytes.unwrap_or(UNKNOWN_LENGTH) } else { 0 };
    let told = limit.cost_after.as_ref().and_then(|name| answered.headers.get(name));
    let told = told.and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok()).unwrap_or(0);
    bytes.saturating_add(told).min(LARGEST_QUOTA)
}
