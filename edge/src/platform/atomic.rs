//! Shared state that is decided on in one step.

use std::time::Duration;

use router_core::atomic::{Outcome, Transition};
use router_core::limit::owner::{Ask, Said};

/// A store that carries out a whole decision in one round trip, where the state lives: a Durable Object, a Redis script, a mutex.
pub trait Atomic {
    /// Decides on `key` (at most 256 bytes) by the store's clock. Of several at once each sees what the one before left.
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure>;

    /// Answers all questions, each about a key (at most 256 bytes) of its own, by the store's clock and within `patience`: the charges and leases among
    /// them all or nothing. Counts live apart from what `decide` keeps, so that neither can crowd out the other.
    async fn count(&self, asked: &[(String, Ask)], patience: Duration) -> Result<Vec<Said>, AtomicFailure>;
}

/// Why it was not decided. Whether the store has changed is not known after [`AtomicFailure::Failed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtomicFailure {
    /// There is no such store: none is bound or configured.
    Absent,
    /// It failed or was too slow; for the log.
    Failed(String),
}
