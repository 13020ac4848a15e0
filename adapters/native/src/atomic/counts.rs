//! Counts of limits, in memory, parted so that threads seldom meet at a lock.
//!
//! Unlike claims they may be forgotten: whoever is forgotten begins anew, and that is who was not seen for longest. So a store that is full goes on.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edge::platform::AtomicFailure;
use router_core::limit::Rule;
use router_core::limit::owner::{Ask, Count, Said, State, decide};
use router_core::recent::Weighed;

/// More than threads there are on most machines, so that two seldom want the same part at once.
const PARTS: usize = 64;
/// For how many keys a part has room, half of which are sure to be those that were used last: 917,504 in all, which take about 200 MB. As many as fill the
/// tables below whose size is a power of two.
const MOST: usize = 14_336;
/// How many bytes the entries of logs and slots take in a part: 512 MiB in all, so that keys whose every request is listed cannot use up the memory. The
/// largest state has 64 KiB.
const MOST_LISTED_BYTES: usize = 8 << 20;
/// What an entry of a log or of slots takes.
const ENTRY_BYTES: usize = 16;

/// The counts of the process. Clones share them.
#[derive(Clone)]
pub(super) struct Counts {
    parts: Arc<[Mutex<Part>]>,
    /// Keys come from clients, so where they fall is not for them to choose.
    hashers: [RandomState; 2],
}

/// The keys are not kept: a keyed hash of 128 bits is shorter, and two of them never meet.
#[derive(Debug)]
struct Part(Weighed<u128, Kept>);

/// A state, and the rule by which it is counted.
#[derive(Clone, Debug)]
struct Kept {
    rule: Rule,
    state: State,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::new(Part::new(MOST, MOST_LISTED_BYTES))).collect(),
            hashers: [RandomState::new(), RandomState::new()],
        }
    }
}

impl Counts {
    /// Answers all questions at `now_ms` on the wall clock, all or nothing.
    pub(super) fn count(&self, asked: &[(String, Ask)], now_ms: u64) -> Result<Vec<Said>, AtomicFailure> {
        let places: Vec<(usize, u128)> = asked.iter().map(|(key, _)| self.place(key)).collect();
        let mut parts = self.lock(&places)?;
        let states = asked.iter().zip(&places).map(|((_, ask), place)| {
            let state = of(&mut parts, place).and_then(|part| part.state(place.1, &ask.rule));
            (*ask, state.unwrap_or_else(|| State::none(&ask.rule)))
        });
        let decided = decide(states.collect(), now_ms);
        let mut said = Vec::with_capacity(decided.len());
        for (((_, ask), place), decided) in asked.iter().zip(&places).zip(decided) {
            if let Some(state) = decided.next
                && let Some(part) = of(&mut parts, place)
            {
                part.keep(place.1, Kept { rule: ask.rule, state }, &decided.said);
            }
            said.push(decided.said);
        }
        Ok(said)
    }

    /// In which part a key is kept, and as what.
    fn place(&self, key: &str) -> (usize, u128) {
        let [high, low] = self.hashers.each_ref().map(|hasher| hasher.hash_one(key));
        // The hash spreads evenly, so its rest does as well.
        let index = usize::try_from(high % PARTS as u64).unwrap_or(0);
        (index, u128::from(high) << 64 | u128::from(low))
    }

    /// Locks the parts of all keys. Everybody does so in the same order, so that no two wait for each other.
    fn lock(&self, places: &[(usize, u128)]) -> Result<Vec<(usize, MutexGuard<'_, Part>)>, AtomicFailure> {
        let mut indices: Vec<usize> = places.iter().map(|(index, _)| *index).collect();
        indices.sort_unstable();
        indices.dedup();
        let locked = indices.into_iter().map(|index| {
            let part = self.parts.get(index)?;
            // Nothing under this lock can panic half-way.
            Some((index, part.lock().unwrap_or_else(PoisonError::into_inner)))
        });
        let locked: Option<Vec<_>> = locked.collect();
        locked.ok_or_else(|| AtomicFailure::Failed("the store has no part for this key".into()))
    }
}

fn of<'p>(parts: &'p mut [(usize, MutexGuard<'_, Part>)], place: &(usize, u128)) -> Option<&'p mut Part> {
    parts.iter_mut().find(|(index, _)| *index == place.0).map(|(_, part)| &mut **part)
}

impl Part {
    fn new(most: usize, listed_bytes: usize) -> Self {
        Self(Weighed::new(most, listed_bytes))
    }

    /// The state of a key under `rule`, if there is one.
    fn state(&mut self, key: u128, rule: &Rule) -> Option<State> {
        let kept = self.0.get(&key)?;
        if kept.rule == *rule {
            return Some(kept.state.clone());
        }
        // Under another rule it is what it would be in a store of text.
        Some(State::read(&kept.state.write(&kept.rule), rule))
    }

    /// Keeps a state for as long as it counts for something.
    fn keep(&mut self, key: u128, kept: Kept, said: &Said) {
        if said.standing.full_ms == 0 {
            self.0.remove(&key);
            return;
        }
        let entries = match &kept.state.count {
            Count::Level(_) | Count::Window(_) | Count::Windows(_) => 0,
            Count::Log(log) => log.taken.len(),
            Count::Slots(slots) => slots.held.len(),
        };
        self.0.insert(key, kept, entries * ENTRY_BYTES);
    }
}

#[cfg(test)]
mod tests;
