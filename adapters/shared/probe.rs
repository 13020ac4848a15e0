//! What only tests may ask a platform to do, so that its traits can be tried where they run. A part of each Wasm adapter with the feature `test-routes`,
//! which nothing that is deployed has.
//!
//! `x-test-probe` holds words:
//!
//! * `claim LIFETIME KEY`, `claims TIMES KEY` (at once): `claimed`, `taken`, `absent` or `failed`.
//! * `count KEY ASK`, `counts TIMES KEY ASK` (at once), where an ASK is its numbers with commas between them: the numbers of what is said, in the same
//!   way, or `absent` or `failed`.
//! * `batch KEY;ASK|KEY;ASK|…`: all of them in one question; what is said of each, with `|` between them.
//! * `within BINDING KEY`: `within`, `beyond`, `absent` or `failed`.
//! * `sleep MILLISECONDS`: `slept`, or `woken` if that was too early by the platform's clock.
//! * `fetch BASE PATH MILLISECONDS MOST`: the status and the body, or `failed CLASS`.
//! * `flight KEY BASE`, `flights TIMES KEY BASE` (at once, in one request): a line for each.

use std::time::Duration;

use bytes::Bytes;
use edge::platform::{AtomicFailure, Errand, Fetch, Fetched, Platform};
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use router_core::RequestHead;
use router_core::atomic::{Outcome, Transition};
use router_core::dispatch::Target;
use router_core::limit::owner::{Ask, Said};

/// How long counts are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

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
        ["count", key, ask] => count(platform, &[(*key, *ask)]).await,
        ["counts", times, key, ask] => {
            let asked = [(*key, *ask)];
            let counts = (0..times.parse().ok()?).map(|_: u32| count(platform, &asked));
            join_all(counts).await.join(" ")
        }
        ["batch", asked] => {
            let asked: Option<Vec<_>> = asked.split('|').map(|one| one.split_once(';')).collect();
            count(platform, &asked?).await
        }
        ["within", binding, key] => within(platform, binding, key).await.to_owned(),
        ["sleep", milliseconds] => sleep(platform, Duration::from_millis(milliseconds.parse().ok()?)).await.to_owned(),
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
        Err(failure) => word(&failure),
    }
}

fn word(failure: &AtomicFailure) -> &'static str {
    match failure {
        AtomicFailure::Absent => "absent",
        AtomicFailure::Failed(_) => "failed",
    }
}

async fn count<P: Platform>(platform: &P, asked: &[(&str, &str)]) -> String {
    let asked: Option<Vec<(String, Ask)>> =
        asked.iter().map(|(key, text)| Some(((*key).to_owned(), ask(text)?))).collect();
    let Some(asked) = asked else { return "no such ask".to_owned() };
    match platform.count(&asked, PATIENCE).await {
        Ok(said) => said.iter().map(told).collect::<Vec<_>>().join("|"),
        Err(failure) => word(&failure).to_owned(),
    }
}

fn ask(text: &str) -> Option<Ask> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|number| number.parse().ok()).collect();
    Ask::from_numbers(&numbers?)
}

fn told(said: &Said) -> String {
    said.numbers().map(|number| number.to_string()).join(",")
}

async fn within<P: Platform>(platform: &P, binding: &str, key: &str) -> &'static str {
    match platform.within(binding, key).await {
        Ok(true) => "within",
        Ok(false) => "beyond",
        Err(failure) => word(&failure),
    }
}

async fn sleep<P: Platform>(platform: &P, time: Duration) -> &'static str {
    let began = platform.monotonic();
    platform.sleep(time).await;
    if platform.monotonic().saturating_sub(began) >= time { "slept" } else { "woken" }
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
