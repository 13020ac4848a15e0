//! The limiter that only Workers brings, played: so many calls a binding and key, until it is told otherwise.

use std::cell::RefCell;
use std::collections::BTreeMap;

use edge::platform::{AtomicFailure, RateLimiter};

use crate::Memory;

/// What the bindings allow.
#[derive(Debug, Default)]
pub struct Bindings {
    /// How many calls are left, by binding and then by key.
    limits: RefCell<BTreeMap<String, u64>>,
    used: RefCell<BTreeMap<(String, String), u64>>,
}

impl Bindings {
    /// Binds a limiter that lets every key pass so often.
    pub fn bind(&self, binding: &str, limit: u64) {
        self.limits.borrow_mut().insert(binding.to_owned(), limit);
    }
}

impl RateLimiter for Memory {
    async fn within(&self, binding: &str, key: &str) -> Result<bool, AtomicFailure> {
        let bindings = &self.state.bindings;
        let Some(limit) = bindings.limits.borrow().get(binding).copied() else { return Err(AtomicFailure::Absent) };
        let mut used = bindings.used.borrow_mut();
        let used = used.entry((binding.to_owned(), key.to_owned())).or_default();
        *used += 1;
        Ok(*used <= limit)
    }
}
