//! What is known of a key.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::KeyHash;
use crate::authenticate::jose::strict_json;
use crate::authenticate::{Attempt, Consumer, Proven, Refusal};
use crate::config::raw::authenticate as raw;
use crate::time;

/// The longest record in a store, in bytes.
pub const LONGEST_RECORD: usize = 16 * 1024;
/// The longest name of a consumer, in bytes.
const LONGEST_CONSUMER: usize = 256;
/// The longest scope, role or plan, in bytes, and how many of each there may be.
const LONGEST_WORD: usize = 256;
const MOST_WORDS: usize = 128;

/// What is known of a key, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its keyed hash.
    pub hash: KeyHash,
    /// Whose key it is.
    pub consumer: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: Option<u64>,
    /// When it ends, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// What its owner may do.
    pub scopes: Vec<String>,
    /// What its owner is.
    pub roles: Vec<String>,
    /// The plan of its owner.
    pub plan: Option<String>,
    /// Anything else.
    pub metadata: Map<String, Value>,
}

/// A member of a record that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRecord {
    /// The member.
    pub field: &'static str,
    /// Which item of it, for a list.
    pub index: Option<usize>,
    /// What was expected.
    pub why: String,
}

impl fmt::Display for InvalidRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "`{}[{index}]`: {}", self.field, self.why),
            None => write!(f, "`{}`: {}", self.field, self.why),
        }
    }
}

impl Record {
    /// Checks a record.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(raw: &raw::ApiKeyRecord) -> Result<Self, Vec<InvalidRecord>> {
        let mut wrong = Wrong::default();
        let hash = KeyHash::from_hex(&raw.hash);
        if hash.is_none() {
            wrong.add("hash", "expected 64 hexadecimal digits in small letters, as `tidegate key create` prints them");
        }
        if !is_name(&raw.consumer, LONGEST_CONSUMER) {
            wrong.add("consumer", "expected 1 to 256 bytes without control characters");
        }
        let created_ms = wrong.time("created", raw.created.as_deref());
        let expires_ms = wrong.time("expires", raw.expires.as_deref());
        if let (Some(created), Some(expires)) = (created_ms, expires_ms)
            && expires <= created
        {
            wrong.add("expires", "the key ends before it begins");
        }
        wrong.words("scopes", &raw.scopes, is_scope, "expected a scope: visible ASCII without spaces, `\"` and `\\`");
        wrong.words("roles", &raw.roles, |role| is_name(role, LONGEST_WORD), "expected 1 to 256 bytes of text");
        if raw.plan.as_ref().is_some_and(|plan| !is_name(plan, LONGEST_WORD)) {
            wrong.add("plan", "expected 1 to 256 bytes without control characters");
        }
        let metadata = match &raw.metadata {
            None => Map::new(),
            Some(Value::Object(members)) => members.clone(),
            Some(_) => {
                wrong.add("metadata", "expected an object");
                Map::new()
            }
        };
        match hash {
            Some(hash) if wrong.0.is_empty() => Ok(Self {
                hash,
                consumer: raw.consumer.clone(),
                created_ms,
                expires_ms,
                scopes: raw.scopes.clone(),
                roles: raw.roles.clone(),
                plan: raw.plan.clone(),
                metadata,
            }),
            _ => Err(wrong.0),
        }
    }

    /// Reads what a store has under the key of `hash`.
    ///
    /// # Errors
    /// Why it is no record of that key, for the log.
    pub fn from_json(bytes: &[u8], hash: &KeyHash) -> Result<Self, String> {
        if bytes.len() > LONGEST_RECORD {
            return Err(format!("it has {} bytes; at most {LONGEST_RECORD} are read", bytes.len()));
        }
        let object = strict_json::object(bytes).ok_or("it is no JSON object in which every member stands once")?;
        // Without the values that serde shows: metadata may be personal.
        let raw = raw::ApiKeyRecord::deserialize(Value::Object(object))
            .map_err(|_| "it has not the members of a record, or they are of other types".to_owned())?;
        let record = Self::new(&raw).map_err(|wrong| {
            let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            wrong.join("; ")
        })?;
        if record.hash == *hash { Ok(record) } else { Err("it is the record of another key".to_owned()) }
    }

    /// Whether the key works at `now_ms`.
    #[must_use]
    pub fn is_live(&self, now_ms: u64) -> bool {
        self.expires_ms.is_none_or(|expires| now_ms < expires)
    }

    /// What the key proves at `now_ms` to the authenticator called `name`.
    #[must_use]
    pub fn attempt(&self, name: &str, now_ms: u64) -> Attempt {
        if !self.is_live(now_ms) {
            return Attempt::Refused(Refusal::Expired);
        }
        let consumer = Consumer {
            id: self.consumer.clone(),
            authenticator: name.to_owned(),
            issuer: None,
            scopes: self.scopes.clone(),
            roles: self.roles.clone(),
            plan: self.plan.clone(),
            claims: self.metadata.clone(),
            credential: Some(self.hash.to_string()),
            expires_ms: self.expires_ms,
        };
        Attempt::Proven(Box::new(Proven { consumer: consumer.into(), tell: None }))
    }
}

#[derive(Default)]
struct Wrong(Vec<InvalidRecord>);

impl Wrong {
    fn add(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.push(InvalidRecord { field, index: None, why: why.into() });
    }

    fn time(&mut self, field: &'static str, text: Option<&str>) -> Option<u64> {
        match time::parse(text?) {
            Ok(ms) => Some(ms),
            Err(why) => {
                self.add(field, why.to_string());
                None
            }
        }
    }

    fn words(&mut self, field: &'static str, words: &[String], fits: impl Fn(&str) -> bool, expected: &str) {
        if words.len() > MOST_WORDS {
            self.add(field, format!("at most {MOST_WORDS} are possible, found {}", words.len()));
        }
        for (index, word) in words.iter().enumerate().take(MOST_WORDS) {
            if !fits(word) {
                self.0.push(InvalidRecord { field, index: Some(index), why: expected.to_owned() });
            }
        }
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// A scope-token (RFC 6749 section 3.3).
fn is_scope(text: &str) -> bool {
    (1..=LONGEST_WORD).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn read(record: &Value) -> Result<Record, String> {
        Record::from_json(record.to_string().as_bytes(), &KeyHash::from_hex(HASH).unwrap())
    }

    #[test]
    fn a_whole_record_is_read() {
        let record = read(&json!({
            "hash": HASH, "consumer": "acme", "created": "2026-01-01T00:00:00Z", "expires": "2026-04-01T00:00:00Z",
            "scopes": ["orders:read"], "roles": ["partner"], "plan": "gold", "metadata": {"tenant": 7},
        }))
        .unwrap();
        let Attempt::Proven(proven) = record.attempt("partners", 1_775_001_599_999) else { panic!("not live") };
        let expected = Consumer {
            id: "acme".into(),
            authenticator: "partners".into(),
            issuer: None,
            scopes: vec!["orders:read".into()],
            roles: vec!["partner".into()],
            plan: Some("gold".into()),
            claims: Map::from_iter([("tenant".to_owned(), json!(7))]),
            credential: Some(record.hash.to_string()),
            expires_ms: Some(1_775_001_600_000),
        };
        assert_eq!(*proven.consumer, expected);
        assert_eq!(record.attempt("partners", 1_775_001_600_000), Attempt::Refused(Refusal::Expired));
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        let wrong = read(&json!({
            "hash": HASH.to_uppercase(), "consumer": "", "created": "yesterday", "expires": "2026-02-30T00:00:00Z",
            "scopes": ["good", "two words"], "roles": [""], "plan": "a\nb", "metadata": [],
        }))
        .unwrap_err();
        for field in ["hash", "consumer", "created", "expires", "scopes[1]", "roles[0]", "plan", "metadata"] {
            assert!(wrong.contains(&format!("`{field}`: ")), "{field} is missing: {wrong}");
        }
        let backwards = json!({"hash": HASH, "consumer": "a", "created": "2026-01-02T00:00:00Z", "expires": "2026-01-01T00:00:00Z"});
        assert!(read(&backwards).unwrap_err().contains("`expires`"));
    }

    #[test]
    fn what_is_no_record_of_this_key_is_refused_without_its_content() {
        let hash = KeyHash::from_hex(HASH).unwrap();
        let other = json!({"hash": HASH.replace('f', "e"), "consumer": "acme"}).to_string();
        let long = json!({"hash": HASH, "consumer": "acme", "metadata": {"a": "x".repeat(LONGEST_RECORD)}}).to_string();
        let texts = [
            "",
            "null",
            "[]",
            "{}",
            "\u{feff}{}",
            other.as_str(),
            long.as_str(),
            &json!({"hash": HASH, "consumer": 4711}).to_string(),
            &json!({"hash": HASH, "consumer": "acme", "secret": 4711}).to_string(),
        ];
        for text in texts {
            let why = Record::from_json(text.as_bytes(), &hash).unwrap_err();
            assert!(!why.contains("4711") && why.len() < 200, "{why}");
        }
        assert!(Record::from_json(b"\xff", &hash).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Record::from_json(&bytes, &KeyHash::from_hex(HASH).unwrap()).is_err());
        }
    }
}
