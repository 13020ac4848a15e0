//! The atomic store: Redis, at the address in the variable `tidegate_redis`. Without one there is no store.
//!
//! Spin's key-value interface has no step that is safe against others at the same time, so nothing of it is used here. Each decision is a script that
//! Redis runs in one go.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use edge::platform::{Atomic, AtomicFailure};
use futures_util::future::{Either, select};
use router_core::atomic::{Outcome, Transition};
use router_core::limit::owner::{Ask, Said};
use spin_sdk::redis::{Connection, Error, RedisParameter, RedisResult};

use crate::Spin;
use crate::body::wait;
use crate::redis;
use crate::scripts::{self, Call, Script};

/// How long connecting and deciding on what may be used once may take together.
const PATIENCE: Duration = Duration::from_secs(2);

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl Atomic for Spin {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let numbers = call(&scripts::transition(key, &transition), PATIENCE).await?;
        scripts::outcome(&numbers).map_err(AtomicFailure::Failed)
    }

    async fn count(&self, asked: &[(String, Ask)], patience: Duration) -> Result<Vec<Said>, AtomicFailure> {
        let numbers = call(&scripts::count(asked), patience).await?;
        scripts::said(&numbers, asked.len()).map_err(AtomicFailure::Failed)
    }
}

/// Calls a script and waits for its answer, for so long.
async fn call(call: &Call, patience: Duration) -> Result<Vec<i64>, AtomicFailure> {
    let Some(address) = redis::address().await else { return Err(AtomicFailure::Absent) };
    let answering = std::pin::pin!(answer(&address, call));
    match select(answering, std::pin::pin!(wait(patience))).await {
        Either::Left((numbers, _)) => numbers,
        Either::Right(((), _)) => {
            CONNECTION.take();
            Err(AtomicFailure::Failed(format!("Redis did not decide in {} ms", patience.as_millis())))
        }
    }
}

async fn answer(address: &str, call: &Call) -> Result<Vec<i64>, AtomicFailure> {
    let connection = redis::connection(&CONNECTION, address).await.map_err(AtomicFailure::Failed)?;
    let Script { text, sha1 } = call.script;
    let said = match connection.execute("EVALSHA", parameters(sha1, call)).await {
        // The server has not seen the script since it started, and so has not run it.
        Err(Error::Other(said)) if is_unknown_script(&said) => connection.execute("EVAL", parameters(text, call)).await,
        said => said,
    };
    match said {
        Ok(answer) => numbers(&answer),
        Err(why) => {
            // It is not asked again: whether the script has run is not known. The next decision connects anew.
            redis::forget(&CONNECTION, &connection);
            Err(AtomicFailure::Failed(redis::reason(why, address)))
        }
    }
}

fn parameters(script: &str, call: &Call) -> Vec<RedisParameter> {
    let text = |text: &str| RedisParameter::Binary(text.as_bytes().to_vec());
    let head = [text(script), text(&call.keys.len().to_string())];
    let keys = call.keys.iter().map(|key| text(key));
    head.into_iter().chain(keys).chain(call.arguments.iter().map(|number| text(&number.to_string()))).collect()
}

/// Hosts hand on what Redis says, or what their client makes of it.
fn is_unknown_script(said: &str) -> bool {
    ["NOSCRIPT", "NoScript", "No matching script"].iter().any(|words| said.contains(words))
}

fn numbers(answer: &[RedisResult]) -> Result<Vec<i64>, AtomicFailure> {
    let number = |result: &RedisResult| match result {
        RedisResult::Int64(number) => Some(*number),
        RedisResult::Nil | RedisResult::Status(_) | RedisResult::Binary(_) => None,
    };
    let numbers: Option<Vec<i64>> = answer.iter().map(number).collect();
    let strange = || format!("Redis answered {answer:?} to a script that answers whole numbers");
    numbers.ok_or_else(|| AtomicFailure::Failed(strange()))
}
