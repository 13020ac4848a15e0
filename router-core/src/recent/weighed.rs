//! The same, bounded by weight as well.

use std::borrow::Borrow;
use std::hash::Hash;

use super::Recent;

/// A [`Recent`] whose entries never weigh more than so much together. The unit is the caller's; bytes, for example.
#[derive(Debug)]
pub struct Weighed<K, V> {
    entries: Recent<K, Entry<V>>,
    /// What the young ones weigh together, and the most that they may.
    young_weight: usize,
    half_weight: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    weight: usize,
}

impl<K: Hash + Eq, V> Weighed<K, V> {
    /// An empty one that never holds more than `capacity` entries (at least 2), nor entries that weigh more than `weight` together.
    #[must_use]
    pub fn new(capacity: usize, weight: usize) -> Self {
        Self { entries: Recent::new(capacity), young_weight: 0, half_weight: weight / 2 }
    }

    /// The value of `key`, which counts as used now.
    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.entries.young.contains_key(key) {
            let (key, Entry { value, weight }) = self.entries.old.remove_entry(key)?;
            self.insert(key, value, weight);
        }
        self.entries.young.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Remembers `value`, which weighs `weight`; not if that is more than half of all that may be held.
    pub fn insert(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.half_weight {
            return;
        }
        let full = self.entries.young.len() >= self.entries.half;
        if full || self.young_weight.saturating_add(weight) > self.half_weight {
            self.entries.turn();
            self.young_weight = 0;
        }
        self.young_weight = self.young_weight.saturating_add(weight);
        self.entries.young.insert(key, Entry { value, weight });
    }

    /// Forgets `key`.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some(entry) = self.entries.young.remove(key) {
            self.young_weight = self.young_weight.saturating_sub(entry.weight);
            return Some(entry.value);
        }
        self.entries.old.remove(key).map(|entry| entry.value)
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_too_heavy_is_not_kept_and_replaces_what_was_there() {
        let mut recent = Weighed::new(10, 100);
        recent.insert(1, "a", 50);
        assert_eq!(recent.get(&1), Some(&mut "a"));
        recent.insert(1, "b", 51);
        assert_eq!(recent.get(&1), None);
    }

    proptest! {
        #[test]
        fn never_weighs_more_than_it_may(steps in prop::collection::vec((0_u8..4, 0_u8..20, 0_usize..60), 0..300)) {
            let mut recent = Weighed::new(16, 100);
            for (what, key, weight) in steps {
                match what {
                    0 => _ = recent.remove(&key),
                    1 => _ = recent.get(&key),
                    _ => recent.insert(key, weight, weight),
                }
                let weight: usize = recent.entries.young.values().chain(recent.entries.old.values()).map(|entry| entry.value).sum();
                prop_assert!(weight <= 100 && recent.len() <= 16);
                prop_assert_eq!(recent.young_weight, recent.entries.young.values().map(|entry| entry.value).sum::<usize>());
                prop_assert!(recent.entries.young.keys().all(|key| !recent.entries.old.contains_key(key)));
            }
        }
    }
}
