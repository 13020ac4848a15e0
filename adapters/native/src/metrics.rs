//! What all threads have counted, for whoever scrapes it.

use std::sync::{Arc, Mutex, PoisonError};

use router_core::metrics::Metrics;

/// The counts of every thread. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Meters(Arc<Mutex<Vec<Arc<Mutex<Metrics>>>>>);

impl Meters {
    /// Reads these counts as well from now on.
    pub(crate) fn enlist(&self, metrics: Arc<Mutex<Metrics>>) {
        // Nothing under these locks can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(metrics);
    }

    /// All of them together, as Prometheus reads them.
    pub(crate) fn text(&self) -> String {
        let mut sum = Metrics::default();
        for metrics in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            sum.add(&metrics.lock().unwrap_or_else(PoisonError::into_inner));
        }
        sum.text()
    }
}
