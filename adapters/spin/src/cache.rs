//! Stored answers. Spin has no cache of its own: they are values in Redis, or else in the key-value store.
//!
//! A body is gathered on its way through the component, since its length and its hash stand in front of it and nothing that broke off may ever be found.
//! One that says beforehand that it is too long passes as it is.

mod gathering;
mod passing;
mod slot;
mod store;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edge::AtEnd;
use edge::platform::{Cache, CacheFailure, Clock, Found, Log};
use router_core::authenticate::jose::Digest;
use router_core::cache::{Entry, Item, Key};
use router_core::receive::told_length;
use serde_json::json;

use crate::Spin;
use crate::upstream::{AnswerBody, SpinAnswer};
use gathering::{Gathered, Gathering};
use store::{Store, largest};

impl Cache for Spin {
    type Kept = Bytes;

    async fn find(&self, key: &Key) -> Result<Option<Found<Bytes>>, CacheFailure> {
        let Some(value) = Store::open().await?.get(key).await? else { return Ok(None) };
        let found = slot::read(key, self.unix_ms(), value.into());
        Ok(found.map(|(item, body)| Found { item: Arc::new(item), body }))
    }

    async fn store(&self, key: &Key, item: Item, body: Bytes, lifetime: Duration) -> Result<(), CacheFailure> {
        self.put(key, &item, &body, lifetime).await
    }

    fn store_passing(
        &self,
        key: &Key,
        mut entry: Entry,
        answer: SpinAnswer,
        most: u64,
        lifetime: Duration,
        end: AtEnd,
    ) -> SpinAnswer {
        let gathering = Gathering::begin(told_length(&answer.headers), most.min(largest()));
        let Some(gathering) = gathering.ok().filter(|_| largest() > 0) else { return answer };
        let (host, key) = (*self, *key);
        let store = async move |gathered: Gathered| {
            complete(&mut entry, &gathered.bytes);
            let url = entry.url.clone();
            let stored = host.put(&key, &Item::Answer(entry), &gathered.bytes, lifetime).await;
            if let Err(CacheFailure::Failed(why)) = stored {
                let line = json!({"event": "cache_unstored", "host": url.host, "path": url.path, "reason": why});
                host.log(line.to_string());
            }
        };
        let SpinAnswer { status, headers, body } = answer;
        let stream = passing::passing(body, gathering, store, end);
        SpinAnswer { status, headers, body: AnswerBody { stream, within: None } }
    }

    async fn store_whole(
        &self,
        key: &Key,
        mut entry: Entry,
        answer: SpinAnswer,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure> {
        Store::open().await?;
        let gathering =
            Gathering::begin(told_length(&answer.headers), most.min(largest())).map_err(CacheFailure::Failed)?;
        let gathered = passing::whole(answer.body, gathering).await.map_err(CacheFailure::Failed)?;
        complete(&mut entry, &gathered.bytes);
        self.put(key, &Item::Answer(entry), &gathered.bytes, lifetime).await
    }

    async fn renew(&self, key: &Key, entry: Entry, body: Bytes, lifetime: Duration) -> Result<Bytes, CacheFailure> {
        self.put(key, &Item::Answer(entry), &body, lifetime).await?;
        Ok(body)
    }

    async fn forget(&self, key: &Key) -> Result<(), CacheFailure> {
        Store::open().await?.delete(key).await
    }
}

impl Spin {
    async fn put(&self, key: &Key, item: &Item, body: &[u8], lifetime: Duration) -> Result<(), CacheFailure> {
        let store = Store::open().await?;
        let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let value = slot::write(key, self.unix_ms().saturating_add(lifetime_ms), item, body);
        let largest = store.largest();
        match value.filter(|value| value.len() as u64 <= largest) {
            Some(value) => store.set(key, value, lifetime_ms).await,
            None => {
                let length = body.len();
                let why = format!("its head and its body of {length} bytes take more than the store's {largest} bytes");
                Err(CacheFailure::Failed(why))
            }
        }
    }
}

fn complete(entry: &mut Entry, body: &[u8]) {
    entry.complete(body.len() as u64, || Digest::Sha256.of(body).try_into().unwrap_or_default());
}
