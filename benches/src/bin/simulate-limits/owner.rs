//! The owner of the counts: `owner::decide` with a state for each key.

use std::collections::HashMap;

use router_core::limit::owner::{Ask, Operation, Said, State, decide};

/// Whether the owner is the real one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Honesty {
    #[default]
    Honest,
    /// It lends everything twice, to show that this is found.
    LendsTwice,
}

#[derive(Debug, Default)]
pub(crate) struct Owner {
    honesty: Honesty,
    states: HashMap<String, State>,
}

impl Owner {
    pub(crate) fn new(honesty: Honesty) -> Self {
        Self { honesty, states: HashMap::new() }
    }

    /// What it says. Its clock only goes forward.
    pub(crate) fn decide(&mut self, asks: &[(String, Ask)], now_ms: u64) -> Vec<Said> {
        let state = |(key, ask): &(String, Ask)| {
            let state = self.states.get(key).cloned();
            (*ask, state.unwrap_or_else(|| State::none(&ask.rule)))
        };
        let decided = decide(asks.iter().map(state).collect(), now_ms);
        let next = asks.iter().zip(decided);
        next.map(|((key, ask), decided)| {
            if let Some(state) = decided.next {
                self.states.insert(key.clone(), state);
            }
            let mut said = decided.said;
            if self.honesty == Honesty::LendsTwice && matches!(ask.operation, Operation::Lease { .. }) {
                said.granted *= 2;
            }
            said
        })
        .collect()
    }
}
