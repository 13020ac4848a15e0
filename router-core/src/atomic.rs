//! Decisions on shared state, each made in one step where the state lives: a Durable Object, a Redis script, a mutex.
//!
//! A [`Transition`] is sent whole to the store, which applies it by [`Transition::apply`] or by a script that does the same. There is no reading
//! first and writing later, so that two requests can never both be told that they were first.

/// A decision on one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Takes the key for itself for a time, if nobody has it: a nonce that may be used once.
    Claim {
        /// For how long, in milliseconds of the store's clock.
        lifetime_ms: u64,
    },
}

/// What the store says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key was free and is taken now.
    Claimed,
    /// Somebody had taken it.
    Taken,
}

/// What is stored under a key, with the moment from which it counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// In milliseconds since 1970 on the store's clock.
    pub expires_ms: u64,
    /// What the transition wrote. A claim writes nothing.
    pub value: Vec<u8>,
}

impl Transition {
    /// The state after this decision (`None`: as it was) and what is said to whom asked. `state` is what is stored; what has expired counts as absent.
    #[must_use]
    pub fn apply(&self, state: Option<&State>, now_ms: u64) -> (Option<State>, Outcome) {
        let live = state.filter(|state| state.expires_ms > now_ms);
        match (self, live) {
            (Self::Claim { .. }, Some(_)) => (None, Outcome::Taken),
            (Self::Claim { lifetime_ms }, None) => {
                let expires_ms = now_ms.saturating_add(*lifetime_ms);
                (Some(State { expires_ms, value: Vec::new() }), Outcome::Claimed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_given_once_until_it_expires() {
        let claim = Transition::Claim { lifetime_ms: 1000 };
        let (state, first) = claim.apply(None, 5000);
        assert_eq!(first, Outcome::Claimed);
        assert_eq!(claim.apply(state.as_ref(), 5999), (None, Outcome::Taken));
        let (again, outcome) = claim.apply(state.as_ref(), 6000);
        assert_eq!((again.unwrap().expires_ms, outcome), (7000, Outcome::Claimed));
    }
}
