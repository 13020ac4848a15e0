//! Keys that this gateway issued: `<prefix>_<random>_<checksum>`.
//!
//! Only a keyed hash of a key is stored. A look-up goes from the cheap to the dear: the form and the checksum, the keys in the document, what the
//! instance remembers, and at last the platform's key-value store.

mod checksum;
mod key;
mod live;
mod memory;
mod record;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::{Attempt, MemoryKey, MemoryScope, Place, Presented, Refusal};

pub use key::{Key, KeyHash, Prefix, RANDOM_BYTES, SHORTEST_PEPPER, generate, parse};
pub use live::{MOST_LIVE, crowded};
pub use memory::Memory;
pub use record::{InvalidRecord, LONGEST_RECORD, Record};

/// What every key of the store begins with, before the name of the authenticator.
pub const STORE_PREFIX: &str = "tidegate/api-key/";
/// How long a look-up is remembered by default.
pub const REMEMBER: Duration = Duration::from_secs(60);
/// How long it may be remembered at most.
pub const LONGEST_REMEMBER: Duration = Duration::from_secs(3600);

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where the key may stand.
    pub places: Vec<Place>,
    /// What every key starts with.
    pub prefix: Prefix,
    /// What keys are hashed with.
    pub pepper: Pepper,
    /// How long a look-up is remembered.
    pub remember: Duration,
    /// The keys of the document. A look-up by hash compares in constant time.
    pub keys: FxHashMap<KeyHash, Arc<Record>>,
}

/// The secret that keys are hashed with. Never printed.
#[derive(Clone)]
pub struct Pepper(Vec<u8>);

impl Pepper {
    /// A pepper of at least [`SHORTEST_PEPPER`] bytes.
    #[must_use]
    pub fn new(secret: &str) -> Option<Self> {
        (secret.len() >= SHORTEST_PEPPER).then(|| Self(secret.as_bytes().to_vec()))
    }

    /// The hash of `key`.
    #[must_use]
    pub fn hash(&self, key: Key<'_>) -> KeyHash {
        key.hash(&self.0)
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(…)")
    }
}

/// What a request's key leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// An answer.
    Decided(Attempt),
    /// A question to the store.
    Ask(Question),
}

/// A key that nobody here knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Under which the store would have its record.
    pub store_key: String,
    hash: KeyHash,
    remembered: MemoryKey,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What the authenticator found.
    pub attempt: Attempt,
    /// Why what the store has is no record, for the log.
    pub broken: Option<String>,
}

/// Whose look-up it is.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The authenticator's name.
    pub name: &'a str,
    /// What is remembered belongs to this configuration.
    pub scope: &'a MemoryScope,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// Under which a store has the record of a key.
#[must_use]
pub fn store_key(authenticator: &str, hash: &KeyHash) -> String {
    format!("{STORE_PREFIX}{authenticator}/{hash}")
}

/// The authenticator and the hash of such a key.
#[must_use]
pub fn from_store_key(key: &str) -> Option<(&str, KeyHash)> {
    let (authenticator, hash) = key.strip_prefix(STORE_PREFIX)?.split_once('/')?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let named = (1..=64).contains(&authenticator.len()) && authenticator.bytes().all(fits);
    Some((authenticator, KeyHash::from_hex(hash).filter(|_| named)?))
}

impl Rules {
    /// Judges the key of a request as far as it can be judged here.
    #[must_use]
    pub fn look(&self, asker: &Asker<'_>, presented: &Presented<'_>, memory: &mut Memory) -> Look {
        let text = match presented {
            Presented::Nothing => return Look::Decided(Attempt::Absent),
            Presented::Ambiguous => return Look::Decided(Attempt::Refused(Refusal::Ambiguous)),
            // A key is bound to nothing, so there is no proof that could stand beside it.
            Presented::Credential { dpop: true, .. } => return Look::Decided(Attempt::Refused(Refusal::Malformed)),
            Presented::Credential { text, dpop: false } => text,
        };
        let Some(key) = parse(text, &self.prefix) else {
            return Look::Decided(Attempt::Refused(Refusal::Malformed));
        };
        let hash = self.pepper.hash(key);
        if let Some(record) = self.keys.get(&hash) {
            return Look::Decided(record.attempt(asker.name, asker.now_ms));
        }
        let remembered = MemoryKey::of(asker.scope, asker.name, hash.as_bytes());
        match memory.recall(&remembered, self.remember, asker.now_ms) {
            Some(found) => Look::Decided(verdict(asker, found.as_deref())),
            None => Look::Ask(Question { store_key: store_key(asker.name, &hash), hash, remembered }),
        }
    }

    /// Judges what the store has, `None` for nothing, and remembers it. What is no record is like nothing.
    #[must_use]
    pub fn answered(
        &self,
        asker: &Asker<'_>,
        question: &Question,
        found: Option<&[u8]>,
        memory: &mut Memory,
    ) -> Answered {
        let (record, broken) = match found.map(|found| Record::from_json(found, &question.hash)) {
            None => (None, None),
            Some(Ok(record)) => (Some(Arc::new(record)), None),
            Some(Err(why)) => (None, Some(why)),
        };
        let attempt = verdict(asker, record.as_deref());
        if !self.remember.is_zero() {
            memory.learn(question.remembered, record, asker.now_ms);
        }
        Answered { attempt, broken }
    }
}

fn verdict(asker: &Asker<'_>, found: Option<&Record>) -> Attempt {
    found.map_or(Attempt::Refused(Refusal::Invalid), |record| record.attempt(asker.name, asker.now_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_store_is_read_back() {
        let hash = KeyHash::from_hex(&"0f".repeat(32)).unwrap();
        let key = store_key("partners", &hash);
        assert_eq!(key, format!("tidegate/api-key/partners/{}", "0f".repeat(32)));
        assert_eq!(from_store_key(&key), Some(("partners", hash)));
        for bad in [
            "",
            "tidegate/gateway",
            "tidegate/api-key/a/00",
            &key.replace("partners", ""),
            &key.replace("partners", "a/b"),
        ] {
            assert_eq!(from_store_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_pepper_is_not_shown() {
        let pepper = Pepper::new("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(format!("{pepper:?}"), "Pepper(…)");
        assert!(Pepper::new("0123456789abcdef0123456789abcde").is_none());
    }
}
