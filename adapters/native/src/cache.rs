//! Stored answers: in the memory of the process, shared by all its threads.

mod compact;
mod gathering;
mod passing;
mod store;

use std::time::Duration;

use bytes::Bytes;
use edge::AtEnd;
use edge::platform::{Cache, CacheFailure, Found};
use router_core::cache::{Entry, Item, Key};
use tokio::time::Instant;

use crate::platform::Native;
use crate::upstream::NativeAnswer;

use gathering::{Gathering, Order};
pub(crate) use passing::PassingBody;
pub(crate) use store::Store;

impl Native {
    /// What is to be done with the body of `answer`.
    fn order(&self, key: &Key, entry: Entry, answer: &NativeAnswer, most: u64, lifetime: Duration) -> Order {
        let store = self.thread.cache.clone();
        let declared = passing::declared(answer);
        // Counted from now, as the age of the entry is, and not from when the body ends.
        Order { store, key: *key, entry, declared, most, expires: after(lifetime) }
    }
}

/// The end of a lifetime that begins now; `None`: beyond all time.
fn after(lifetime: Duration) -> Option<Instant> {
    Instant::now().checked_add(lifetime)
}

impl Cache for Native {
    type Kept = Bytes;

    async fn find(&self, key: &Key) -> Result<Option<Found<Bytes>>, CacheFailure> {
        Ok(self.thread.cache.find(key, Instant::now()))
    }

    async fn store(&self, key: &Key, item: Item, body: Bytes, lifetime: Duration) -> Result<(), CacheFailure> {
        // It may be a piece of something larger, which would be held in memory with it.
        self.thread.cache.insert(*key, item, Bytes::copy_from_slice(&body), after(lifetime))
    }

    fn store_passing(
        &self,
        key: &Key,
        entry: Entry,
        mut answer: NativeAnswer,
        most: u64,
        lifetime: Duration,
        end: AtEnd,
    ) -> NativeAnswer {
        let order = self.order(key, entry, &answer, most, lifetime);
        // What cannot be stored passes all the same.
        if let Ok(gathering) = Gathering::begin(order, Some(end)) {
            answer.body.store(gathering);
        }
        answer
    }

    async fn store_whole(
        &self,
        key: &Key,
        entry: Entry,
        answer: NativeAnswer,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure> {
        let gathering = Gathering::begin(self.order(key, entry, &answer, most, lifetime), None)?;
        answer.body.read_and_store(gathering).await
    }

    async fn renew(&self, key: &Key, entry: Entry, body: Bytes, lifetime: Duration) -> Result<Bytes, CacheFailure> {
        self.thread.cache.insert(*key, Item::Answer(entry), body.clone(), after(lifetime))?;
        Ok(body)
    }

    async fn forget(&self, key: &Key) -> Result<(), CacheFailure> {
        self.thread.cache.forget(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
