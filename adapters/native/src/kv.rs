//! The key-value store: redb, in a file or in memory.
//!
//! A value lies behind eight bytes that say when it expires. What has expired is not seen any more and is taken out when somebody looks for it.
//! redb blocks, and a commit waits for the disk: calls run on tokio's blocking threads, never on one that serves requests.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Kv, KvFailure};
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::clock;
use crate::platform::Native;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("kv");
/// The bytes in front of a value: when it expires in milliseconds since 1970, little-endian; 0: never.
const ENVELOPE: usize = 8;

/// The store cannot be opened.
#[derive(Debug)]
pub struct StoreError {
    why: String,
    in_use: bool,
}

impl StoreError {
    fn new(place: impl fmt::Display, why: redb::Error) -> Self {
        Self { why: format!("{place}: {why}"), in_use: matches!(why, redb::Error::DatabaseAlreadyOpen) }
    }

    /// Whether another process, such as a running gateway, has it open.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.in_use
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for StoreError {}

/// A store that every thread shares.
#[derive(Clone)]
pub struct RedbStore(Arc<Database>);

impl RedbStore {
    /// Opens the file at `path`, which is made if it is missing, or a store in memory.
    ///
    /// # Errors
    /// Where the file cannot be opened, is no store, or another process has it open.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let database = match path {
            Some(path) => Database::create(path).map_err(|why| StoreError::new(path.display(), why.into()))?,
            None => Database::builder()
                .create_with_backend(InMemoryBackend::new())
                .map_err(|why| StoreError::new("in memory", why.into()))?,
        };
        // The table has to exist before the first reading transaction.
        let prepare = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            transaction.open_table(TABLE)?;
            Ok(transaction.commit()?)
        };
        prepare().map_err(|why| StoreError::new("its table", why))?;
        Ok(Self(Arc::new(database)))
    }

    /// The value of `key` at `now`.
    ///
    /// # Errors
    /// What redb says.
    pub fn get(&self, key: &str, now: u64) -> Result<Option<Bytes>, redb::Error> {
        let found =
            self.0.begin_read()?.open_table(TABLE)?.get(key)?.map(|value| Bytes::copy_from_slice(value.value()));
        match found {
            None => Ok(None),
            Some(stored) => match unwrap(&stored) {
                Some((expires, value)) if expires == 0 || now < expires => Ok(Some(value)),
                Some(_) | None => {
                    self.purge(key, &stored)?;
                    Ok(None)
                }
            },
        }
    }

    /// Stores `value` until `expires`; 0: for ever.
    ///
    /// # Errors
    /// What redb says.
    pub fn put(&self, key: &str, value: &[u8], expires: u64) -> Result<(), redb::Error> {
        let mut stored = Vec::with_capacity(ENVELOPE + value.len());
        stored.extend_from_slice(&expires.to_le_bytes());
        stored.extend_from_slice(value);
        let transaction = self.0.begin_write()?;
        transaction.open_table(TABLE)?.insert(key, stored.as_slice())?;
        Ok(transaction.commit()?)
    }

    /// Every entry whose key begins with `prefix`, by key, but what has expired at `now`.
    ///
    /// # Errors
    /// What redb says.
    pub fn list(&self, prefix: &str, now: u64) -> Result<Vec<(String, Bytes)>, redb::Error> {
        let table = self.0.begin_read()?.open_table(TABLE)?;
        let mut found = Vec::new();
        for entry in table.range(prefix..)? {
            let (key, value) = entry?;
            if !key.value().starts_with(prefix) {
                break;
            }
            if let Some((expires, value)) = unwrap(&Bytes::copy_from_slice(value.value()))
                && (expires == 0 || now < expires)
            {
                found.push((key.value().to_owned(), value));
            }
        }
        Ok(found)
    }

    /// Stores all of `puts` and forgets all of `deletes`, or does nothing.
    ///
    /// # Errors
    /// What redb says.
    pub fn change(&self, puts: &[(String, Bytes)], deletes: &[String]) -> Result<(), redb::Error> {
        let transaction = self.0.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for (key, value) in puts {
                table.insert(key.as_str(), [&[0; ENVELOPE], &value[..]].concat().as_slice())?;
            }
            for key in deletes {
                table.remove(key.as_str())?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Forgets `key`.
    ///
    /// # Errors
    /// What redb says.
    pub fn delete(&self, key: &str) -> Result<(), redb::Error> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(TABLE)?.remove(key)?;
        Ok(transaction.commit()?)
    }

    /// Takes out what has expired, unless somebody stored something else meanwhile.
    fn purge(&self, key: &str, expired: &[u8]) -> Result<(), redb::Error> {
        let transaction = self.0.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            let same = table.get(key)?.is_some_and(|value| value.value() == expired);
            if same {
                table.remove(key)?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// When it expires, and the value. `None` for what this program did not write.
fn unwrap(stored: &Bytes) -> Option<(u64, Bytes)> {
    let expires = stored.first_chunk::<ENVELOPE>()?;
    Some((u64::from_le_bytes(*expires), stored.slice(ENVELOPE..)))
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, redb::Error> + Send + 'static,
) -> Result<T, KvFailure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|why| KvFailure::Failed(why.to_string())),
        Err(why) => Err(KvFailure::Failed(why.to_string())),
    }
}

impl Kv for Native {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvFailure> {
        let (store, key) = (self.thread.store.clone(), key.to_owned());
        apart(move || store.get(&key, clock::unix_ms())).await
    }

    async fn put(&self, key: &str, value: Bytes, lifetime: Option<Duration>) -> Result<(), KvFailure> {
        let (store, key) = (self.thread.store.clone(), key.to_owned());
        let lifetime = lifetime.map(|lifetime| u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX));
        let expires = lifetime.map_or(0, |lifetime| clock::unix_ms().saturating_add(lifetime));
        apart(move || store.put(&key, &value, expires)).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvFailure> {
        let (store, key) = (self.thread.store.clone(), key.to_owned());
        apart(move || store.delete(&key)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lives_until_the_time_it_was_given() {
        let store = RedbStore::open(None).unwrap();
        store.put("a", b"1", 1000).unwrap();
        store.put("b", b"", 0).unwrap();
        assert_eq!(store.get("a", 999).unwrap().unwrap(), "1");
        assert_eq!(store.get("a", 1000).unwrap(), None);
        // It was taken out, so even an earlier time does not bring it back.
        assert_eq!(store.get("a", 0).unwrap(), None);
        assert_eq!(store.get("b", u64::MAX).unwrap().unwrap(), "");
        store.delete("b").unwrap();
        assert_eq!(store.get("b", 0).unwrap(), None);
    }

    #[test]
    fn what_begins_alike_is_listed_and_changed_at_once() {
        let store = RedbStore::open(None).unwrap();
        store.put("a/2", b"gone", 1000).unwrap();
        store.put("b/1", b"other", 0).unwrap();
        store.change(&[("a/1".into(), "1".into()), ("a/3".into(), "3".into())], &[]).unwrap();
        let keys = |now| -> Vec<String> { store.list("a/", now).unwrap().into_iter().map(|(key, _)| key).collect() };
        assert_eq!(keys(999), ["a/1", "a/2", "a/3"]);
        assert_eq!(keys(1000), ["a/1", "a/3"]);
        store.change(&[("a/4".into(), "4".into())], &["a/1".into(), "a/9".into()]).unwrap();
        assert_eq!(store.list("a/", 1000).unwrap(), [("a/3".into(), "3".into()), ("a/4".into(), "4".into())]);
        assert_eq!(store.get("a/4", u64::MAX).unwrap().unwrap(), "4");
    }

    #[test]
    fn a_file_keeps_its_values_when_it_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kv.redb");
        let store = RedbStore::open(Some(&path)).unwrap();
        store.put("a", b"1", 0).unwrap();
        let Err(why) = RedbStore::open(Some(&path)) else { panic!("two processes must not write the same file") };
        assert!(why.is_in_use(), "{why}");
        drop(store);
        assert_eq!(RedbStore::open(Some(&path)).unwrap().get("a", 0).unwrap().unwrap(), "1");
    }

    #[test]
    fn a_file_that_is_no_store_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "not a store at all").unwrap();
        let Err(why) = RedbStore::open(Some(&path)) else { panic!("opened a text file") };
        assert!(!why.is_in_use() && why.to_string().contains("notes.txt"), "{why}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a store at all");
    }
}
