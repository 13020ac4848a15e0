//! A bounded memory of what was used recently.

use std::borrow::Borrow;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A map that keeps about the `capacity` entries that were used last, in constant time: two generations, of which the older is dropped whole when the
/// younger is full. Keys must be hashes already or come from a checked configuration, because the hash function is not keyed.
#[derive(Debug)]
pub struct Recent<K, V> {
    young: FxHashMap<K, Entry<V>>,
    old: FxHashMap<K, Entry<V>>,
    half: usize,
    /// What the young ones weigh together, and the most that they may.
    young_weight: usize,
    half_weight: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    weight: usize,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// An empty one that never holds more than `capacity` entries (at least 2).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::weighing(capacity, usize::MAX)
    }

    /// An empty one that never holds more than `capacity` entries (at least 2), nor entries that weigh more than `weight` together. The unit is the
    /// caller's; bytes, for example.
    #[must_use]
    pub fn weighing(capacity: usize, weight: usize) -> Self {
        Self {
            young: FxHashMap::default(),
            old: FxHashMap::default(),
            half: (capacity / 2).max(1),
            young_weight: 0,
            half_weight: weight / 2,
        }
    }

    /// The value of `key`, which counts as used now.
    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, Entry { value, weight }) = self.old.remove_entry(key)?;
            self.insert_weighing(key, value, weight);
        }
        self.young.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Remembers `value`, which weighs nothing.
    pub fn insert(&mut self, key: K, value: V) {
        self.insert_weighing(key, value, 0);
    }

    /// Remembers `value`, which weighs `weight`; not if that is more than half of all that may be held.
    pub fn insert_weighing(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.half_weight {
            return;
        }
        if self.young.len() >= self.half || self.young_weight.saturating_add(weight) > self.half_weight {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
        self.young_weight = self.young_weight.saturating_add(weight);
        self.young.insert(key, Entry { value, weight });
    }

    /// The value of `key`, which counts as used now; made if it is not there.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        if self.get(&key).is_none() && self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
        &mut self.young.entry(key).or_insert_with(|| Entry { value: make(), weight: 0 }).value
    }

    /// Forgets `key`.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some(entry) = self.young.remove(key) {
            self.young_weight = self.young_weight.saturating_sub(entry.weight);
            return Some(entry.value);
        }
        self.old.remove(key).map(|entry| entry.value)
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
    use proptest::prelude::*;

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

    #[test]
    fn what_is_too_heavy_is_not_kept_and_replaces_what_was_there() {
        let mut recent = Recent::weighing(10, 100);
        recent.insert_weighing(1, "a", 50);
        assert_eq!(recent.get(&1), Some(&mut "a"));
        recent.insert_weighing(1, "b", 51);
        assert_eq!(recent.get(&1), None);
    }

    proptest! {
        #[test]
        fn never_weighs_more_than_it_may(steps in prop::collection::vec((0_u8..4, 0_u8..20, 0_usize..60), 0..300)) {
            let mut recent = Recent::weighing(16, 100);
            for (what, key, weight) in steps {
                match what {
                    0 => drop(recent.remove(&key)),
                    1 => drop(recent.get(&key)),
                    _ => recent.insert_weighing(key, weight, weight),
                }
                let weight: usize = recent.young.values().chain(recent.old.values()).map(|entry| entry.value).sum();
                prop_assert!(weight <= 100 && recent.len() <= 16);
                prop_assert_eq!(recent.young_weight, recent.young.values().map(|entry| entry.value).sum::<usize>());
                prop_assert!(recent.young.keys().all(|key| !recent.old.contains_key(key)));
            }
        }
    }
}
