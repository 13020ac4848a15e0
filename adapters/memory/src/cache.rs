//! Stored answers, in a map. They expire by the manual clock, and the oldest make room for new ones.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edge::AtEnd;
use edge::platform::{Cache, CacheFailure, Clock, Found};
use router_core::authenticate::jose::Digest;
use router_core::cache::{Entry, Item, Key};

use crate::Memory;
use crate::upstream::{Scripted, ScriptedBody};

/// How many items there are at most.
const MOST_ITEMS: usize = 1024;

/// The items, and whether the store works.
#[derive(Debug, Default)]
pub struct Shelf {
    items: RefCell<HashMap<Key, Stored>>,
    failure: RefCell<Option<CacheFailure>>,
    stored: Cell<u64>,
}

#[derive(Clone, Debug)]
struct Stored {
    found: Found<Bytes>,
    /// In unix milliseconds: a clock that is set changes what is expired.
    expires: u64,
    /// Which one it is in the order of storing.
    number: u64,
}

impl Shelf {
    /// Lets every call end so, until it is told `None`.
    pub fn fail(&self, failure: Option<CacheFailure>) {
        self.failure.replace(failure);
    }

    /// Takes all away without the gateway's doing, as stores may at any time.
    pub fn empty(&self) {
        self.items.borrow_mut().clear();
    }

    /// How many items there are, expired ones included.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items.borrow().len()
    }

    fn works(&self) -> Result<(), CacheFailure> {
        self.failure.borrow().clone().map_or(Ok(()), Err)
    }

    fn put(&self, key: Key, item: Item, body: Bytes, expires: u64) -> Result<(), CacheFailure> {
        self.works()?;
        let number = self.stored.get();
        self.stored.set(number.saturating_add(1));
        let mut items = self.items.borrow_mut();
        if items.len() >= MOST_ITEMS && !items.contains_key(&key) {
            let oldest = items.iter().min_by_key(|(_, stored)| stored.number).map(|(key, _)| *key);
            oldest.and_then(|oldest| items.remove(&oldest));
        }
        items.insert(key, Stored { found: Found { item: Arc::new(item), body }, expires, number });
        Ok(())
    }
}

impl Memory {
    fn end_of(&self, lifetime: Duration) -> u64 {
        let ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        self.unix_ms().saturating_add(ms)
    }

    /// Stores an answer whose body the script has; nothing if it breaks off, is not as long as was said or longer than it may be.
    fn keep(
        &self,
        key: Key,
        mut entry: Entry,
        body: &ScriptedBody,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure> {
        let body = whole(body, most).map_err(CacheFailure::Failed)?;
        let length = body.len() as u64;
        if let Some(declared) = entry.length.filter(|declared| *declared != length) {
            return Err(CacheFailure::Failed(format!("the body should have {declared} bytes and has {length}")));
        }
        entry.complete(length, || Digest::Sha256.of(&body).try_into().unwrap_or_default());
        self.state.shelf.put(key, Item::Answer(entry), body, self.end_of(lifetime))
    }
}

/// The whole of a body, or why it is none.
fn whole(body: &ScriptedBody, most: u64) -> Result<Bytes, String> {
    let mut whole = Vec::new();
    for piece in body.clone() {
        let piece = piece.map_err(|failure| format!("the body broke off: {}", failure.class.as_str()))?;
        whole.extend_from_slice(&piece);
        if whole.len() as u64 > most {
            return Err(format!("the body is longer than {most} bytes"));
        }
    }
    Ok(whole.into())
}

impl Cache for Memory {
    type Kept = Bytes;

    async fn find(&self, key: &Key) -> Result<Option<Found<Bytes>>, CacheFailure> {
        let shelf = &self.state.shelf;
        shelf.works()?;
        let items = shelf.items.borrow();
        Ok(items.get(key).filter(|stored| self.unix_ms() < stored.expires).map(|stored| stored.found.clone()))
    }

    async fn store(&self, key: &Key, item: Item, body: Bytes, lifetime: Duration) -> Result<(), CacheFailure> {
        self.state.shelf.put(*key, item, body, self.end_of(lifetime))
    }

    fn store_passing(
        &self,
        key: &Key,
        entry: Entry,
        answer: Scripted,
        most: u64,
        lifetime: Duration,
        end: AtEnd,
    ) -> Scripted {
        // The body is known before it goes on, so there is nothing to wait for.
        drop(self.keep(*key, entry, &answer.body, most, lifetime));
        drop(end);
        answer
    }

    async fn store_whole(
        &self,
        key: &Key,
        entry: Entry,
        answer: Scripted,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure> {
        self.keep(*key, entry, &answer.body, most, lifetime)
    }

    async fn renew(&self, key: &Key, entry: Entry, body: Bytes, lifetime: Duration) -> Result<Bytes, CacheFailure> {
        self.state.shelf.put(*key, Item::Answer(entry), body.clone(), self.end_of(lifetime))?;
        Ok(body)
    }

    async fn forget(&self, key: &Key) -> Result<(), CacheFailure> {
        self.state.shelf.works()?;
        self.state.shelf.items.borrow_mut().remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use router_core::dispatch::FailureClass;

    use super::*;
    use crate::executor::run;

    const LIFETIME: Duration = Duration::from_secs(10);

    fn entry() -> Entry {
        Entry { wants_etag: true, ..Entry::default() }
    }

    fn key(number: u16) -> Key {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_be_bytes());
        Key(key)
    }

    fn found(memory: &Memory, number: u16) -> Option<Found<Bytes>> {
        run(memory.find(&key(number))).unwrap().unwrap()
    }

    fn pass(memory: &Memory, entry: Entry, body: ScriptedBody, most: u64) {
        let answer = Scripted { body, ..Scripted::default() };
        let ended = std::rc::Rc::new(Cell::new(false));
        let end = std::rc::Rc::clone(&ended);
        drop(memory.store_passing(&key(1), entry, answer, most, LIFETIME, AtEnd::new(move || end.set(true))));
        assert!(ended.get());
    }

    #[test]
    fn an_answer_that_comes_whole_is_stored_and_expires_by_the_manual_clock() {
        let memory = Memory::default();
        pass(&memory, entry(), ScriptedBody::new(["ab".into(), "c".into()]), 3);
        let Found { item, body } = found(&memory, 1).unwrap();
        let Item::Answer(stored) = &*item else { panic!("{item:?}") };
        assert_eq!((&body[..], stored.length), (&b"abc"[..], Some(3)));
        // The first half of the SHA-256 of "abc" (FIPS 180-4).
        assert_eq!(stored.headers[header::ETAG], "\"ba7816bf8f01cfea414140de5dae2223\"");
        memory.clock().forward(Duration::from_millis(9_999));
        assert!(found(&memory, 1).is_some());
        memory.clock().forward(Duration::from_millis(1));
        assert!(found(&memory, 1).is_none());
    }

    #[test]
    fn what_breaks_off_is_too_long_or_not_as_long_as_was_said_is_not_stored() {
        let memory = Memory::default();
        let body = || ScriptedBody::new(["abc".into()]);
        pass(&memory, entry(), body().then_fails(FailureClass::Reset), 3);
        pass(&memory, entry(), body(), 2);
        pass(&memory, Entry { length: Some(4), ..entry() }, body(), 4);
        assert!(found(&memory, 1).is_none());
        let answer = Scripted { body: body(), ..Scripted::default() };
        let told = run(memory.store_whole(&key(1), entry(), answer, 2, LIFETIME)).unwrap();
        assert_eq!(told, Err(CacheFailure::Failed("the body is longer than 2 bytes".to_owned())));
    }

    #[test]
    fn the_oldest_makes_room() {
        let memory = Memory::default();
        let store =
            |number| run(Cache::store(&memory, &key(number), Item::Answer(entry()), Bytes::new(), LIFETIME)).unwrap();
        for number in 0..=1024 {
            store(number).unwrap();
        }
        assert_eq!(memory.shelf().items(), 1024);
        assert!(found(&memory, 0).is_none());
        // Storing again makes it young, and takes no room from others.
        store(1).unwrap();
        assert!(found(&memory, 2).is_some());
        store(2000).unwrap();
        assert!(found(&memory, 1).is_some() && found(&memory, 2).is_none());
    }

    #[test]
    fn renews_forgets_and_fails_as_it_is_told() {
        let memory = Memory::default();
        let renew = || run(memory.renew(&key(1), entry(), "abc".into(), LIFETIME)).unwrap();
        assert_eq!(renew(), Ok("abc".into()));
        assert_eq!(found(&memory, 1).unwrap().body, "abc");
        run(memory.forget(&key(1))).unwrap().unwrap();
        assert!(found(&memory, 1).is_none());
        memory.shelf().fail(Some(CacheFailure::Absent));
        assert_eq!(renew(), Err(CacheFailure::Absent));
        assert_eq!(run(memory.find(&key(1))).unwrap().err(), Some(CacheFailure::Absent));
        pass(&memory, entry(), ScriptedBody::default(), 3);
        memory.shelf().fail(None);
        assert!(found(&memory, 1).is_none());
    }
}
