//! Shared state that is decided on in one step.

use router_core::atomic::{Outcome, Transition};

/// A store that carries out a whole decision on one key in one round trip, where the state lives: a Durable Object, a Redis script, a mutex.
pub trait Atomic {
    /// Decides on `key` (at most 256 bytes) by the store's clock. Of several at once each sees what the one before left.
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure>;
}

/// Why it was not decided. Whether the store has changed is not known after [`AtomicFailure::Failed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtomicFailure {
    /// There is no such store: none is bound or configured.
    Absent,
    /// It failed or was too slow; for the log.
    Failed(String),
}
