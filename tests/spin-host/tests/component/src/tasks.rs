//! What lives in the instance: a counter, output, work after the response, and one request that waits for another.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use spin_sdk::wasip3::http::types::Response;
use spin_sdk::wasip3::{clocks::monotonic_clock, spawn};

use crate::answer::text;

thread_local! {
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
    static WOKEN: Cell<bool> = const { Cell::new(false) };
}

pub fn count() -> Response {
    let count = REQUESTS.get() + 1;
    REQUESTS.set(count);
    text(200, count.to_string())
}

#[expect(clippy::disallowed_methods, reason = "it is the clock that is tested")]
pub fn now() -> Response {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => text(200, since.as_millis().to_string()),
        Err(error) => text(500, error.to_string()),
    }
}

pub fn log() -> Response {
    println!("to the output");
    eprintln!("to the errors");
    text(200, "logged")
}

pub fn after() -> Response {
    spawn(async {
        monotonic_clock::wait_for(1_000_000).await;
        println!("after the response");
    });
    text(200, "answered")
}

/// Waits for another request of the same instance. It asks again at every tick of a timer, because a Rust waker must not
/// be fired from one request to another: without `inter-task-wakeup` of wit-bindgen 0.57 that traps, and with it
/// wasmtime 48 traps.
pub async fn wait() -> Response {
    println!("waiting");
    while !WOKEN.get() {
        monotonic_clock::wait_for(1_000_000).await;
    }
    text(200, "woken")
}

pub fn wake() -> Response {
    WOKEN.set(true);
    text(200, "waking")
}
