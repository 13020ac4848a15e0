//! Requests for the same wait for one of them, whichever thread has it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use edge::AtEnd;
use edge::platform::Coalesce;
use router_core::cache::Key;
use tokio::sync::watch;

use crate::platform::Native;

/// The keys that somebody leads for, in all threads: never more than there are requests under way. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Leads(Arc<Mutex<HashMap<Key, watch::Receiver<()>>>>);

/// Takes its key off the list however the lead ends.
struct Lead {
    leads: Leads,
    key: Key,
    /// Dropped after the key is off the list: whoever is woken finds nobody that leads.
    _alive: watch::Sender<()>,
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.leads.table().remove(&self.key);
    }
}

impl Leads {
    /// Held for a look or a change only. A panic in between leaves the table as good as it was.
    fn table(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lead(&self, key: Key) -> Option<AtEnd> {
        let alive = match self.table().entry(key) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(place) => {
                let (alive, follower) = watch::channel(());
                place.insert(follower);
                alive
            }
        };
        let lead = Lead { leads: self.clone(), key, _alive: alive };
        Some(AtEnd::new(move || drop(lead)))
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        let leading = self.table().get(key).cloned();
        if let Some(mut leading) = leading {
            // Nothing is ever sent. That nobody is left to send is told also to those who ask later.
            drop(tokio::time::timeout(patience, leading.changed()).await);
        }
    }
}

impl Coalesce for Native {
    fn lead(&self, key: &Key) -> Option<AtEnd> {
        self.thread.leads.lead(*key)
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        self.thread.leads.follow(key, patience).await;
    }
}
