//! What only tests may ask a platform to do, so that its traits can be tried where they run. A part of each Wasm adapter with the feature `test-routes`,
//! which nothing that is deployed has.
//!
//! `x-test-probe` holds words: `claim LIFETIME KEY`, `claims COUNT KEY` (at once), `fetch BASE PATH MILLISECONDS MOST`, `flight KEY BASE`, `flights COUNT
//! KEY BASE` (at once, in one request). The answer is text; of several flights a line each.

use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Errand, Fetch, Fetched, Platform};
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use router_core::RequestHead;
use router_core::atomic::{Outcome, Transition};
use router_core::dispatch::Target;

/// Does what the head asks for; `None` if it asks for nothing.
pub(crate) async fn probe<P: Platform>(platform: &P, head: &RequestHead) -> Option<String> {
    let asked = head.headers.get("x-test-probe")?.to_str().ok()?.to_owned();
    let words: Vec<&str> = asked.split(' ').collect();
    Some(match words.as_slice() {
        ["claim", lifetime_ms, key] => claim(platform, key, lifetime_ms.parse().ok()?).await.to_owned(),
        ["claims", count, key] => {
            let claims = (0..count.parse().ok()?).map(|_: u32| claim(platform, key, 60_000));
            join_all(claims).await.join(" ")
        }
        ["fetch", base, path, milliseconds, most] => {
            let timeout = Duration::from_millis(milliseconds.parse().ok()?);
            fetch(platform, base, path, timeout, most.parse().ok()?).await
        }
        ["flight", key, base] => flight(platform, key, base).await,
        ["flights", count, key, base] => {
            let flights = (0..count.parse().ok()?).map(|_: u32| flight(platform, key, base));
            join_all(flights).await.join("\n")
        }
        _ => format!("no such probe: {asked}"),
    })
}

async fn claim<P: Platform>(platform: &P, key: &str, lifetime_ms: u64) -> &'static str {
    match platform.decide(key, Transition::Claim { lifetime_ms }).await {
        Ok(Outcome::Claimed) => "claimed",
        Ok(Outcome::Taken) => "taken",
        Err(edge::platform::AtomicFailure::Absent) => "absent",
        Err(edge::platform::AtomicFailure::Failed(_)) => "failed",
    }
}

async fn flight<P: Platform>(platform: &P, key: &str, base: &str) -> String {
    let (own, base) = (platform.clone(), base.to_owned());
    let work = async move {
        let told = fetch(&own, &base, "/flight", Duration::from_secs(5), 1000).await;
        Bytes::from(told)
    };
    match platform.single_flight(key, work).await {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => "nothing".to_owned(),
    }
}

async fn fetch<P: Fetch>(platform: &P, base: &str, path: &str, timeout: Duration, max_answer: usize) -> String {
    let Ok(target) = Target::parse(base) else { return format!("no target: {base}") };
    let errand = Errand {
        target: &target,
        method: Method::GET,
        path_and_query: path.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout,
        max_answer,
    };
    match platform.fetch(errand).await {
        Ok(Fetched { status, body, .. }) => format!("{} {}", status.as_u16(), String::from_utf8_lossy(&body)),
        Err(failure) => format!("failed {}", failure.class.as_str()),
    }
}
