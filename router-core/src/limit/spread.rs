//! What instances tell each other of what they count, through a key-value store that is eventually consistent.
//!
//! A store of this kind can neither count nor be written often: one key takes a write a second, and what is written is seen elsewhere after a minute. So each
//! instance writes only what it took itself, all of it in one value, about once a minute, and adds up what the others wrote. A count hardly ever shrinks
//! within its window, so that an old value is seldom wrong, only low: of what is read, the most that was ever read counts. Writing over each other loses
//! nothing for long, as everybody writes again; and each at intervals of its own, so that no two do it to each other every time.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use super::key::{PartitionHash, Seed};
use super::rule::Rule;
use crate::hex::hex;

/// Instances are spread over so many values, so that many can write: each writes one, and reads all.
pub const SLOTS: u8 = 32;

/// The shortest time after which an instance writes and reads again, in milliseconds. A host that shows for a minute what it has read or written would
/// otherwise never show an instance what others wrote into its own value.
const SHORTEST_INTERVAL_MS: u64 = 61_000;

/// The longest, in milliseconds.
pub const LONGEST_INTERVAL_MS: u64 = 76_000;

/// The shortest window of which it is worth to tell, in milliseconds: in a shorter one nobody learns of the others before it ends.
pub const SHORTEST_WINDOW_MS: u64 = 300_000;

/// How long a value that nobody writes again is kept, in seconds.
pub const LIFETIME_S: u64 = 3600;

/// Keys that an instance tells of: those of which it took most.
const MOST_TOLD: usize = 128;

/// Instances that a value tells of.
const MOST_INSTANCES: usize = 16;

/// Counts of others that are remembered, each of an instance and a key.
const MOST_KNOWN: usize = 16_384;

/// The longest value that is read, in bytes.
pub const LONGEST: usize = 1 << 20;

type CountKey = (PartitionHash, u64);

/// What an instance took, and what it knows of the others.
#[derive(Debug)]
pub struct Neighbours {
    me: String,
    slot: u8,
    own: FxHashMap<CountKey, Taken>,
    /// The most that each of them told, by its name.
    told: FxHashMap<(String, CountKey), Taken>,
    /// The sums of that.
    others: FxHashMap<CountKey, Taken>,
    interval_ms: u64,
    /// On the instance's own time line.
    exchanged_ms: Option<u64>,
}

/// Units, in the window that began then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    start_ms: u64,
    end_ms: u64,
    units: u64,
}

impl Neighbours {
    /// Nobody is known yet. The seed names this instance.
    #[must_use]
    pub fn new(seed: &Seed) -> Self {
        let [first, second, ..] = seed.0;
        let (half, _) = seed.0.split_at(8);
        let me = hex(half);
        let more_ms = (LONGEST_INTERVAL_MS - SHORTEST_INTERVAL_MS) * u64::from(second) / 255;
        Self {
            me,
            slot: first % SLOTS,
            own: FxHashMap::default(),
            told: FxHashMap::default(),
            others: FxHashMap::default(),
            interval_ms: SHORTEST_INTERVAL_MS + more_ms,
            exchanged_ms: None,
        }
    }

    /// The keys of all values.
    pub fn keys() -> impl Iterator<Item = String> {
        (0..SLOTS).map(|slot| format!("tidegate/limit/{slot}"))
    }

    /// The key of the value that this instance writes.
    #[must_use]
    pub fn own_key(&self) -> String {
        format!("tidegate/limit/{}", self.slot)
    }

    /// Whether it is time to write and read. If so, it is not time again for a while.
    pub fn is_due(&mut self, monotonic_ms: u64) -> bool {
        let due = self.exchanged_ms.is_none_or(|at| monotonic_ms.saturating_sub(at) >= self.interval_ms);
        if due {
            self.exchanged_ms = Some(monotonic_ms);
        }
        due
    }

    /// Notes what this instance took.
    pub fn took(&mut self, partition: PartitionHash, mark: u64, rule: &Rule, units: u64, now_ms: u64) {
        let Some((start_ms, end_ms)) = window(rule, now_ms) else { return };
        let key = (partition, mark);
        if self.own.len() >= MOST_TOLD && !self.own.contains_key(&key) {
            self.own.retain(|_, taken| taken.end_ms > now_ms);
            if self.own.len() >= MOST_TOLD
                && let Some(least) = self.own.iter().min_by_key(|(_, taken)| taken.units).map(|(key, _)| *key)
            {
                self.own.remove(&least);
            }
        }
        let taken = self.own.entry(key).or_insert(Taken { start_ms, end_ms, units: 0 });
        if taken.start_ms != start_ms {
            *taken = Taken { start_ms, end_ms, units: 0 };
        }
        taken.units = taken.units.saturating_add(units);
    }

    /// Notes that units which this instance took were given back.
    pub fn gave_back(&mut self, partition: PartitionHash, mark: u64, rule: &Rule, units: u64, now_ms: u64) {
        let Some((start_ms, _)) = window(rule, now_ms) else { return };
        if let Some(taken) = self.own.get_mut(&(partition, mark)).filter(|taken| taken.start_ms == start_ms) {
            taken.units = taken.units.saturating_sub(units);
        }
    }

    /// What others are known to have taken in the present window.
    #[must_use]
    pub fn taken_elsewhere(&self, partition: &PartitionHash, mark: u64, rule: &Rule, now_ms: u64) -> u64 {
        let (Some(taken), Some((start_ms, _))) = (self.others.get(&(*partition, mark)), window(rule, now_ms)) else {
            return 0;
        };
        if taken.start_ms == start_ms { taken.units } else { 0 }
    }

    /// Takes in all values, and returns what is to be written under [`Neighbours::own_key`]: nothing where there is nothing to tell.
    #[must_use]
    pub fn exchange(&mut self, values: &[(String, Vec<u8>)], now_ms: u64) -> Option<Vec<u8>> {
        let (own_key, me) = (self.own_key(), self.me.clone());
        let mut kept = BTreeMap::new();
        self.told.retain(|_, taken| taken.end_ms > now_ms);
        for (key, value) in values.iter().filter(|(_, value)| value.len() <= LONGEST) {
            let Ok(Value::Object(instances)) = serde_json::from_slice(value) else { continue };
            for (instance, told) in instances.into_iter().take(MOST_INSTANCES).filter(|(name, _)| *name != me) {
                let Value::Object(told) = told else { continue };
                let counts: Vec<(CountKey, Taken)> =
                    told.iter().take(MOST_TOLD).filter_map(|(key, taken)| read(key, taken)).collect();
                let live = counts.iter().any(|(_, taken)| taken.end_ms > now_ms);
                for (key, taken) in counts.into_iter().filter(|(_, taken)| taken.end_ms > now_ms) {
                    self.is_told(&instance, key, taken);
                }
                if live && *key == own_key {
                    kept.insert(instance, Value::Object(told));
                }
            }
        }
        self.others.clear();
        for ((_, key), taken) in &self.told {
            add(&mut self.others, *key, *taken);
        }
        self.own.retain(|_, taken| taken.end_ms > now_ms);
        if self.own.is_empty() {
            return None;
        }
        let own: Map<String, Value> = self.own.iter().map(|(key, taken)| write(key, taken)).collect();
        let mut all: Map<String, Value> = kept.into_iter().take(MOST_INSTANCES - 1).collect();
        all.insert(self.me.clone(), Value::Object(own));
        serde_json::to_vec(&all).ok()
    }

    fn is_told(&mut self, instance: &str, key: CountKey, taken: Taken) {
        let place = (instance.to_owned(), key);
        let has_room = self.told.len() < MOST_KNOWN;
        match self.told.get_mut(&place) {
            Some(known) if known.start_ms == taken.start_ms => known.units = known.units.max(taken.units),
            Some(known) if known.start_ms > taken.start_ms => {}
            Some(known) => *known = taken,
            None if has_room => {
                self.told.insert(place, taken);
            }
            None => {}
        }
    }
}

fn add(counts: &mut FxHashMap<CountKey, Taken>, key: CountKey, taken: Taken) {
    let sum = counts.entry(key).or_insert(Taken { units: 0, ..taken });
    if sum.start_ms < taken.start_ms {
        *sum = Taken { units: 0, ..taken };
    }
    if sum.start_ms == taken.start_ms {
        sum.units = sum.units.saturating_add(taken.units);
    }
}

/// Where the window of a rule begins and ends.
fn window(rule: &Rule, now_ms: u64) -> Option<(u64, u64)> {
    match rule {
        Rule::FixedWindow(fixed) => Some(fixed.window(now_ms)),
        _ => None,
    }
}

fn write((partition, mark): &CountKey, taken: &Taken) -> (String, Value) {
    (format!("{partition}.{mark:x}"), json!([taken.start_ms, taken.end_ms, taken.units]))
}

fn read(key: &str, taken: &Value) -> Option<(CountKey, Taken)> {
    let (partition, mark) = key.split_once('.')?;
    let key = (PartitionHash::from_hex(partition)?, u64::from_str_radix(mark, 16).ok()?);
    let [start_ms, end_ms, units] = taken.as_array()?.as_slice() else { return None };
    Some((key, Taken { start_ms: start_ms.as_u64()?, end_ms: end_ms.as_u64()?, units: units.as_u64()? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::algorithm::FixedWindow;
    use crate::limit::key::Partition;

    fn rule(now_ms: u64) -> Rule {
        Rule::FixedWindow(FixedWindow::new(100, FixedWindow::bounds_every(120_000, now_ms)).unwrap())
    }

    fn exchange(all: &mut [Neighbours], store: &mut BTreeMap<String, Vec<u8>>, now_ms: u64) {
        for one in all {
            let values: Vec<_> = store.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            if let Some(value) = one.exchange(&values, now_ms) {
                store.insert(one.own_key(), value);
            }
        }
    }

    #[test]
    fn everybody_learns_what_the_others_took_even_where_they_share_a_value() {
        let partition = Partition::default().hash();
        let mut store = BTreeMap::new();
        // All of them in one slot.
        let mut all: Vec<_> = (0..5)
            .map(|number| Neighbours::new(&Seed([0, number, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9])))
            .collect();
        for (index, one) in all.iter_mut().enumerate() {
            one.took(partition, 7, &rule(1000), index as u64 + 1, 1000);
        }
        exchange(&mut all, &mut store, 1000);
        exchange(&mut all, &mut store, 2000);
        for (index, one) in all.iter().enumerate() {
            let own = index as u64 + 1;
            assert_eq!(one.taken_elsewhere(&partition, 7, &rule(2000), 2000), 15 - own);
            assert_eq!(one.taken_elsewhere(&partition, 8, &rule(2000), 2000), 0, "another quota");
            assert_eq!(one.taken_elsewhere(&partition, 7, &rule(130_000), 130_000), 0, "another window");
        }
        exchange(&mut all, &mut store, 130_000);
        assert!(all.iter().all(|one| one.own.is_empty() && one.others.is_empty() && one.told.is_empty()));
    }

    #[test]
    fn what_is_told_and_what_is_known_is_bounded_and_junk_is_left_aside() {
        let mut one = Neighbours::new(&Seed([1; 16]));
        for number in 0..1000_u64 {
            let mut hash = [0; 16];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            one.took(PartitionHash::from_bytes(hash), 1, &rule(0), number, 0);
        }
        assert_eq!(one.own.len(), MOST_TOLD);
        let junk = ["", "[]", "{}", "{\"a\":1}", "{\"a\":{\"b\":[]}}", "{\"a\":{\"zz.1\":[1,2,3]}}", "\u{0}"];
        let values: Vec<_> = junk.iter().map(|text| ("k".to_owned(), text.as_bytes().to_vec())).collect();
        let value = one.exchange(&values, 1).unwrap();
        assert!(value.len() < LONGEST / MOST_INSTANCES, "{}", value.len());
        assert!(one.others.is_empty());
    }

    #[test]
    fn what_was_told_is_not_forgotten_by_reading_an_older_value() {
        let partition = Partition::default().hash();
        let [mut one, mut other] =
            [1, 2].map(|number| Neighbours::new(&Seed([0, number, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9])));
        let tells = |one: &mut Neighbours| vec![(one.own_key(), one.exchange(&[], 1000).unwrap())];
        one.took(partition, 7, &rule(1000), 3, 1000);
        let old = tells(&mut one);
        one.took(partition, 7, &rule(1000), 4, 1000);
        let new = tells(&mut one);
        for values in [&old, &new, &old, &vec![]] {
            let _ = other.exchange(values, 2000);
        }
        assert_eq!(other.taken_elsewhere(&partition, 7, &rule(2000), 2000), 7);
    }

    #[test]
    fn it_is_due_at_first_and_then_at_an_interval_of_its_own() {
        for (second, interval_ms) in [(0, SHORTEST_INTERVAL_MS), (255, LONGEST_INTERVAL_MS)] {
            let mut one = Neighbours::new(&Seed([second; 16]));
            assert!(one.is_due(5));
            assert!(!one.is_due(interval_ms + 4));
            assert!(one.is_due(interval_ms + 5));
        }
    }
}
