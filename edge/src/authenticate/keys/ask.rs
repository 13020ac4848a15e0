//! Asking a key server, on behalf of all requests of the instance that wait for the same keys.

use std::time::Duration;

use bytes::Bytes;
use router_core::authenticate::Endpoint;
use router_core::authenticate::key_set::{Cause, MAX_KEY_SET, MAX_METADATA, Remote, SHARED_FOR, lifetime};
use serde_json::json;

use crate::authenticate::errand;
use crate::platform::{KvFailure, Platform};

/// How long a key server may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the store, and the server if that is not enough, and tells the memory of the instance. The result has nothing in it: whoever waits for it
/// looks into the memory, so that nothing but plain data goes from one request to another.
pub(super) async fn ask<P: Platform>(platform: P, remote: Remote, cause: Cause) -> Bytes {
    let key = remote.store_key();
    // What the store cannot say, the server can.
    let (stored, has_store) = match platform.get(&key).await {
        Ok(stored) => (stored, true),
        Err(failure) => (None, failure != KvFailure::Absent),
    };
    let instance = platform.instance();
    if !instance.key_sets.borrow_mut().begin(&remote, cause, stored.as_ref(), platform.unix_ms()) {
        return Bytes::new();
    }
    let fetched = fetch(&platform, &remote).await;
    let now_ms = platform.unix_ms();
    let mut memory = instance.key_sets.borrow_mut();
    let taken = fetched.and_then(|(text, lifetime)| {
        memory.succeed(&remote, &text, lifetime, now_ms).map_err(|why| format!("{} has no keys: {why}", remote.asked()))
    });
    let left = taken.unwrap_or_else(|reason| {
        platform.log(
            json!({"event": "key_set_unavailable", "url": remote.asked().to_string(), "reason": reason}).to_string(),
        );
        memory.fail(&remote, &reason, stored.as_ref(), now_ms)
    });
    drop(memory);
    if has_store {
        let host = platform.clone();
        platform.defer(async move {
            // The store is a shortcut: without it every instance asks the server itself.
            let _ = host.put(&key, left, Some(SHARED_FOR)).await;
        });
    }
    Bytes::new()
}

/// The key set as its server sends it, and for how long it is fresh.
async fn fetch<P: Platform>(platform: &P, remote: &Remote) -> Result<(Bytes, Duration), String> {
    let found;
    let endpoint = match remote.issuer() {
        None => remote.asked(),
        Some(_) => {
            let question = errand::get(remote.asked(), "application/json", TIMEOUT, MAX_METADATA);
            let metadata = errand::ok(remote.asked(), platform.fetch(question).await)?;
            found = remote.key_set_of(&metadata.body)?;
            &found
        }
    };
    let accept = "application/jwk-set+json, application/json";
    let answer = errand::ok(endpoint, platform.fetch(errand::get(endpoint, accept, TIMEOUT, MAX_KEY_SET)).await)?;
    let lifetime = lifetime::lifetime(&answer.headers, platform.unix_ms());
    Ok((answer.body, lifetime))
}
