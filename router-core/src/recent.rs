//! A bounded memory of what was used recently.

mod weighed;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};

use rustc_hash::FxBuildHasher;

pub use weighed::Weighed;

/// A map that keeps about the `capacity` entries that were used last, in constant time: two generations, of which the older is dropped whole when the
/// younger is full. With the hasher that is the default, keys must be hashes already or come from a checked configuration, because it is not keyed.
pub struct Recent<K, V, S = FxBuildHasher> {
    young: HashMap<K, V, S>,
    old: HashMap<K, V, S>,
    half: usize,
}

impl<K: Hash + Eq, V, S: BuildHasher + Default> Recent<K, V, S> {
    /// An empty one that never holds more than `capacity` entries (at least 2).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), half: (capacity / 2).max(1) }
    }

    /// The value of `key`, which counts as used now.
    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.make_room();
            self.young.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// The value of `key`, which is as old as before.
    #[must_use]
    pub fn peek<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Remembers `value`.
    pub fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        self.make_room();
        self.young.insert(key, value);
    }

    /// The value of `key`, which counts as used now; made if it is not there.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        if self.get(&key).is_none() {
            self.make_room();
        }
        self.young.entry(key).or_insert_with(make)
    }

    /// Forgets `key`.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.young.remove(key).or_else(|| self.old.remove(key))
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

    fn make_room(&mut self) {
        if self.young.len() >= self.half {
            self.turn();
        }
    }

    /// Makes the young ones old. The old ones are forgotten.
    fn turn(&mut self) {
        // The table of the old ones is used again, so that a full memory does not ask for more over and over.
        std::mem::swap(&mut self.young, &mut self.old);
        self.young.clear();
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Recent<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.young).entries(&self.old).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_there_is_never_more_than_the_capacity() {
        let mut recent = Recent::<_, _>::new(10);
        recent.insert(0, "kept");
        for key in 1..1000 {
            recent.insert(key, "x");
            assert_eq!(recent.get(&0), Some(&mut "kept"), "{key}");
            assert!(recent.len() <= 10, "{}", recent.len());
        }
        assert_eq!(recent.get(&900), None);
        assert_eq!((*recent.entry(0, || "made"), *recent.entry(900, || "made")), ("kept", "made"));
        for key in 0..1000 {
            assert!(!recent.entry(key, || "x").is_empty());
            assert!(recent.len() <= 10, "{}", recent.len());
        }
        recent.insert(0, "kept");
        assert_eq!(recent.remove(&0), Some("kept"));
        assert_eq!(recent.get(&0), None);
    }
}
