//! Purges: looking whether one meets an answer, and writing one down.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::Rejection;
use router_core::cache::Entry;
use router_core::cache::purge::{self as rules, LAST, Name, Order, Purge, Purged, REMEMBERED_S};
use serde_json::{Value, json};

use super::Missed;
use crate::exchange::{Ended, Exchange, Made, Step, step};
use crate::limit::Admitted;
use crate::platform::{KvFailure, Platform, Read};

/// The longest order, in bytes.
pub const LONGEST_ORDER: usize = 262_144;

/// So long an order may wait until the purge holds everywhere.
const MOMENT: Duration = Duration::from_secs(1);

/// What purges make of a stored answer.
pub(super) async fn purged<P: Platform>(platform: &P, rule: &str, entry: &Entry) -> Purged {
    let instance = platform.instance();
    let own_last = instance.purges.borrow().own_last();
    let last = look(platform, LAST).await;
    let own_is_older = own_last.is_none_or(|own| own.at_ms < entry.stored_ms);
    if own_is_older && rules::is_younger(entry.stored_ms, last) {
        return Purged::No;
    }
    let mut found = Vec::new();
    for name in rules::names(rule, &entry.url, &entry.tags) {
        let key = name.key();
        found.extend(instance.purges.borrow().own(&key));
        if last.is_some() {
            found.extend(look(platform, &key).await);
        }
    }
    rules::purged(entry.stored_ms, found)
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
pub(super) async fn write<P: Platform>(platform: &P, names: &[Name], purge: Purge) -> Result<(), KvFailure> {
    let lifetime = Some(Duration::from_secs(REMEMBERED_S));
    for name in names {
        platform.put(&name.key(), purge.write().into(), lifetime).await?;
    }
    // Last, so that nobody looks for a purge before it is there.
    platform.put(LAST, purge.write().into(), lifetime).await?;
    note(platform, names, purge);
    Ok(())
}

/// Notes a purge for this instance.
pub(super) fn note<P: Platform>(platform: &P, names: &[Name], purge: Purge) {
    platform.instance().purges.borrow_mut().note(names, purge);
}

/// Carries out an order as JSON, see [`Order`]: what came of it, as JSON.
///
/// Where instances learn of purges within a moment, it takes that moment: when it is there, the purge holds here. Elsewhere it does within the time that the
/// key-value store needs.
///
/// # Errors
/// It is no order, or cannot be written down.
pub async fn purge<P: Platform>(platform: &P, order: &[u8]) -> Result<Value, Refused> {
    let order = Order::parse(order).map_err(Refused::Malformed)?;
    let names = order.names().map_err(Refused::Malformed)?;
    write(platform, &names, Purge { at_ms: platform.unix_ms(), soft: order.soft }).await.map_err(|failure| {
        Refused::Unwritten(match failure {
            KvFailure::Absent => "there is no key-value store to write it into".to_owned(),
            KvFailure::Failed(why) => why,
        })
    })?;
    let patience = Duration::from_millis(P::NAME.capabilities().purge_patience_ms);
    if !patience.is_zero() && patience <= MOMENT {
        platform.sleep(patience).await;
    }
    Ok(json!({"purged": names.len(), "soft": order.soft}))
}

/// Why nothing was purged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no order; for whoever sent it.
    Malformed(String),
    /// It could not be written down; for the log.
    Unwritten(String),
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
    let purged = match purge(exchange.platform, &bytes).await {
        Ok(purged) => purged,
        Err(Refused::Malformed(why)) => return step(Err(Rejection::PurgeMalformed { why })),
        Err(Refused::Unwritten(why)) => {
            exchange.record.failure_detail = Some(why);
            return step(Err(Rejection::PurgeUnavailable));
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Step::Break(Ended::Made(Made { status: StatusCode::OK, headers, body: Bytes::from(purged.to_string()) }))
}
