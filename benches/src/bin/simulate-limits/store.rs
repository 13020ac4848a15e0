//! A key-value store that is eventually consistent, as that of Workers: each place keeps what it read for a minute, and a key takes a write a second.

use std::collections::HashMap;

/// For how long a place shows what it has read.
const STALE_US: u64 = 60_000_000;

/// Between two writes of a key.
const WRITE_US: u64 = 1_000_000;

type Shown = Option<Vec<u8>>;

#[derive(Debug, Default)]
pub(crate) struct Store {
    values: HashMap<String, (u64, Vec<u8>)>,
    /// By place and key: when it was read, and what.
    shown: HashMap<(u64, String), (u64, Shown)>,
    refused: u64,
}

impl Store {
    pub(crate) fn read(&mut self, place: u64, key: &str, now_us: u64) -> Shown {
        let known = self.shown.get(&(place, key.to_owned()));
        if let Some((_, value)) = known.filter(|(at, _)| now_us - at < STALE_US) {
            return value.clone();
        }
        let value = self.values.get(key).map(|(_, value)| value.clone());
        self.shown.insert((place, key.to_owned()), (now_us, value.clone()));
        value
    }

    /// A write that comes too soon after another is refused.
    pub(crate) fn write(&mut self, place: u64, key: &str, value: Vec<u8>, now_us: u64) {
        if self.values.get(key).is_some_and(|(at, _)| now_us - at < WRITE_US) {
            self.refused += 1;
            return;
        }
        self.shown.insert((place, key.to_owned()), (now_us, Some(value.clone())));
        self.values.insert(key.to_owned(), (now_us, value));
    }
}
