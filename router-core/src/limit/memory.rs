//! What an instance remembers of limits.

use std::time::Duration;

use super::denied::Denied;
use super::key::Seed;
use super::lease::Leases;
use super::local::Local;
use super::spread::Neighbours;
use crate::breaker::{Breaker, Resting};

/// How the store of counts is left alone when it fails: for a second at first, as everything waits for it, and half a minute at most.
const STORE: Resting = Resting {
    failures: 5,
    shortest: Duration::from_secs(1),
    longest: Duration::from_secs(30),
    gone: Duration::from_secs(15),
};

/// What an instance remembers of limits. Bounded: see each of its parts.
#[derive(Debug)]
pub struct Memory {
    /// What its keys depend on.
    pub seed: Seed,
    /// What it counts by itself.
    pub local: Local,
    /// Who was refused lately.
    pub denied: Denied,
    /// The tokens that owners have lent it.
    pub leases: Leases,
    /// What it knows of what other instances count.
    pub neighbours: Neighbours,
    /// Leaves the store alone while it fails.
    pub store: Breaker,
    most_keys: usize,
}

impl Memory {
    /// An empty one. `seed` is random; `most_keys`: of each kind of count.
    #[must_use]
    pub fn new(seed: Seed, most_keys: usize, now_ms: u64) -> Self {
        Self {
            seed,
            local: Local::new(most_keys),
            denied: Denied::new(most_keys),
            leases: Leases::new(most_keys),
            neighbours: Neighbours::new(&seed),
            store: Breaker::new(&STORE, now_ms),
            most_keys,
        }
    }

    /// For how many keys it has room.
    #[must_use]
    pub fn most_keys(&self) -> usize {
        self.most_keys
    }
}
