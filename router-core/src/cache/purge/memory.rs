//! What an instance knows of purges, so that not every answer needs a look into the key-value store.

use super::{LAST, Name, Purge};
use crate::recent::Recent;

/// Names of which it is known whether they were purged.
const MOST_KNOWN: usize = 16_384;

/// Purges of this instance's own.
const MOST_OWN: usize = 4_096;

/// What an instance knows of purges.
#[derive(Debug)]
pub struct Memory {
    /// When the store was asked, on the instance's own time line, and what it said.
    known: Recent<String, (u64, Option<Purge>)>,
    own: Recent<String, Purge>,
    own_last: Option<Purge>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { known: Recent::new(MOST_KNOWN), own: Recent::new(MOST_OWN), own_last: None }
    }
}

impl Memory {
    /// What the store said of `key`, if that was no longer ago than `patience_ms`.
    pub fn known(&mut self, key: &str, monotonic_ms: u64, patience_ms: u64) -> Option<Option<Purge>> {
        let (at_ms, purge) = self.known.get(key)?;
        (monotonic_ms.saturating_sub(*at_ms) < patience_ms).then_some(*purge)
    }

    /// Notes what the store said.
    pub fn learn(&mut self, key: &str, purge: Option<Purge>, monotonic_ms: u64) {
        self.known.insert(key.to_owned(), (monotonic_ms, purge));
    }

    /// Notes a purge of this instance's own.
    pub fn note(&mut self, names: &[Name], purge: Purge) {
        for name in names {
            let key = name.key();
            self.known.remove(&key);
            self.own.insert(key, purge);
        }
        self.known.remove(LAST);
        self.own_last = Some(purge);
    }

    /// The last purge of this instance's own.
    #[must_use]
    pub fn own_last(&self) -> Option<Purge> {
        self.own_last
    }

    /// The purge of this instance's own by `key`.
    #[must_use]
    pub fn own(&self, key: &str) -> Option<Purge> {
        self.own.peek(key).copied()
    }
}
