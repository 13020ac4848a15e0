//! A Durable Object that decides: one thread, one SQLite database, no `.await` between reading and writing.

// The glue that the macro writes is unsafe by nature.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use router_core::atomic::{State, Transition};
use router_core::limit::owner::{self, Ask, Decided};
use worker::{DurableObject, Env, Request, Response, SqlStorage, SqlStorageValue, durable_object};

use super::wire::{self, Question};
use crate::js;

/// How often what has expired is taken out, in milliseconds. One pass reads every row, which costs a thousandth of writing them.
const SWEEP_MS: u64 = 60_000;

/// When an object that nobody asks any more looks whether all that it holds has expired.
const ALARM: Duration = Duration::from_secs(3600);

/// The largest whole number that crosses from JavaScript without loss; as a time, the year 287396.
const LATEST: u64 = (1 << 53) - 1;

/// What is decided on, and what is counted. An object has rows in one of them only, as its name says.
const TABLES: &str = "\
    CREATE TABLE IF NOT EXISTS states (key TEXT PRIMARY KEY, expires INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; \
    CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, ends INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID";

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
        let question = js::question(request.inner()).await?.as_string().unwrap_or_default();
        let answer = match wire::read(&question) {
            Some(Question::Decide(key, transition)) => self.decide(key, &transition)?.to_owned(),
            Some(Question::Count(asked)) => self.count(&asked)?,
            None => return Err(worker::Error::from("the question is not one of this version")),
        };
        if first {
            self.state.storage().set_alarm(ALARM).await?;
        }
        Response::ok(answer)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.prepare()?;
        let sql = self.state.storage().sql();
        sweep(&sql, self.now())?;
        let left = "SELECT 1 FROM states UNION ALL SELECT 1 FROM counts LIMIT 1";
        let left = sql.exec(left, None)?.raw().next().is_some();
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
        self.state.storage().sql().exec(TABLES, None)?;
        self.notes.ready.set(true);
        Ok(())
    }

    fn decide(&self, key: &str, transition: &Transition) -> worker::Result<&'static str> {
        let sql = self.state.storage().sql();
        let now_ms = self.swept(&sql)?;
        let (next, outcome) = transition.apply(load(&sql, key)?.as_ref(), now_ms);
        if let Some(State { expires_ms, value }) = next {
            let row = vec![key.into(), whole(expires_ms), value.into()];
            sql.exec("INSERT OR REPLACE INTO states (key, expires, value) VALUES (?, ?, ?)", row)?;
        }
        Ok(wire::word(outcome))
    }

    fn count(&self, asked: &[(&str, Ask)]) -> worker::Result<String> {
        let sql = self.state.storage().sql();
        let now_ms = self.swept(&sql)?;
        let stored: Vec<Option<String>> =
            asked.iter().map(|(key, _)| load_count(&sql, key)).collect::<worker::Result<_>>()?;
        let states = asked
            .iter()
            .zip(&stored)
            .map(|((_, ask), stored)| (*ask, owner::State::read(stored.as_deref().unwrap_or_default(), &ask.rule)));
        let decided = owner::decide(states.collect(), now_ms);
        for (((key, ask), stored), Decided { said, next }) in asked.iter().zip(stored).zip(&decided) {
            let Some(next) = next else { continue };
            let ends_ms = next.ends_ms(&ask.rule, said.now_ms);
            let state = next.write(&ask.rule);
            if ends_ms > said.now_ms {
                // Rows that are written are paid for.
                if stored.as_ref() != Some(&state) {
                    let row = vec![(*key).into(), whole(ends_ms), state.into()];
                    sql.exec("INSERT OR REPLACE INTO counts (key, ends, state) VALUES (?, ?, ?)", row)?;
                }
            } else if stored.is_some() {
                sql.exec("DELETE FROM counts WHERE key = ?", vec![(*key).into()])?;
            }
        }
        Ok(wire::answer(decided.iter().map(|decided| &decided.said)))
    }

    /// The time, once what has expired is out.
    fn swept(&self, sql: &SqlStorage) -> worker::Result<u64> {
        let now_ms = self.now();
        if now_ms.saturating_sub(self.notes.swept_ms.get()) >= SWEEP_MS {
            sweep(sql, now_ms)?;
            self.notes.swept_ms.set(now_ms);
        }
        Ok(now_ms)
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

fn load_count(sql: &SqlStorage, key: &str) -> worker::Result<Option<String>> {
    let mut rows = sql.exec("SELECT state FROM counts WHERE key = ?", vec![key.into()])?.raw();
    match rows.next().transpose()?.and_then(|row| row.into_iter().next()) {
        None => Ok(None),
        Some(SqlStorageValue::String(state)) => Ok(Some(state)),
        Some(_) => Err(worker::Error::from("a row of the store is not as this version writes it")),
    }
}

fn sweep(sql: &SqlStorage, now_ms: u64) -> worker::Result<()> {
    sql.exec("DELETE FROM states WHERE expires <= ?", vec![whole(now_ms)])?;
    sql.exec("DELETE FROM counts WHERE ends <= ?", vec![whole(now_ms)]).map(drop)
}

fn whole(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number.min(LATEST)).unwrap_or(i64::MAX))
}
