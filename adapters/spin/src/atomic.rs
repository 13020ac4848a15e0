//! The atomic store: Redis, at the address in the variable `tidegate_redis`. Without one there is no store.
//!
//! Spin's key-value interface has no step that is safe against others at the same time, so nothing of it is used here. Each transition is a script that
//! Redis runs in one go.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use edge::platform::{Atomic, AtomicFailure};
use futures_util::future::{Either, select};
use router_core::atomic::{Outcome, Transition};
use spin_sdk::redis::{Connection, Error, RedisParameter, RedisResult};
use spin_sdk::variables;

use crate::Spin;
use crate::body::wait;

/// The variable with the address: `redis://user:password@host:6379/0`, or `rediss://` for TLS.
const VARIABLE: &str = "tidegate_redis";

/// Before every key, so that the database may hold other things.
const PREFIX: &str = "tidegate:atomic:";

/// How long connecting and deciding may take together.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest lifetime that is told to Redis, which adds its own time to it and holds both in 64 bits: a hundred years.
const LONGEST_MS: u64 = 100 * 366 * 24 * 3600 * 1000;

const CLAIM: &str = include_str!("claim.lua");

thread_local! {
    /// The connection of this instance: the host opens one for each `open`, and shares none.
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl Atomic for Spin {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let address = variables::get(VARIABLE.to_owned()).await.ok().filter(|address| !address.is_empty());
        let Some(address) = address else { return Err(AtomicFailure::Absent) };
        let deciding = std::pin::pin!(decide(&address, key, &transition));
        match select(deciding, std::pin::pin!(wait(PATIENCE))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => {
                CONNECTION.take();
                Err(AtomicFailure::Failed(format!("Redis did not decide in {} ms", PATIENCE.as_millis())))
            }
        }
    }
}

async fn decide(address: &str, key: &str, transition: &Transition) -> Result<Outcome, AtomicFailure> {
    let connection = connection(address).await?;
    let key = RedisParameter::Binary([PREFIX, key].concat().into_bytes());
    let (script, argument) = match transition {
        Transition::Claim { lifetime_ms } => (CLAIM, (*lifetime_ms).min(LONGEST_MS)),
    };
    let argument = RedisParameter::Int64(i64::try_from(argument).unwrap_or(i64::MAX));
    let script = RedisParameter::Binary(script.as_bytes().to_vec());
    match connection.execute("EVAL", [script, RedisParameter::Int64(1), key, argument]).await {
        Ok(answer) => match answer.as_slice() {
            [RedisResult::Int64(1)] => Ok(Outcome::Claimed),
            [RedisResult::Int64(0)] => Ok(Outcome::Taken),
            other => Err(AtomicFailure::Failed(format!("Redis answered {other:?} to a script that answers 0 or 1"))),
        },
        Err(why) => {
            // It is not asked again: whether the script has run is not known. The next decision connects anew.
            forget(&connection);
            Err(failed(why, address))
        }
    }
}

async fn connection(address: &str) -> Result<Rc<Connection>, AtomicFailure> {
    if let Some(connection) = CONNECTION.with_borrow(Clone::clone) {
        return Ok(connection);
    }
    let fresh = Connection::open(address).await.map_err(|why| failed(why, address))?;
    // Two first decisions may both get here; the first connection stays.
    Ok(CONNECTION.with_borrow_mut(|connection| Rc::clone(connection.get_or_insert_with(|| Rc::new(fresh)))))
}

fn forget(broken: &Rc<Connection>) {
    CONNECTION.with_borrow_mut(|connection| {
        connection.take_if(|connection| Rc::ptr_eq(connection, broken));
    });
}

/// For the log. The address has a password in it, perhaps.
fn failed(why: Error, address: &str) -> AtomicFailure {
    AtomicFailure::Failed(match why {
        Error::InvalidAddress => format!(
            "the variable `{VARIABLE}` is no address of a Redis that this component may reach; expected `redis://host:port`, \
             and the same in `allowed_outbound_hosts`"
        ),
        Error::TooManyConnections => "the host has too many connections to Redis open".to_owned(),
        Error::TypeError => "Redis answered with something that the host does not know".to_owned(),
        Error::Other(said) => format!("Redis: {}", said.replace(address, "the address")),
    })
}
