//! The atomic store, in a map.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use edge::platform::{Atomic, AtomicFailure, Clock};
use router_core::atomic::{Outcome, State, Transition};
use router_core::limit::owner::{self, Ask, Said};

use crate::Memory;

/// The states by key, and whether the store works.
#[derive(Debug, Default)]
pub struct Ledger {
    states: RefCell<BTreeMap<String, State>>,
    /// Counts as they are written.
    counts: RefCell<BTreeMap<String, String>>,
    failure: RefCell<Option<AtomicFailure>>,
    asked: Cell<usize>,
}

impl Ledger {
    /// Lets every call end so, until it is told `None`.
    pub fn fail(&self, failure: Option<AtomicFailure>) {
        self.failure.replace(failure);
    }

    /// How often counts were asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.get()
    }
}

impl Atomic for Memory {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let ledger = &self.state.ledger;
        if let Some(failure) = &*ledger.failure.borrow() {
            return Err(failure.clone());
        }
        let mut states = ledger.states.borrow_mut();
        let (next, outcome) = transition.apply(states.get(key), self.unix_ms());
        if let Some(next) = next {
            states.insert(key.to_owned(), next);
        }
        Ok(outcome)
    }

    async fn count(&self, asked: &[(String, Ask)], _: Duration) -> Result<Vec<Said>, AtomicFailure> {
        let ledger = &self.state.ledger;
        ledger.asked.set(ledger.asked.get() + 1);
        if let Some(failure) = &*ledger.failure.borrow() {
            return Err(failure.clone());
        }
        let mut counts = ledger.counts.borrow_mut();
        let state = |key: &String, ask: &Ask| owner::State::read(counts.get(key).map_or("", String::as_str), &ask.rule);
        let now_ms = self.unix_ms();
        let decided = owner::decide(asked.iter().map(|(key, ask)| (*ask, state(key, ask))).collect(), now_ms);
        Ok(asked
            .iter()
            .zip(decided)
            .map(|((key, ask), decided)| {
                if let Some(next) = decided.next {
                    counts.insert(key.clone(), next.write(&ask.rule));
                }
                decided.said
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::executor::run;

    #[test]
    fn a_claim_is_given_once_by_the_manual_clock() {
        let memory = Memory::default();
        let claim = || run(memory.decide("n", Transition::Claim { lifetime_ms: 1000 })).unwrap();
        assert_eq!(claim(), Ok(Outcome::Claimed));
        assert_eq!(claim(), Ok(Outcome::Taken));
        memory.clock().forward(Duration::from_secs(1));
        assert_eq!(claim(), Ok(Outcome::Claimed));
        memory.ledger().fail(Some(AtomicFailure::Absent));
        assert_eq!(claim(), Err(AtomicFailure::Absent));
    }
}
