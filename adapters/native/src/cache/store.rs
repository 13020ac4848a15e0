//! The store: bounded by bytes, and by what is on its way into it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use edge::platform::{CacheFailure, Found};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use router_core::cache::{Item, Key};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::compact::compact;

/// An object takes at most this part of the memory, so that no single one drives out most others.
const LARGEST: u64 = 8;
/// Parts with a lock each; an object has to fit into one together with others.
const PARTS: u64 = LARGEST / 2;
/// What an object takes on average, as far as it can be guessed. The store remembers the keys of half as many objects as fit, after they were driven
/// out, to know them again.
const AVERAGE: u64 = 4096;
/// What an object takes beside what it says itself: its key and its place.
const OVERHEAD: u64 = 128;
/// How many bodies are read to their end at a time for the store alone: more would hold upstreams' connections for nobody.
const ALONE: usize = 1024;

/// What all threads have stored. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

struct Shared {
    objects: Cache<Key, Object, Weigher>,
    /// The most that one object may weigh, in bytes.
    largest: u64,
    /// The most bytes that may be on their way.
    most_coming: u64,
    coming: AtomicU64,
    alone: Semaphore,
}

#[derive(Clone)]
struct Object {
    item: Arc<Item>,
    body: Bytes,
    /// `None`: never.
    expires: Option<Instant>,
    weight: u64,
}

impl Object {
    fn is_over(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

#[derive(Clone)]
struct Weigher;

impl Weighter<Key, Object> for Weigher {
    fn weight(&self, _: &Key, object: &Object) -> u64 {
        object.weight
    }
}

impl Store {
    /// A store of `memory` bytes. As many again may be on their way into it.
    pub(crate) fn new(memory: u64) -> Self {
        let each = memory / PARTS;
        let fit = usize::try_from(memory / AVERAGE).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new()
            .shards(PARTS as usize)
            .weight_capacity(each * PARTS)
            // With fewer the parts would be joined.
            .estimated_items_capacity(fit.max(256))
            .build();
        let objects = match options {
            Ok(options) => {
                Cache::with_options(options, Weigher, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            // It has all that it asks for.
            Err(_) => Cache::with_weighter(fit, memory, Weigher),
        };
        Self(Arc::new(Shared {
            objects,
            largest: memory / LARGEST,
            most_coming: memory,
            coming: AtomicU64::new(0),
            alone: Semaphore::new(ALONE),
        }))
    }

    /// What is stored under `key`, unless its time is over.
    pub(crate) fn find(&self, key: &Key, now: Instant) -> Option<Found<Bytes>> {
        let found = self.0.objects.get(key)?;
        if found.is_over(now) {
            // Another thread may have stored a newer one just now.
            self.0.objects.remove_if(key, |object| object.is_over(now));
            return None;
        }
        Some(Found { item: found.item, body: found.body })
    }

    /// Stores what fits. `body` is held as it is: it must be no piece of something larger.
    ///
    /// # Errors
    /// It is larger than one object may be. What was stored under `key` is gone then as well.
    pub(crate) fn insert(
        &self,
        key: Key,
        mut item: Item,
        body: Bytes,
        expires: Option<Instant>,
    ) -> Result<(), CacheFailure> {
        if let Item::Answer(entry) = &mut item {
            compact(&mut entry.headers);
        }
        let weight = weight(&item).saturating_add(body.len() as u64).saturating_add(OVERHEAD);
        if weight > self.0.largest {
            self.forget(&key);
            return Err(too_large(weight, self.0.largest));
        }
        self.0.objects.insert(key, Object { item: Arc::new(item), body, expires, weight });
        Ok(())
    }

    /// Forgets what is stored under `key`.
    pub(crate) fn forget(&self, key: &Key) {
        self.0.objects.remove(key);
    }

    /// The most bytes that a body may have to be stored.
    pub(super) fn largest(&self) -> u64 {
        self.0.largest
    }

    /// Room for a body that is on its way; none of it is taken yet.
    pub(super) fn room(&self) -> Room {
        Room { store: self.clone(), taken: 0 }
    }

    /// Leave to read a body for nobody but the store.
    pub(super) fn alone(&self) -> Option<SemaphorePermit<'_>> {
        self.0.alone.try_acquire().ok()
    }

    /// What everything stored weighs, in bytes.
    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.0.objects.weight()
    }

    /// How many bytes are on their way.
    #[cfg(test)]
    pub(super) fn coming(&self) -> u64 {
        self.0.coming.load(Ordering::Relaxed)
    }
}

pub(super) fn too_large(weight: u64, largest: u64) -> CacheFailure {
    CacheFailure::Failed(format!(
        "it takes {weight} bytes, and one object may take at most {largest} (an eighth of the cache's memory)"
    ))
}

fn weight(item: &Item) -> u64 {
    match item {
        Item::Answer(entry) => entry.weight(),
        Item::Variants(variants) => {
            let names = variants.sets.iter().flatten().map(|name| name.len() + 32);
            (variants.generation.len() + names.sum::<usize>() + 256) as u64
        }
    }
}

/// Bytes that are on their way. Given back when it is dropped.
pub(super) struct Room {
    store: Store,
    taken: u64,
}

impl Room {
    /// Takes `bytes` more, if there is as much.
    #[must_use]
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let Shared { coming, most_coming, .. } = &*self.store.0;
        let more = |now: u64| now.checked_add(bytes).filter(|then| then <= most_coming);
        let taken = coming.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if taken {
            self.taken += bytes;
        }
        taken
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.store.0.coming.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use router_core::cache::Variants;

    use super::*;

    const MEMORY: u64 = 1024 * 1024;

    fn key(number: u64) -> Key {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        Key(key)
    }

    fn item() -> Item {
        Item::Variants(Variants { generation: String::new(), sets: Vec::new(), stored_ms: 0 })
    }

    fn body(bytes: u64) -> Bytes {
        Bytes::from(vec![b'x'; usize::try_from(bytes).unwrap()])
    }

    fn fill(store: &Store, numbers: std::ops::Range<u64>, bytes: u64) {
        numbers.for_each(|number| store.insert(key(number), item(), body(bytes), None).unwrap());
    }

    fn found(store: &Store, numbers: std::ops::Range<u64>) -> usize {
        let now = Instant::now();
        numbers.filter(|number| store.find(&key(*number), now).is_some()).count()
    }

    #[test]
    fn it_never_takes_more_than_its_memory() {
        let store = Store::new(MEMORY);
        for number in 0..5000 {
            // From nothing up to nearly an eighth, and again and again the same.
            let size = number * 7919 % (MEMORY / LARGEST - 1024);
            store.insert(key(number % 700), item(), body(size), None).unwrap();
            assert!(store.weight() <= MEMORY);
        }
        assert!(store.weight() > MEMORY / 2);
    }

    #[test]
    fn an_object_of_more_than_an_eighth_is_refused_and_what_was_there_is_gone() {
        let store = Store::new(MEMORY);
        let most = MEMORY / LARGEST - OVERHEAD - weight(&item());
        store.insert(key(1), item(), body(most), None).unwrap();
        assert_eq!(found(&store, 1..2), 1);
        let CacheFailure::Failed(why) = store.insert(key(1), item(), body(most + 1), None).unwrap_err() else {
            panic!("not the reason")
        };
        assert!(why.contains("131073") && why.contains("131072"), "{why}");
        assert_eq!((found(&store, 1..2), store.weight()), (0, 0));
    }

    #[test]
    fn a_store_without_memory_stores_nothing() {
        let store = Store::new(0);
        store.insert(key(1), item(), Bytes::new(), None).unwrap_err();
        assert_eq!(found(&store, 0..2), 0);
    }

    #[test]
    fn what_is_asked_for_often_outlives_a_scan() {
        let store = Store::new(MEMORY);
        fill(&store, 0..50, 4096);
        for scanned in 0..20 {
            assert_eq!(found(&store, 0..50), 50, "{scanned}");
            fill(&store, 1000 + scanned * 100..1100 + scanned * 100, 4096);
        }
    }

    #[test]
    fn a_newer_object_is_not_taken_for_the_expired_one() {
        let store = Store::new(MEMORY);
        let now = Instant::now();
        store.insert(key(1), item(), "old".into(), Some(now)).unwrap();
        assert!(store.find(&key(1), now).is_none());
        store.insert(key(1), item(), "new".into(), now.checked_add(Duration::from_secs(1))).unwrap();
        assert_eq!(store.find(&key(1), now).unwrap().body, "new");
    }

    #[test]
    fn what_is_on_its_way_takes_no_more_than_the_memory() {
        let store = Store::new(MEMORY);
        let (mut one, mut other) = (store.room(), store.room());
        assert!(one.take(MEMORY - 10) && other.take(10));
        assert!(!other.take(1) && !one.take(u64::MAX));
        drop(one);
        assert!(other.take(MEMORY - 10));
        drop(other);
        assert_eq!(store.coming(), 0);
    }

    #[test]
    fn threads_share_it() {
        let store = Store::new(MEMORY);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let store = store.clone();
                scope.spawn(move || {
                    for number in 0..2000 {
                        store.insert(key((number + thread * 7) % 300), item(), body(1000 + number), None).unwrap();
                        found(&store, number..number + 1);
                    }
                });
            }
        });
        assert!(store.weight() <= MEMORY && found(&store, 0..300) > 0);
    }
}
