//! Tidegate on Cloudflare Workers.
//!
//! The entry takes and returns the host's own objects. A body then passes through as the host's stream, an unknown method keeps its name, and an
//! untouched field never crosses into Wasm and back. `host.js` and `cache.js` are the JavaScript side, `js.rs` declares it; the other files connect the platform
//! traits of `edge` to it, one each.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod atomic;
mod background;
mod body;
mod cache;
mod clock;
mod coalesce;
mod contain;
mod crypto;
mod failure;
mod fetch;
mod head;
mod instance;
mod js;
mod kv;
mod log;
mod platform;
mod random;
mod rate_limiter;
mod request;
mod response;
mod settings;
mod single_flight;
mod sleep;
#[cfg(feature = "test-routes")]
mod test_routes;
mod upstream;

use edge::platform::Log;
use edge::{journey, refuse};
use router_core::limit::part::Part;
use router_core::limit::quota::Counting;
use router_core::{Gateway, Rejection};
use serde_json::json;
use wasm_bindgen::JsValue;
use web_sys::{Request, Response};
use worker::{Context, Env, event};

use contain::contained;
use platform::Workers;
use request::{Fact, Wanted};

#[event(fetch, respond_with_errors)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let platform = Workers::new(env, context);
    let answered = match contained(answer(&platform, &request)).await {
        Ok(answered) => answered,
        Err(panic) => apologise(&platform, &request, &panic).await,
    };
    let answered = answered.or_else(|thrown| {
        platform.log(json!({"event": "answer_refused_by_host", "reason": js::thrown(&thrown)}).to_string());
        response::internal()
    });
    Ok(answered?)
}

/// Takes a request through the journey.
async fn answer(platform: &Workers, request: &Request) -> Result<Response, JsValue> {
    let Some(current) = instance::current(platform) else { return response::internal() };
    let gateway = current.gateway(platform).await;
    // A place that is held has to be given back.
    let _kept = holds_places(&gateway).then(|| platform.keep());
    let reply = match request::take(request, wanted(&gateway)) {
        Ok(request) => {
            #[cfg(feature = "test-routes")]
            if let Some(told) = test_routes::visit(platform, &request.head).await {
                return js::make(200, "", &js_sys::Uint8Array::from(told.as_bytes()));
            }
            #[cfg(feature = "test-routes")]
            if let Some(reply) = test_routes::cached(platform, &gateway, &request.head, &request.inbound).await {
                return response::to_host(platform, reply);
            }
            journey(&gateway, platform, request).await
        }
        Err(unreadable) => refuse(&gateway, platform, unreadable.head, unreadable.rejection),
    };
    response::to_host(platform, reply)
}

/// What somebody looks at.
fn wanted(gateway: &Gateway) -> Wanted {
    let by_country = gateway.limits.limits.iter().any(|limit| limit.key.contains(&Part::Country));
    Wanted { certificate: Fact::wanted(!gateway.authenticators.is_empty()), country: Fact::wanted(by_country) }
}

/// Whether there is a limit to what is under way at the same time.
fn holds_places(gateway: &Gateway) -> bool {
    gateway.limits.limits.iter().any(|limit| matches!(limit.quota.counting, Counting::Concurrency(_)))
}

/// Answers a request that panicked, through `respond` like every other; without it should that panic as well.
async fn apologise(platform: &Workers, request: &Request, panic: &str) -> Result<Response, JsValue> {
    platform.log(json!({"event": "panic", "reason": panic}).to_string());
    let shaped = contained(async {
        let Some(current) = instance::current(platform) else { return response::internal() };
        let gateway = current.gateway(platform).await;
        let (head, _) = request::read_head(request);
        response::to_host(platform, refuse(&gateway, platform, head, Rejection::Internal))
    });
    shaped.await.unwrap_or_else(|_| response::internal())
}
