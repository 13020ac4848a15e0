//! What the stages remember between the requests of one instance: best effort, bounded, and nothing that a decision could not do without.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use router_core::authenticate::{api_key, introspection, jwt, key_set};
use router_core::limit;
use router_core::limit::metrics::{Metrics, StoreEvent};
use router_core::limit::tally::Item;

/// The memory of an instance. A borrow never lives across an `.await`.
#[derive(Debug, Default)]
pub struct Instance {
    /// API keys that were looked up.
    pub(crate) api_keys: RefCell<api_key::Memory>,
    /// Opaque tokens that were explained.
    pub(crate) introspections: RefCell<introspection::Memory>,
    /// The key sets of issuers.
    pub(crate) key_sets: RefCell<key_set::Memory>,
    /// What is counted here. Made at the first request.
    pub(crate) limits: RefCell<Option<limit::Memory>>,
    /// How often what happened. Another thread may read it.
    metrics: Arc<Mutex<Metrics>>,
    /// Tokens that were verified.
    pub(crate) tokens: RefCell<jwt::Memory>,
}

impl Instance {
    /// How often what happened, for another thread to read.
    #[must_use]
    pub fn metrics(&self) -> Arc<Mutex<Metrics>> {
        Arc::clone(&self.metrics)
    }

    pub(crate) fn count_limit(&self, item: &Item<'_>) {
        // Nothing under this lock can panic half-way.
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).limit(item);
    }

    pub(crate) fn count_store(&self, event: StoreEvent) {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).store(event);
    }
}
