//! The key-value store, in a map. Entries expire by the manual clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Clock, Kv, KvFailure};

use crate::Memory;

/// What the trait promises to take.
const LONGEST_KEY: usize = 256;

/// The entries, and whether the store works.
#[derive(Debug, Default)]
pub struct Store {
    entries: RefCell<BTreeMap<String, Entry>>,
    failure: RefCell<Option<KvFailure>>,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Bytes,
    /// In unix milliseconds: real stores keep the time of day too, so a clock that is set changes what is expired.
    expires: Option<u64>,
}

impl Store {
    /// Puts a value there without the gateway's doing.
    pub fn insert(&self, key: &str, value: impl Into<Bytes>) {
        self.entries.borrow_mut().insert(key.to_owned(), Entry { value: value.into(), expires: None });
    }

    /// Takes a value away without the gateway's doing.
    pub fn remove(&self, key: &str) {
        self.entries.borrow_mut().remove(key);
    }

    /// Lets every call end so, until it is told `None`.
    pub fn fail(&self, failure: Option<KvFailure>) {
        self.failure.replace(failure);
    }

    fn works(&self, key: &str) -> Result<(), KvFailure> {
        if let Some(failure) = &*self.failure.borrow() {
            return Err(failure.clone());
        }
        if key.len() > LONGEST_KEY {
            return Err(KvFailure::Failed(format!(
                "a key has {} bytes; at most {LONGEST_KEY} are possible",
                key.len()
            )));
        }
        Ok(())
    }
}

impl Kv for Memory {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvFailure> {
        let store = &self.state.store;
        store.works(key)?;
        let entries = store.entries.borrow();
        let found = entries.get(key).filter(|entry| entry.expires.is_none_or(|expires| self.unix_ms() < expires));
        Ok(found.map(|entry| entry.value.clone()))
    }

    async fn put(&self, key: &str, value: Bytes, lifetime: Option<Duration>) -> Result<(), KvFailure> {
        let store = &self.state.store;
        store.works(key)?;
        let ms = |lifetime: Duration| u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let expires = lifetime.map(|lifetime| self.unix_ms().saturating_add(ms(lifetime)));
        store.entries.borrow_mut().insert(key.to_owned(), Entry { value, expires });
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), KvFailure> {
        let store = &self.state.store;
        store.works(key)?;
        store.remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::run;

    fn value(memory: &Memory, key: &str) -> Result<Option<Bytes>, KvFailure> {
        run(memory.get(key)).unwrap()
    }

    #[test]
    fn an_entry_lives_as_long_as_it_was_given() {
        let memory = Memory::default();
        run(memory.put("a", "1".into(), Some(Duration::from_secs(10)))).unwrap().unwrap();
        run(memory.put("b", "2".into(), None)).unwrap().unwrap();
        memory.clock().forward(Duration::from_millis(9_999));
        assert_eq!(value(&memory, "a"), Ok(Some("1".into())));
        memory.clock().forward(Duration::from_millis(1));
        assert_eq!(value(&memory, "a"), Ok(None));
        assert_eq!(value(&memory, "b"), Ok(Some("2".into())));
        run(memory.delete("b")).unwrap().unwrap();
        assert_eq!(value(&memory, "b"), Ok(None));
    }

    #[test]
    fn fails_as_it_is_told_and_refuses_long_keys() {
        let memory = Memory::default();
        memory.store().fail(Some(KvFailure::Absent));
        assert_eq!(value(&memory, "a"), Err(KvFailure::Absent));
        memory.store().fail(None);
        assert_eq!(value(&memory, "a"), Ok(None));
        assert!(matches!(value(&memory, &"k".repeat(257)), Err(KvFailure::Failed(_))));
    }
}
