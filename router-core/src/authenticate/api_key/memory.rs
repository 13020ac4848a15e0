//! What an instance remembers of keys that it looked up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Record;
use crate::authenticate::MemoryKey;
use crate::recent::Recent;

/// How many known keys are remembered. Records are at most 16 KiB and in practice a hundredth of that.
const MOST_KNOWN: usize = 2048;
/// How many unknown ones. Apart from the known: anybody can make up keys with a good checksum, and they must not push out those that work.
const MOST_UNKNOWN: usize = 2048;
/// How long an unknown key stays unknown at most: somebody who uses a key right after it was made need not wait for long.
const UNKNOWN: Duration = Duration::from_secs(10);

/// What an instance remembers of keys that it looked up.
pub struct Memory {
    known: Recent<MemoryKey, Learned<Arc<Record>>>,
    unknown: Recent<MemoryKey, Learned<()>>,
}

struct Learned<T> {
    at_ms: u64,
    value: T,
}

impl<T> Learned<T> {
    /// A clock that was set back makes it old: it might else be believed for longer than it may.
    fn is_fresh(&self, now_ms: u64, lifetime: Duration) -> bool {
        now_ms.checked_sub(self.at_ms).is_some_and(|age| u128::from(age) < lifetime.as_millis())
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { known: Recent::new(MOST_KNOWN), unknown: Recent::new(MOST_UNKNOWN) }
    }
}

impl Memory {
    /// What was learned of a key less than `remember` ago: its record, or that there is none.
    pub fn recall(&mut self, key: &MemoryKey, remember: Duration, now_ms: u64) -> Option<Option<Arc<Record>>> {
        if let Some(learned) = self.known.get(key) {
            if learned.is_fresh(now_ms, remember) {
                return Some(Some(Arc::clone(&learned.value)));
            }
            self.known.remove(key);
        }
        if let Some(learned) = self.unknown.get(key) {
            if learned.is_fresh(now_ms, remember.min(UNKNOWN)) {
                return Some(None);
            }
            self.unknown.remove(key);
        }
        None
    }

    /// Remembers what a store has just said.
    pub fn learn(&mut self, key: MemoryKey, found: Option<Arc<Record>>, now_ms: u64) {
        match found {
            Some(value) => {
                self.unknown.remove(&key);
                self.known.insert(key, Learned { at_ms: now_ms, value });
            }
            None => {
                self.known.remove(&key);
                self.unknown.insert(key, Learned { at_ms: now_ms, value: () });
            }
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("known", &self.known.len()).field("unknown", &self.unknown.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::KeyHash;
    use super::*;
    use crate::authenticate::MemoryScope;

    const MINUTE: Duration = Duration::from_secs(60);

    fn record() -> Arc<Record> {
        let hash = KeyHash::from_hex(&"0".repeat(64)).unwrap();
        Arc::new(Record {
            hash,
            consumer: "acme".into(),
            created_ms: None,
            expires_ms: None,
            scopes: Vec::new(),
            roles: Vec::new(),
            plan: None,
            metadata: serde_json::Map::new(),
        })
    }

    fn entry(number: u64) -> MemoryKey {
        MemoryKey::of(&MemoryScope::of(b"configuration"), "partners", &number.to_le_bytes())
    }

    #[test]
    fn a_record_is_believed_for_as_long_as_is_configured_and_no_record_for_ten_seconds() {
        let mut memory = Memory::default();
        memory.learn(entry(1), Some(record()), 1000);
        memory.learn(entry(2), None, 1000);
        assert_eq!(memory.recall(&entry(1), MINUTE, 60_999), Some(Some(record())));
        assert_eq!(memory.recall(&entry(1), MINUTE, 61_000), None);
        assert_eq!(memory.recall(&entry(2), MINUTE, 10_999), Some(None));
        assert_eq!(memory.recall(&entry(2), MINUTE, 11_000), None);
        memory.learn(entry(2), None, 20_000);
        assert_eq!(memory.recall(&entry(2), Duration::from_secs(1), 21_000), None);
        memory.learn(entry(3), Some(record()), 20_000);
        assert_eq!(memory.recall(&entry(3), Duration::ZERO, 20_000), None);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_key_live_longer() {
        let mut memory = Memory::default();
        memory.learn(entry(1), Some(record()), 1000);
        assert_eq!(memory.recall(&entry(1), MINUTE, 999), None);
    }

    #[test]
    fn what_was_learned_last_counts() {
        let mut memory = Memory::default();
        memory.learn(entry(1), None, 0);
        memory.learn(entry(1), Some(record()), 0);
        assert_eq!(memory.recall(&entry(1), MINUTE, 0), Some(Some(record())));
        memory.learn(entry(1), None, 0);
        assert_eq!(memory.recall(&entry(1), MINUTE, 0), Some(None));
    }

    #[test]
    fn made_up_keys_push_out_no_good_one_and_take_bounded_room() {
        let mut memory = Memory::default();
        memory.learn(entry(0), Some(record()), 0);
        for number in 1..3 * MOST_UNKNOWN as u64 {
            memory.learn(entry(number), None, 0);
        }
        assert_eq!(memory.recall(&entry(0), MINUTE, 0), Some(Some(record())));
        assert!(memory.unknown.len() <= MOST_UNKNOWN);
    }
}
