//! How many keys of a consumer work at a time.

use std::collections::BTreeMap;

/// How many keys of one consumer may work at a time: one in use and the one that takes its place.
pub const MOST_LIVE: usize = 2;

/// Which of `keys` are too many at `now_ms`, in their order: those beyond [`MOST_LIVE`] that work for a consumer. A key is a consumer and when it ends.
#[must_use]
pub fn crowded<'k>(keys: impl IntoIterator<Item = (&'k str, Option<u64>)>, now_ms: u64) -> Vec<usize> {
    let mut live: BTreeMap<&str, usize> = BTreeMap::new();
    let mut crowded = Vec::new();
    for (index, (consumer, expires_ms)) in keys.into_iter().enumerate() {
        if expires_ms.is_some_and(|expires| expires <= now_ms) {
            continue;
        }
        let count = live.entry(consumer).or_default();
        *count += 1;
        if *count > MOST_LIVE {
            crowded.push(index);
        }
    }
    crowded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_of_a_consumer_may_work_at_a_time() {
        let keys = [("a", None), ("b", None), ("a", Some(10)), ("a", Some(20)), ("b", Some(5)), ("a", None)];
        assert_eq!(crowded(keys, 0), [3, 5]);
        assert_eq!(crowded(keys, 10), [5]);
        assert!(crowded(keys, 20).is_empty());
    }
}
