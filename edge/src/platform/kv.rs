//! The eventually consistent key-value store.

use std::time::Duration;

use bytes::Bytes;

/// A store that is read often and written seldom. A write may take a minute to be seen elsewhere; it is no place for counters or locks.
pub trait Kv {
    /// The value of `key` (at most 256 bytes), if there is one that has not expired.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvFailure>;

    /// Stores `value`, for at most `lifetime` if one is given.
    async fn put(&self, key: &str, value: Bytes, lifetime: Option<Duration>) -> Result<(), KvFailure>;

    /// Forgets `key`.
    async fn delete(&self, key: &str) -> Result<(), KvFailure>;
}

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KvFailure {
    /// There is no store: none is bound or configured.
    Absent,
    /// It failed; for the log.
    Failed(String),
}
