//! The form in which instances share a key set through the key-value store.
//!
//! A line of JSON says when it was fetched and how that server has behaved since; behind it stands the key set as its server sent it. What comes from
//! the store is bounded and parsed like what comes from a server, so that nothing in it is believed that a server could not have said.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::lifetime::{LONGEST, SHORTEST};

/// The largest key set that is read, in bytes: 100 keys of 4096 bits with a certificate each.
pub const MAX_KEY_SET: usize = 256 * 1024;

/// The longest first line. A real one has about 150 bytes.
const MAX_LINE: usize = 512;

/// What instances share of a key set. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) marks: Marks,
    /// The key set as its server sent it; empty if it was never had.
    pub(super) text: Bytes,
}

/// When what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marks {
    /// The form of what follows.
    version: Version,
    /// When the fetch began that brought the text.
    pub(super) fetched_ms: u64,
    /// For how long it is fresh.
    lifetime_s: u64,
    /// When a fetch for a key that was not known began last; 0 for never.
    pub(super) asked_ms: u64,
    /// When the last fetch failed, if none has succeeded since; 0 for never.
    pub(super) failed_ms: u64,
    /// How many have failed since one succeeded.
    pub(super) failures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[default]
    #[serde(rename = "1")]
    One,
}

impl Marks {
    /// Within the bounds that hold for what a server says.
    pub(super) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime_s).clamp(SHORTEST, LONGEST)
    }

    pub(super) fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime_s = lifetime.as_secs();
    }
}

impl Stored {
    /// Reads what the store has; `None` for anything else.
    pub(super) fn decode(value: &Bytes) -> Option<Self> {
        let end = value.iter().take(MAX_LINE).position(|byte| *byte == b'\n')?;
        let text = value.slice(end + 1..);
        if text.len() > MAX_KEY_SET {
            return None;
        }
        let marks = serde_json::from_slice(value.get(..end)?).ok()?;
        Some(Self { marks, text })
    }

    pub(super) fn encode(&self) -> Bytes {
        // Numbers only: this cannot fail, and an empty line would just not be read.
        let mut bytes = serde_json::to_vec(&self.marks).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.text);
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut marks = Marks { fetched_ms: 7, asked_ms: 8, failed_ms: 9, failures: 10, ..Marks::default() };
        marks.set_lifetime(Duration::from_secs(600));
        let stored = Stored { marks, text: Bytes::from_static(b"{\n\"keys\":[]}\n") };
        assert_eq!(Stored::decode(&stored.encode()), Some(stored));
    }

    #[test]
    fn a_stored_lifetime_is_bounded_like_that_of_a_server() {
        let lifetime = |seconds| Marks { lifetime_s: seconds, ..Marks::default() }.lifetime();
        assert_eq!((lifetime(0), lifetime(u64::MAX)), (SHORTEST, LONGEST));
    }

    #[test]
    fn anything_else_is_left_alone() {
        let line = Stored::default().encode();
        assert!(Stored::decode(&line).is_some());
        let long = [&line[..], &vec![b' '; MAX_KEY_SET + 1]].concat();
        for value in [&b""[..], b"\n", b"{}\n", b"{\"keys\":[]}", &line[..line.len() - 1], &long] {
            assert_eq!(Stored::decode(&Bytes::copy_from_slice(value)), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(value: Vec<u8>) {
            let _ = Stored::decode(&value.into());
        }
    }
}
