//! Stored answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use router_core::cache::{Entry, Item, Key};

use super::Upstreams;
use crate::exchange::AtEnd;

/// Stores answers. What is stored may be gone at any time; what is found is whole.
///
/// Every item comes with the time for which it can be of use, and a store lets go of it then at the latest, as far as it can tell time.
pub trait Cache: Upstreams {
    /// Where the body of a stored answer is.
    type Kept: Clone + 'static;

    /// What is stored under `key`.
    async fn find(&self, key: &Key) -> Result<Option<Found<Self::Kept>>, CacheFailure>;

    /// Stores an item whose body is known already.
    async fn store(&self, key: &Key, item: Item, body: Bytes, lifetime: Duration) -> Result<(), CacheFailure>;

    /// Lets `answer` go on to its client and stores its body on the way, together with `entry`, once it has come whole ([`Entry::complete`]); nothing if it
    /// turns out longer than `most` bytes or breaks off. The client never waits for the store. `end` is dropped when all is done.
    fn store_passing(
        &self,
        key: &Key,
        entry: Entry,
        answer: Self::Answer,
        most: u64,
        lifetime: Duration,
        end: AtEnd,
    ) -> Self::Answer;

    /// The same for an answer that goes to nobody.
    async fn store_whole(
        &self,
        key: &Key,
        entry: Entry,
        answer: Self::Answer,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure>;

    /// Stores a body again under a newer head, and returns the body to be sent.
    async fn renew(
        &self,
        key: &Key,
        entry: Entry,
        body: Self::Kept,
        lifetime: Duration,
    ) -> Result<Self::Kept, CacheFailure>;

    /// Forgets what is stored under `key` here; other places may keep it.
    async fn forget(&self, key: &Key) -> Result<(), CacheFailure>;
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found<K> {
    /// The item.
    pub item: Arc<Item>,
    /// The body of an answer.
    pub body: K,
}

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheFailure {
    /// There is no store: none is bound or configured.
    Absent,
    /// It failed; for the log.
    Failed(String),
}

/// Lets several requests for the same wait for one of them.
pub trait Coalesce {
    /// Takes the lead for `key`, until the guard is dropped; `None` where another request of this instance (natively of this process) has it.
    fn lead(&self, key: &Key) -> Option<AtEnd>;

    /// Waits until nobody leads, or for `patience`. The one that leads may be gone without a word, so that no wait is without an end.
    async fn follow(&self, key: &Key, patience: Duration);
}
