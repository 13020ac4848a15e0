//! A bounded memory of what was used recently.

use std::borrow::Borrow;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A map that keeps about the `capacity` entries that were used last, in constant time: two generations, of which the older is dropped whole when the
/// younger is full. Keys must be hashes already or come from a checked configuration, because the hash function is not keyed.
#[derive(Debug)]
pub struct Recent<K, V> {
    young: FxHashMap<K, V>,
    old: FxHashMap<K, V>,
    half: usize,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// An empty one that never holds more than `capacity` entries (at least 2).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { young: FxHashMap::default(), old: FxHashMap::default(), half: (capacity / 2).max(1) }
    }

    /// The value of `key`, which counts as used now.
    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// Remembers `value`.
    pub fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// The value of `key`, which counts as used now; made if it is not there.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        if self.get(&key).is_none() && self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.entry(key).or_insert_with(make)
    }

    /// Forgets `key`.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let old = self.old.remove(key);
        self.young.remove(key).or(old)
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_there_is_never_more_than_the_capacity() {
        let mut recent = Recent::new(10);
        recent.insert(0, "kept");
        for key in 1..1000 {
            recent.insert(key, "x");
            assert_eq!(recent.get(&0), Some(&mut "kept"), "{key}");
            assert!(recent.len() <= 10, "{}", recent.len());
        }
        assert_eq!(recent.get(&900), None);
        assert_eq!((*recent.entry(0, || "made"), *recent.entry(900, || "made")), ("kept", "made"));
        for key in 0..1000 {
            assert_eq!(recent.entry(key, || "x").is_empty(), false);
            assert!(recent.len() <= 10, "{}", recent.len());
        }
        recent.insert(0, "kept");
        assert_eq!(recent.remove(&0), Some("kept"));
        assert_eq!(recent.get(&0), None);
    }
}
