//! Fetching a newer answer while the stored one is given.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use router_core::authenticate::forward::Telling;
use router_core::cache::conditions;
use router_core::cache::freshness::Times;
use router_core::cache::storable::{Freshened, Storable, freshened};
use router_core::route::{Params, RouteIndex};
use router_core::{Gateway, RequestHead};
use serde_json::json;

use super::keep::{judge, place};
use super::plan::Look;
use crate::exchange::{Ended, Exchange};
use crate::filter::Filtered;
use crate::limit::Admitted;
use crate::platform::{Answer, CacheFailure, Platform};
use crate::{balance, dispatch};

/// All that the question to the upstream is made of, beyond the request that led to it.
struct Job<P: Platform> {
    gateway: Arc<Gateway>,
    platform: P,
    head: RequestHead,
    claimed: Vec<HeaderName>,
    request_id: HeaderValue,
    route: RouteIndex,
    filtered: Filtered<P>,
    params: Params,
    max_body: u64,
    tell_upstream: Telling,
    look: Look<P>,
}

/// Fetches it in the background.
pub(super) fn later<P: Platform>(exchange: &Exchange<'_, P>, look: Look<P>, admitted: Admitted<'_, P>) {
    let Some(route) = exchange.route else { return };
    let (routed, _identity, tell_upstream) = admitted.into_identified().into_parts();
    let (filtered, _, params, max_body) = routed.into_parts();
    let job = Job {
        gateway: Arc::clone(exchange.shared),
        platform: exchange.platform.clone(),
        head: exchange.head.clone(),
        claimed: exchange.claimed.clone(),
        request_id: exchange.request_id.clone(),
        route,
        filtered,
        params,
        max_body,
        tell_upstream,
        look,
    };
    exchange.platform.defer(run(job));
}

async fn run<P: Platform>(job: Job<P>) {
    let Job {
        gateway,
        platform,
        head,
        claimed,
        request_id,
        route,
        filtered,
        params,
        max_body,
        tell_upstream,
        mut look,
    } = job;
    let mut exchange = Exchange::new(&gateway, &platform, head);
    exchange.claimed = claimed;
    exchange.request_id = request_id;
    exchange.route = Some(route);
    // What the client has, or which part it wants, is nothing to the cache.
    let headers = &exchange.head.headers;
    let validating = look.held.as_ref().and_then(|held| held.validating(headers));
    look.validates = validating.is_some();
    exchange.upstream_edits = validating.unwrap_or_else(|| conditions::whole(headers));
    if exchange.head.method == http::Method::HEAD {
        exchange.head.method = http::Method::GET;
    }
    let Some(found) = exchange.route() else { return };
    let aimed = match balance::aim(&mut exchange, filtered, found, params, max_body, tell_upstream) {
        std::ops::ControlFlow::Continue(aimed) => aimed,
        std::ops::ControlFlow::Break(_) => return,
    };
    let ended = dispatch::dispatch(&mut exchange, aimed).await;
    if let Err(why) = store(&mut exchange, &look, ended).await {
        let line = json!({
            "event": "cache_unrefreshed", "request_id": exchange.request_id.to_str().unwrap_or_default(),
            "path": exchange.head.path, "reason": why,
        });
        platform.log(line.to_string());
    }
}

/// Stores what came. The one that is stored stays as it is where nothing better came.
async fn store<P: Platform>(exchange: &mut Exchange<'_, P>, look: &Look<P>, ended: Ended<P>) -> Result<(), String> {
    let answer = match ended {
        Ended::Passed(answer) => answer,
        Ended::Rejected(rejection) => return Err(rejection.code().to_owned()),
        Ended::Made(_) | Ended::Stored(_) => return Ok(()),
    };
    let gateway = exchange.gateway;
    let Some(rule) = gateway.caches.rules.get(look.rule) else { return Ok(()) };
    let (status, headers) = (answer.status(), answer.headers());
    let times = Times { asked_ms: look.asked_ms, came_ms: exchange.platform.unix_ms() };
    let failed = |failure: CacheFailure| match failure {
        CacheFailure::Absent => "there is no store".to_owned(),
        CacheFailure::Failed(why) => why,
    };
    if look.validates && status == StatusCode::NOT_MODIFIED {
        let Some((held, entry)) = look.stored() else { return Ok(()) };
        return match freshened(&look.request.storing(rule, &exchange.head.method), entry, &headers, times) {
            Freshened::Stored(fresh) => {
                let Storable { entry, kept_ms, .. } = *fresh;
                let lifetime = Duration::from_millis(kept_ms);
                // The body that was found is on its way to the client, and some hosts hand out each only once.
                let Some(found) = exchange.platform.find(&held.key).await.map_err(failed)? else { return Ok(()) };
                let renewed = exchange.platform.renew(&held.key, entry, found.body, lifetime).await;
                renewed.map(drop).map_err(failed)
            }
            Freshened::Once(_) => exchange.platform.forget(&held.key).await.map_err(failed),
        };
    }
    if status.is_server_error() {
        return Err(format!("status {}", status.as_u16()));
    }
    let judged = judge(exchange, rule, &look.request, status, &headers, times);
    drop(headers);
    match judged {
        Ok(stored) => {
            let Some(key) = place(exchange, look, &stored).await else { return Ok(()) };
            let lifetime = Duration::from_millis(stored.kept_ms);
            let whole = exchange.platform.store_whole(&key, stored.entry, answer, rule.max_size, lifetime);
            whole.await.map_err(failed)
        }
        // What is stored is not what the upstream would say now.
        Err(_) => match &look.held {
            Some(held) => exchange.platform.forget(&held.key).await.map_err(failed),
            None => Ok(()),
        },
    }
}
