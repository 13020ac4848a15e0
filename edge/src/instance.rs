//! What the stages remember between the requests of one instance: best effort, bounded, and nothing that a decision could not do without.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use router_core::authenticate::{api_key, introspection, jwt, key_set};
use router_core::cache::{Key, purge};
use router_core::limit;
use router_core::limit::tally::Item;
use router_core::metrics::{Metrics, StoreEvent};
use router_core::recent::Recent;

/// The memory of an instance. A borrow never lives across an `.await`.
#[derive(Debug, Default)]
pub struct Instance {
    /// API keys that were looked up.
    pub(crate) api_keys: RefCell<api_key::Memory>,
    /// Opaque tokens that were explained.
    pub(crate) introspections: RefCell<introspection::Memory>,
    /// The key sets of issuers.
    pub(crate) key_sets: RefCell<key_set::Memory>,
    /// Answers that could not be stored, by their key, and until when requests for them do not wait for each other.
    pub(crate) passes: RefCell<Passes>,
    /// What is known of purges.
    pub(crate) purges: RefCell<purge::Memory>,
    /// What is counted here. Made at the first request.
    pub(crate) limits: RefCell<Option<limit::Memory>>,
    /// How often what happened. Another thread may read it.
    metrics: Arc<Mutex<Metrics>>,
    /// Tokens that were verified.
    pub(crate) tokens: RefCell<jwt::Memory>,
}

/// Keys of answers that could not be stored, at most so many.
const MOST_PASSES: usize = 16_384;

/// Until when requests for the same do not wait for each other, in milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct Passes(Recent<Key, u64>);

impl Default for Passes {
    fn default() -> Self {
        Self(Recent::new(MOST_PASSES))
    }
}

impl Passes {
    pub(crate) fn peek(&self, key: &Key) -> Option<&u64> {
        self.0.peek(key)
    }

    pub(crate) fn insert(&mut self, key: Key, until_ms: u64) {
        self.0.insert(key, until_ms);
    }
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

    pub(crate) fn count_cache(&self, word: &'static str) {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).cache(word);
    }

    pub(crate) fn count_cache_failure(&self) {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).cache_failure();
    }
}
