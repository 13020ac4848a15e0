//! What may be used once, in memory, parted so that threads seldom meet at a lock.
//!
//! It must never forget what is live, because a nonce that is forgotten can be used again. So it is bounded by refusing: where a part is full of live
//! states, a new one is not taken and the decision fails. It does not outlive the process, and it is not shared between processes.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use edge::platform::AtomicFailure;
use router_core::atomic::{Outcome, State, Transition};

/// More than threads there are on most machines, so that two seldom want the same part at once.
const PARTS: usize = 64;
/// How many live states a part holds. A full store takes about 150 MiB with the short keys that the stages use, and holds the nonces of five minutes at
/// 3,000 requests a second.
const MOST: usize = 14_336;
/// How many expired states one decision clears away: more than it can add, and so few that no lock is held for long.
const SWEPT: usize = 4;

/// The claims of the process. Clones share them.
#[derive(Clone)]
pub(crate) struct Claims {
    parts: Arc<[Mutex<Part>]>,
    /// Keys come from clients, so where they fall is not for them to choose.
    hasher: RandomState,
}

#[derive(Default)]
struct Part {
    states: HashMap<Arc<str>, State>,
    /// The same keys by the time at which they expire.
    expiries: BTreeSet<(u64, Arc<str>)>,
    /// The latest time that was seen. A wall clock that is set back must not bring back what has expired, nor prolong what is live.
    latest_ms: u64,
}

impl Default for Claims {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Claims {
    /// Decides on `key` at `now_ms` on the wall clock.
    pub(crate) fn decide(&self, key: &str, transition: &Transition, now_ms: u64) -> Result<Outcome, AtomicFailure> {
        // The hash spreads evenly, so its rest does as well.
        let index = self.hasher.hash_one(key) % PARTS as u64;
        let part = usize::try_from(index).ok().and_then(|index| self.parts.get(index));
        let Some(part) = part else { return Err(AtomicFailure::Failed("the store has no part for this key".into())) };
        // Nothing under this lock can panic half-way.
        part.lock().unwrap_or_else(PoisonError::into_inner).decide(key, transition, now_ms)
    }
}

impl Part {
    fn decide(&mut self, key: &str, transition: &Transition, now_ms: u64) -> Result<Outcome, AtomicFailure> {
        let now_ms = self.latest_ms.max(now_ms);
        self.latest_ms = now_ms;
        self.sweep(now_ms);
        let (next, outcome) = transition.apply(self.states.get(key), now_ms);
        let Some(next) = next else { return Ok(outcome) };
        let known = self.states.get_key_value(key).map(|(key, state)| (Arc::clone(key), state.expires_ms));
        let key = match known {
            Some((key, expires_ms)) => {
                self.expiries.remove(&(expires_ms, Arc::clone(&key)));
                key
            }
            None if self.states.len() >= MOST => {
                return Err(AtomicFailure::Failed(format!("the store is full: {MOST} live states in a part of it")));
            }
            None => Arc::from(key),
        };
        self.expiries.insert((next.expires_ms, Arc::clone(&key)));
        self.states.insert(key, next);
        Ok(outcome)
    }

    fn sweep(&mut self, now_ms: u64) {
        for _ in 0..SWEPT {
            match self.expiries.first() {
                Some((expires_ms, _)) if *expires_ms <= now_ms => {}
                Some(_) | None => return,
            }
            if let Some((_, key)) = self.expiries.pop_first() {
                self.states.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(lifetime_ms: u64) -> Transition {
        Transition::Claim { lifetime_ms }
    }

    /// The same table holds in Durable Objects and in Redis (`tests/platform-traits`).
    #[test]
    fn claims_have_the_outcomes_of_the_table() {
        let table = include_str!("../../../../tests/platform-traits/claims.json");
        let claims = Claims::default();
        let mut now_ms = 1_000_000;
        for step in serde_json::from_str::<Vec<serde_json::Value>>(table).unwrap() {
            now_ms += step.get("after_ms").map_or(0, |after| after.as_u64().unwrap());
            let outcome =
                claims.decide(step["key"].as_str().unwrap(), &claim(step["lifetime_ms"].as_u64().unwrap()), now_ms);
            let expected = if step["outcome"] == "claimed" { Outcome::Claimed } else { Outcome::Taken };
            assert_eq!(outcome, Ok(expected), "{step}");
        }
    }

    #[test]
    fn of_a_thousand_claims_at_once_exactly_one_succeeds() {
        let claims = Claims::default();
        let start = std::sync::Barrier::new(8);
        let claimed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        (0..125).filter(|_| claims.decide("k", &claim(1000), 1) == Ok(Outcome::Claimed)).count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(claimed, 1);
    }

    #[test]
    fn a_clock_that_is_set_back_neither_frees_nor_prolongs_a_claim() {
        let claims = Claims::default();
        assert_eq!(claims.decide("k", &claim(1000), 10_000), Ok(Outcome::Claimed));
        assert_eq!(claims.decide("k", &claim(1000), 2_000), Ok(Outcome::Taken));
        assert_eq!(claims.decide("k", &claim(1000), 10_999), Ok(Outcome::Taken));
        assert_eq!(claims.decide("k", &claim(1000), 11_000), Ok(Outcome::Claimed));
    }

    #[test]
    fn a_part_that_is_full_of_live_claims_fails_rather_than_forgets_and_takes_claims_again_when_they_expire() {
        let mut part = Part::default();
        for number in 0..MOST {
            assert_eq!(part.decide(&number.to_string(), &claim(1000), 5), Ok(Outcome::Claimed));
        }
        assert!(matches!(part.decide("one more", &claim(1000), 5), Err(AtomicFailure::Failed(_))));
        for number in 0..MOST {
            assert_eq!(part.decide(&number.to_string(), &claim(1000), 5), Ok(Outcome::Taken));
        }
        assert_eq!(part.decide("one more", &claim(1000), 1005), Ok(Outcome::Claimed));
        assert_eq!(part.states.len(), MOST - SWEPT + 1);
        assert_eq!(part.states.len(), part.expiries.len());
    }
}
