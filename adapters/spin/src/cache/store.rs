//! Where answers are stored: in Redis if there is one, and else in Spin's key-value store.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use edge::platform::CacheFailure;
use futures_util::future::{Either, select};
use router_core::cache::Key;
use spin_sdk::key_value;
use spin_sdk::redis::{Connection, RedisParameter, RedisResult};

use super::slot;
use crate::body::wait;
use crate::redis;

/// The largest value in Redis, in bytes.
const LARGEST_IN_REDIS: u64 = 8 * 1024 * 1024;
/// The largest value in the key-value store, in bytes. Akamai's takes one of a megabyte, SQLite's on a host of one's own takes more.
const LARGEST_IN_KV: u64 = 1_000_000;
/// How long Redis has for what is asked of it. A question that takes as long as an upstream does is not worth asking.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest lifetime that is told to Redis, in milliseconds, which adds its own time to it and holds both in 64 bits: a hundred years.
const LONGEST_MS: u64 = 100 * 366 * 24 * 3600 * 1000;

thread_local! {
    /// Not the one that decisions wait for: a large body takes its time.
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
    /// The largest value of the store that was opened last.
    static LARGEST: Cell<u64> = const { Cell::new(LARGEST_IN_REDIS) };
}

/// The largest value that can be stored, in bytes, as far as is known without asking the host: 0 if there is no store.
pub(super) fn largest() -> u64 {
    LARGEST.get()
}

/// A store.
pub(super) enum Store {
    /// The Redis at this address, which forgets by itself.
    Redis(String),
    /// The key-value store `default`.
    Kv(key_value::Store),
}

impl Store {
    pub(super) async fn open() -> Result<Self, CacheFailure> {
        let opened = match redis::address().await {
            Some(address) => Ok(Self::Redis(address)),
            None => key_value::Store::open_default().await.map(Self::Kv).map_err(failed),
        };
        match &opened {
            Ok(store) => LARGEST.set(store.largest()),
            Err(CacheFailure::Absent) => LARGEST.set(0),
            Err(CacheFailure::Failed(_)) => {}
        }
        opened
    }

    /// The largest value that it takes.
    pub(super) fn largest(&self) -> u64 {
        match self {
            Self::Redis(_) => LARGEST_IN_REDIS,
            Self::Kv(_) => LARGEST_IN_KV,
        }
    }

    /// What stands where that of `key` would.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, CacheFailure> {
        match self {
            Self::Redis(address) => match ask(address, "GET", vec![name(key)]).await?.pop() {
                Some(RedisResult::Binary(value)) => Ok(Some(value)),
                Some(RedisResult::Nil | RedisResult::Status(_) | RedisResult::Int64(_)) | None => Ok(None),
            },
            Self::Kv(store) => store.get(slot::name(key)).await.map_err(failed),
        }
    }

    /// Puts it there.
    pub(super) async fn set(&self, key: &Key, value: Vec<u8>, lifetime_ms: u64) -> Result<(), CacheFailure> {
        match self {
            Self::Redis(address) => {
                let lifetime = lifetime_ms.clamp(1, LONGEST_MS).to_string().into_bytes();
                let words = [value, b"PX".to_vec(), lifetime].map(RedisParameter::Binary);
                ask(address, "SET", std::iter::once(name(key)).chain(words).collect()).await.map(drop)
            }
            Self::Kv(store) => store.set(slot::name(key), value).await.map_err(failed),
        }
    }

    /// Takes that of `key` away, and no other that stands there.
    pub(super) async fn delete(&self, key: &Key) -> Result<(), CacheFailure> {
        match self {
            Self::Redis(address) => ask(address, "DEL", vec![name(key)]).await.map(drop),
            Self::Kv(store) => {
                let name = slot::name(key);
                match store.get(&name).await.map_err(failed)? {
                    Some(value) if slot::is_of(key, &value) => store.delete(name).await.map_err(failed),
                    Some(_) | None => Ok(()),
                }
            }
        }
    }
}

fn name(key: &Key) -> RedisParameter {
    RedisParameter::Binary(format!("tidegate:cache:{key}").into_bytes())
}

/// Asks Redis and waits for its answer.
async fn ask(address: &str, command: &str, words: Vec<RedisParameter>) -> Result<Vec<RedisResult>, CacheFailure> {
    let answering = std::pin::pin!(answer(address, command, words));
    match select(answering, std::pin::pin!(wait(PATIENCE))).await {
        Either::Left((said, _)) => said.map_err(CacheFailure::Failed),
        Either::Right(((), _)) => {
            CONNECTION.take();
            Err(CacheFailure::Failed(format!("Redis did not answer in {} ms", PATIENCE.as_millis())))
        }
    }
}

async fn answer(address: &str, command: &str, words: Vec<RedisParameter>) -> Result<Vec<RedisResult>, String> {
    let connection = redis::connection(&CONNECTION, address).await?;
    connection.execute(command, words).await.map_err(|why| {
        redis::forget(&CONNECTION, &connection);
        redis::reason(why, address)
    })
}

fn failed(error: key_value::Error) -> CacheFailure {
    match error {
        key_value::Error::AccessDenied | key_value::Error::NoSuchStore => CacheFailure::Absent,
        other => CacheFailure::Failed(other.to_string()),
    }
}
