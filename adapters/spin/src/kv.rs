//! The store `default` of Spin's key-value interface, which knows no lifetimes: a value with one is stored behind its end.

use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Clock, Kv, KvFailure};
use spin_sdk::key_value::{Error, Store};

use crate::Spin;

/// Marks a value with an end. Text cannot start so, which leaves values that others wrote alone.
const MARK: &[u8] = b"\0tidegate\x01";

impl Kv for Spin {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvFailure> {
        let store = open().await?;
        let Some(stored) = store.get(key).await.map_err(failed)? else { return Ok(None) };
        match open_envelope(&stored) {
            None => Ok(Some(stored.into())),
            Some((end, value)) if self.unix_ms() < end => Ok(Some(Bytes::copy_from_slice(value))),
            Some(_) => {
                store.delete(key).await.map_err(failed)?;
                Ok(None)
            }
        }
    }

    async fn put(&self, key: &str, value: Bytes, lifetime: Option<Duration>) -> Result<(), KvFailure> {
        let stored = match lifetime {
            None => value.to_vec(),
            Some(lifetime) => {
                let lifetime = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
                let end = self.unix_ms().saturating_add(lifetime);
                [MARK, &end.to_be_bytes(), &value].concat()
            }
        };
        open().await?.set(key, stored).await.map_err(failed)
    }

    async fn delete(&self, key: &str) -> Result<(), KvFailure> {
        open().await?.delete(key).await.map_err(failed)
    }
}

/// The end, in milliseconds since 1970, and the value behind it.
fn open_envelope(stored: &[u8]) -> Option<(u64, &[u8])> {
    let (end, value) = stored.strip_prefix(MARK)?.split_first_chunk()?;
    Some((u64::from_be_bytes(*end), value))
}

async fn open() -> Result<Store, KvFailure> {
    Store::open_default().await.map_err(failed)
}

fn failed(error: Error) -> KvFailure {
    match error {
        Error::AccessDenied | Error::NoSuchStore => KvFailure::Absent,
        other => KvFailure::Failed(other.to_string()),
    }
}
