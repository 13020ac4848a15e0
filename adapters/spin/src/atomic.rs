//! The atomic store.

use edge::platform::{Atomic, AtomicFailure};
use router_core::atomic::{Outcome, Transition};

use crate::Spin;

impl Atomic for Spin {
    async fn decide(&self, _key: &str, _transition: Transition) -> Result<Outcome, AtomicFailure> {
        Err(AtomicFailure::Absent)
    }
}
