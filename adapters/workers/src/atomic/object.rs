//! A Durable Object that decides: one thread, one SQLite database, no `.await` between reading and writing.

// The glue that the macro writes is unsafe by nature.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use router_core::atomic::State;
use worker::{DurableObject, Env, Request, Response, SqlStorage, SqlStorageValue, durable_object};

use super::{read, word};
use crate::js;

/// How often what has expired is taken out, in milliseconds. One pass reads every row, which costs a thousandth of writing them.
const SWEEP_MS: u64 = 60_000;

/// When an object that nobody asks any more looks whether all that it holds has expired.
const ALARM: Duration = Duration::from_secs(3600);

/// The largest whole number that crosses from JavaScript without loss; as a time, the year 287396.
const LATEST: u64 = (1 << 53) - 1;

/// One of the objects that hold the atomic store.
#[durable_object(alarm)]
pub struct TidegateAtomic {
    state: worker::State,
    /// Each is a number that is replaced whole, so a panic leaves nothing half-done.
    notes: AssertUnwindSafe<Notes>,
}

/// What an instance of an object remembers.
#[derive(Default)]
struct Notes {
    /// Whether it has made sure of its table and its alarm.
    ready: Cell<bool>,
    /// The latest time that was seen: an object may be moved to a machine whose clock is behind.
    latest_ms: Cell<u64>,
    swept_ms: Cell<u64>,
}

impl DurableObject for TidegateAtomic {
    fn new(state: worker::State, _: Env) -> Self {
        Self { state, notes: AssertUnwindSafe(Notes::default()) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let first = !self.notes.ready.get();
        if first {
            self.prepare()?;
        }
        let question = js::question(request.inner())?;
        let answer = self.decide(&question)?;
        if first {
            self.state.storage().set_alarm(ALARM).await?;
        }
        Response::ok(answer)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.prepare()?;
        let sql = self.state.storage().sql();
        sweep(&sql, self.now())?;
        let left = sql.exec("SELECT 1 FROM states LIMIT 1", None)?.raw().next().is_some();
        if left {
            self.state.storage().set_alarm(ALARM).await?;
        } else {
            // An object without storage costs nothing. It is made anew when it is asked again.
            self.notes.ready.set(false);
            self.state.storage().delete_all().await?;
        }
        Response::ok("")
    }
}

impl TidegateAtomic {
    fn prepare(&self) -> worker::Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS states \
                     (key TEXT PRIMARY KEY, expires INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID";
        self.state.storage().sql().exec(table, None)?;
        self.notes.ready.set(true);
        Ok(())
    }

    fn decide(&self, question: &str) -> worker::Result<&'static str> {
        let (key, transition) =
            read(question).ok_or_else(|| worker::Error::from("the question is not one of this version"))?;
        let sql = self.state.storage().sql();
        let now_ms = self.now();
        if now_ms.saturating_sub(self.notes.swept_ms.get()) >= SWEEP_MS {
            sweep(&sql, now_ms)?;
            self.notes.swept_ms.set(now_ms);
        }
        let (next, outcome) = transition.apply(load(&sql, key)?.as_ref(), now_ms);
        if let Some(State { expires_ms, value }) = next {
            let row = vec![key.into(), whole(expires_ms), value.into()];
            sql.exec("INSERT OR REPLACE INTO states (key, expires, value) VALUES (?, ?, ?)", row)?;
        }
        Ok(word(outcome))
    }

    fn now(&self) -> u64 {
        // A cast of a float saturates.
        let now_ms = self.notes.latest_ms.get().max(js::milliseconds() as u64);
        self.notes.latest_ms.set(now_ms);
        now_ms
    }
}

fn load(sql: &SqlStorage, key: &str) -> worker::Result<Option<State>> {
    let mut rows = sql.exec("SELECT expires, value FROM states WHERE key = ?", vec![key.into()])?.raw();
    let Some(row) = rows.next() else { return Ok(None) };
    let mut row = row?.into_iter();
    match (row.next(), row.next()) {
        (Some(SqlStorageValue::Integer(expires)), Some(SqlStorageValue::Blob(value))) => {
            Ok(Some(State { expires_ms: u64::try_from(expires).unwrap_or(0), value }))
        }
        _ => Err(worker::Error::from("a row of the store is not as this version writes it")),
    }
}

fn sweep(sql: &SqlStorage, now_ms: u64) -> worker::Result<()> {
    sql.exec("DELETE FROM states WHERE expires <= ?", vec![whole(now_ms)]).map(drop)
}

fn whole(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number.min(LATEST)).unwrap_or(i64::MAX))
}
