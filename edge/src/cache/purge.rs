//! Purges: looking whether one meets an answer, and writing one down.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::Rejection;
use router_core::cache::Entry;
use router_core::cache::purge::{self, LAST, Name, Order, Purge, Purged, REMEMBERED_S};
use serde_json::json;

use super::Missed;
use crate::exchange::{Ended, Exchange, Made, Step, step};
use crate::limit::Admitted;
use crate::platform::{KvFailure, Platform, Read};

/// The longest order, in bytes.
const LONGEST_ORDER: usize = 262_144;

/// What purges make of a stored answer.
pub(super) async fn purged<P: Platform>(platform: &P, rule: &str, entry: &Entry) -> Purged {
    let instance = platform.instance();
    let own_last = instance.purges.borrow().own_last();
    let last = look(platform, LAST).await;
    let own_is_older = own_last.is_none_or(|own| own.at_ms < entry.stored_ms);
    if own_is_older && purge::is_younger(entry.stored_ms, last) {
        return Purged::No;
    }
    let mut found = Vec::new();
    for name in purge::names(rule, &entry.url, &entry.tags) {
        let key = name.key();
        found.extend(instance.purges.borrow().own(&key));
        if last.is_some() {
            found.extend(look(platform, &key).await);
        }
    }
    purge::purged(entry.stored_ms, found)
}

/// What the key-value store says of `key`, or said a short time ago. Where it cannot be asked, what it said before holds on.
async fn look<P: Platform>(platform: &P, key: &str) -> Option<Purge> {
    let instance = platform.instance();
    let patience_ms = P::NAME.capabilities().purge_patience_ms;
    let monotonic_ms = u64::try_from(platform.monotonic().as_millis()).unwrap_or(u64::MAX);
    if let Some(known) = instance.purges.borrow_mut().known(key, monotonic_ms, patience_ms) {
        return known;
    }
    let said = match platform.get(key).await {
        Ok(found) => found.and_then(|found| Purge::read(&found)),
        Err(KvFailure::Absent) => None,
        Err(KvFailure::Failed(_)) => {
            let before = instance.purges.borrow_mut().known(key, monotonic_ms, u64::MAX);
            return before.flatten();
        }
    };
    instance.purges.borrow_mut().learn(key, said, monotonic_ms);
    said
}

/// Writes a purge down, for all that share the key-value store.
pub(super) async fn write<P: Platform>(platform: &P, names: &[Name], soft: bool) -> Result<(), KvFailure> {
    let purge = Purge { at_ms: platform.unix_ms(), soft };
    note(platform, names, purge);
    let lifetime = Some(Duration::from_secs(REMEMBERED_S));
    for name in names {
        platform.put(&name.key(), purge.write().into(), lifetime).await?;
    }
    // Last, so that nobody looks for a purge before it is there.
    platform.put(LAST, purge.write().into(), lifetime).await
}

/// Notes a purge for this instance.
pub(super) fn note<P: Platform>(platform: &P, names: &[Name], purge: Purge) {
    platform.instance().purges.borrow_mut().note(names, purge);
}

/// Answers a request to a route that purges.
pub(super) async fn serve<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    admitted: &mut Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    let body = admitted.routed_mut().take_body();
    let read = exchange.platform.read(body, LONGEST_ORDER).await;
    let Ok(Read { bytes, truncated: false }) = read else {
        return step(Err(Rejection::BodyTooLarge { limit: LONGEST_ORDER as u64 }));
    };
    let order = Order::parse(&bytes).and_then(|order| Ok((order.names()?, order.soft)));
    let (names, soft) = match order {
        Ok(order) => order,
        Err(why) => return step(Err(Rejection::PurgeMalformed { why })),
    };
    if let Err(failure) = write(exchange.platform, &names, soft).await {
        exchange.record.failure_detail = Some(match failure {
            KvFailure::Absent => "there is no key-value store to write the purge into".to_owned(),
            KvFailure::Failed(why) => why,
        });
        return step(Err(Rejection::PurgeUnavailable));
    }
    let body = Bytes::from(json!({"purged": names.len(), "soft": soft}).to_string());
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Step::Break(Ended::Made(Made { status: StatusCode::OK, headers, body }))
}
