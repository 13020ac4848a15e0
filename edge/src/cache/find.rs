//! Looking for a stored answer.

use std::sync::Arc;

use http::HeaderMap;
use router_core::HeaderEdits;
use router_core::cache::asked::CacheRequest;
use router_core::cache::purge::Purged;
use router_core::cache::reuse::Age;
use router_core::cache::status::Forward;
use router_core::cache::{Entry, Item, Key, Rule, Variants, conditions, range};

use super::purge;
use crate::exchange::Exchange;
use crate::platform::{CacheFailure, Found, Platform};

/// A stored answer.
pub(crate) struct Held<P: Platform> {
    pub(super) key: Key,
    pub(super) item: Arc<Item>,
    pub(super) body: P::Kept,
    /// When it was purged softly.
    pub(super) purged_ms: Option<u64>,
}

impl<P: Platform> Held<P> {
    pub(super) fn entry(&self) -> Option<&Entry> {
        match &*self.item {
            Item::Answer(entry) => Some(entry),
            Item::Variants(_) => None,
        }
    }

    /// How old it is at `now_ms`.
    pub(super) fn age(&self, now_ms: u64) -> Option<Age> {
        Some(Age::of(self.entry()?, now_ms, self.purged_ms))
    }

    /// Edits that ask the upstream whether it is still valid, if that can be asked.
    pub(super) fn validating(&self, request: &HeaderMap) -> Option<HeaderEdits> {
        conditions::validating(request, self.entry()?)
    }
}

/// What a search found.
pub(crate) struct Search<P: Platform> {
    pub(super) held: Option<Held<P>>,
    pub(super) variants: Option<Variants>,
    /// Why the request goes on, if nothing was found.
    pub(super) forward: Forward,
}

pub(super) async fn find<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    request: &CacheRequest,
) -> Search<P> {
    let mut search = Search { held: None, variants: None, forward: Forward::UriMiss };
    if let Some(found) = get(exchange, &request.key).await {
        match &*found.item {
            Item::Answer(_) => search.held = sound(exchange, rule, request.key, found).await,
            Item::Variants(variants) => {
                search.forward = Forward::VaryMiss;
                let keys: Vec<Key> = request.variants(variants, &exchange.head.headers).collect();
                search.variants = Some(variants.clone());
                for key in keys {
                    if let Some(found) = get(exchange, &key).await {
                        search.held = sound(exchange, rule, key, found).await;
                        break;
                    }
                }
            }
        }
    }
    if search.held.is_none() && range::is_asked(&exchange.head.headers) {
        part(exchange, rule, request, &mut search).await;
    }
    search
}

/// Where the whole is not stored, perhaps the part is that is asked for.
async fn part<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    request: &CacheRequest,
    search: &mut Search<P>,
) {
    let key = CacheRequest::part(&request.key);
    let Some(found) = get(exchange, &key).await else { return };
    let Some(held) = sound(exchange, rule, key, found).await else { return };
    let head = &exchange.head;
    let is_fresh = held.age(exchange.platform.unix_ms()).is_some_and(Age::is_fresh);
    let part = held.entry().and_then(|entry| range::slice_of_part(&head.method, &head.headers, entry));
    if is_fresh && part.is_some() {
        search.held = Some(held);
    } else {
        search.forward = Forward::Partial;
    }
}

/// A store that fails is as one that has nothing.
async fn get<P: Platform>(exchange: &mut Exchange<'_, P>, key: &Key) -> Option<Found<P::Kept>> {
    let found = exchange.platform.find(key).await;
    done(exchange, found).flatten()
}

/// What the store did; if it failed, that is noted. The client never learns of it.
pub(super) fn done<P: Platform, T>(exchange: &mut Exchange<'_, P>, result: Result<T, CacheFailure>) -> Option<T> {
    if let Err(CacheFailure::Failed(why)) = &result {
        exchange.platform.instance().count_cache_failure();
        exchange.record.failure_detail = Some(format!("cache: {why}"));
    }
    result.ok()
}

/// What was found, unless it was purged.
async fn sound<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    key: Key,
    found: Found<P::Kept>,
) -> Option<Held<P>> {
    let Item::Answer(entry) = &*found.item else { return None };
    let purged_ms = match purge::purged(exchange.platform, &rule.name, entry).await {
        Purged::No => None,
        Purged::Softly(at_ms) => Some(at_ms),
        Purged::Gone => return None,
    };
    Some(Held { key, item: found.item, body: found.body, purged_ms })
}
