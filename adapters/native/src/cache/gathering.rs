//! A body that is gathered piece by piece, and stored when it is whole.

use bytes::Bytes;
use edge::AtEnd;
use edge::platform::CacheFailure;
use ring::digest::{Context, SHA256};
use router_core::cache::{Entry, Item, Key};
use tokio::time::Instant;

use super::store::{Room, Store, too_large};

/// What is to be stored, and where.
pub(super) struct Order {
    pub(super) store: Store,
    pub(super) key: Key,
    pub(super) entry: Entry,
    /// How many bytes the answer said that come.
    pub(super) declared: Option<u64>,
    /// A longer body is not stored.
    pub(super) most: u64,
    pub(super) expires: Option<Instant>,
}

/// A body that is on its way. Dropped before it is whole it leaves nothing behind.
pub(super) struct Gathering {
    order: Order,
    /// Copied, because a piece holds on to all of the buffer into which its connection was read.
    bytes: Vec<u8>,
    /// Piece by piece as well: all at once would hold up the thread.
    hash: Option<Context>,
    room: Room,
    _end: Option<AtEnd>,
}

impl Gathering {
    /// Nothing has come yet. `end` is dropped with it.
    ///
    /// # Errors
    /// It is known already that it cannot be stored.
    pub(super) fn begin(mut order: Order, end: Option<AtEnd>) -> Result<Self, CacheFailure> {
        order.most = order.most.min(order.store.largest());
        let mut room = order.store.room();
        let mut bytes = Vec::new();
        if let Some(declared) = order.declared {
            if declared > order.most {
                return Err(too_long(&order));
            }
            if !room.take(declared) {
                return Err(no_room());
            }
            bytes.reserve_exact(usize::try_from(declared).map_err(|_| too_long(&order))?);
        }
        let hash = order.entry.wants_etag.then(|| Context::new(&SHA256));
        Ok(Self { order, bytes, hash, room, _end: end })
    }

    /// Where it goes.
    pub(super) fn store(&self) -> Store {
        self.order.store.clone()
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// It will not be stored.
    pub(super) fn add(&mut self, piece: &Bytes) -> Result<(), CacheFailure> {
        let length = (self.bytes.len() + piece.len()) as u64;
        match self.order.declared {
            Some(declared) if length > declared => return Err(other_length(declared, length)),
            // Its room was taken at the beginning.
            Some(_) => {}
            None if length > self.order.most => return Err(too_long(&self.order)),
            None if !self.room.take(piece.len() as u64) => return Err(no_room()),
            None => {}
        }
        self.bytes.extend_from_slice(piece);
        if let Some(hash) = &mut self.hash {
            hash.update(piece);
        }
        Ok(())
    }

    /// The body has ended as it should: stores it.
    ///
    /// # Errors
    /// It is not what the answer said, or too large.
    pub(super) fn finish(self) -> Result<(), CacheFailure> {
        let Self { order: Order { store, key, mut entry, declared, expires, .. }, bytes, hash, room: _room, _end } =
            self;
        let length = bytes.len() as u64;
        if let Some(declared) = declared.filter(|declared| *declared != length) {
            return Err(other_length(declared, length));
        }
        entry.complete(length, || sha256(hash));
        // Without what a growing body has in reserve.
        let body = Bytes::from(bytes.into_boxed_slice());
        store.insert(key, Item::Answer(entry), body, expires)
    }
}

fn sha256(hash: Option<Context>) -> [u8; 32] {
    let digest = hash.unwrap_or_else(|| Context::new(&SHA256)).finish();
    digest.as_ref().try_into().unwrap_or_default()
}

fn too_long(order: &Order) -> CacheFailure {
    let largest = order.store.largest();
    match order.declared {
        Some(declared) if declared > largest => too_large(declared, largest),
        _ => CacheFailure::Failed(format!("its body is longer than {} bytes", order.most)),
    }
}

fn no_room() -> CacheFailure {
    CacheFailure::Failed("as many bodies are being stored at once as the cache's memory could hold".into())
}

fn other_length(declared: u64, found: u64) -> CacheFailure {
    CacheFailure::Failed(format!("its body should have {declared} bytes and has {found}"))
}
