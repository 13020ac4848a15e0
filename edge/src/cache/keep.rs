//! On the way out: storing the upstream's answer, or giving a stored one after all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use router_core::Rejection;
use router_core::cache::asked::CacheRequest;
use router_core::cache::freshness::Times;
use router_core::cache::purge::same_host;
use router_core::cache::reuse::Age;
use router_core::cache::rule::Freshness;
use router_core::cache::storable::{Freshened, Storable, Unstorable, freshened, storable};
use router_core::cache::{Entry, Item, Key, Rule, Variants, conditions};
use router_core::filter::Mode;

use super::find::{Held, failed};
use super::plan::{Change, Look, Plan};
use super::{give, invalidate};
use crate::exchange::{AtEnd, Ended, Exchange};
use crate::platform::{Answer, CacheFailure, Platform};

/// For so long requests for an answer that could not be stored do not wait for each other, in milliseconds.
const PASSES_MS: u64 = 10_000;

/// What becomes of how the exchange ended, and of what is stored.
pub(crate) async fn keep<P: Platform>(exchange: &mut Exchange<'_, P>, ended: Ended<P>) -> Ended<P> {
    let plan = exchange.plan.take();
    let look = match plan {
        None => {
            if exchange.triggered.is_some()
                && let Ended::Passed(answer) = &ended
            {
                let (status, headers) = (answer.status(), answer.headers().into_owned());
                invalidate::invalidate(exchange, None, status, &headers).await;
            }
            return ended;
        }
        Some(Plan::Change(change)) => return changed(exchange, *change, ended).await,
        Some(Plan::Look(look)) => *look,
    };
    let gateway = exchange.gateway;
    let Some(rule) = gateway.caches.rules.get(look.rule) else { return ended };
    match ended {
        Ended::Passed(answer) => answered(exchange, rule, look, answer).await,
        Ended::Rejected(rejection) => stand_in(exchange, &look, rejection),
        Ended::Made(_) | Ended::Stored(_) => ended,
    }
}

/// What a request made worthless that was to change something. Its own answer may be what a `GET` would get now (RFC 9110 section 9.3.3).
async fn changed<P: Platform>(exchange: &mut Exchange<'_, P>, change: Change, ended: Ended<P>) -> Ended<P> {
    let Ended::Passed(answer) = ended else { return ended };
    let (status, headers) = (answer.status(), answer.headers().into_owned());
    invalidate::invalidate(exchange, Some(&change.request), status, &headers).await;
    let gateway = exchange.gateway;
    let Some(rule) = gateway.caches.rules.get(change.rule) else { return Ended::Passed(answer) };
    if exchange.head.method != Method::POST || rule.mode != Mode::Enforce || !is_its_own(exchange, &change, &headers) {
        return Ended::Passed(answer);
    }
    let asked_ms = exchange.platform.unix_ms();
    let times = Times { asked_ms, came_ms: asked_ms };
    let look = Look {
        rule: change.rule,
        request: change.request,
        held: None,
        variants: None,
        validates: false,
        lead: None,
        asked_ms,
    };
    let Ok(stored) = judge(exchange, rule, &look, status, &headers, times) else { return Ended::Passed(answer) };
    let is_explicit = stored.entry.lifetime_ms > 0 && rule.freshness == Freshness::Respect;
    if status != StatusCode::OK || !is_explicit || !stored.vary.is_empty() {
        return Ended::Passed(answer);
    }
    let Storable { mut entry, kept_ms, .. } = stored;
    // After what it made worthless.
    entry.stored_ms = entry.stored_ms.saturating_add(1);
    let (lifetime, end) = (Duration::from_millis(kept_ms), AtEnd::new(|| ()));
    Ended::Passed(exchange.platform.store_passing(&look.request.key, entry, answer, rule.max_size, lifetime, end))
}

/// Whether an answer says that it is what its own URL stands for, query and all.
fn is_its_own<P: Platform>(exchange: &Exchange<'_, P>, change: &Change, headers: &HeaderMap) -> bool {
    let url = &change.request.url;
    let Some(location) = headers.get(header::CONTENT_LOCATION).and_then(|location| location.to_str().ok()) else {
        return false;
    };
    let query = location.split('#').next().unwrap_or_default().split_once('?').map(|(_, query)| query);
    same_host(location, &url.host, &url.path).as_deref() == Some(url.path.as_str())
        && query == exchange.head.query.as_deref()
}

/// A stored answer in place of a failure, where that is allowed.
fn stand_in<P: Platform>(exchange: &mut Exchange<'_, P>, look: &Look<P>, rejection: Rejection) -> Ended<P> {
    let failed = matches!(rejection, Rejection::UpstreamFailed(_) | Rejection::UpstreamTimeout | Rejection::NoTarget);
    match may_stand_in(exchange, look).filter(|_| failed) {
        Some(held) => {
            if let Some(told) = &mut exchange.told {
                told.forward_status = Some(rejection.wire().status);
                told.detail = Some("stale-if-error");
            }
            give::give(exchange, held)
        }
        None => Ended::Rejected(rejection),
    }
}

fn may_stand_in<'l, P: Platform>(exchange: &Exchange<'_, P>, look: &'l Look<P>) -> Option<&'l Held<P>> {
    let held = look.held.as_ref()?;
    let entry = held.entry()?;
    let age = Age::of(entry, exchange.platform.unix_ms(), held.purged_ms);
    (age.stands_in(entry) && !look.request.wishes.no_cache).then_some(held)
}

/// Failures in which a stored answer may stand in (RFC 5861 section 4).
fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

async fn answered<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    look: Look<P>,
    answer: P::Answer,
) -> Ended<P> {
    let (status, headers) = (answer.status(), answer.headers().into_owned());
    let times = Times { asked_ms: look.asked_ms, came_ms: exchange.platform.unix_ms() };
    if look.validates && status == StatusCode::NOT_MODIFIED {
        return valid(exchange, rule, look, &headers, times).await;
    }
    if is_failure(status)
        && let Some(held) = may_stand_in(exchange, &look)
    {
        if let Some(told) = &mut exchange.told {
            told.forward_status = Some(status);
            told.detail = Some("stale-if-error");
        }
        return give::give(exchange, held);
    }
    let stored = match judge(exchange, rule, &look, status, &headers, times) {
        Ok(stored) => stored,
        Err(why) => {
            unstored(exchange, &look, why).await;
            return Ended::Passed(answer);
        }
    };
    let Some(key) = place(exchange, &look, &stored).await else { return Ended::Passed(answer) };
    let Storable { entry, kept_ms, .. } = stored;
    let lifetime = Duration::from_millis(kept_ms);
    let end = look.lead.unwrap_or_else(|| AtEnd::new(|| ()));
    if let Some(told) = &mut exchange.told {
        told.stored = true;
    }
    // The client's own condition was left out, so that there is a whole answer to store; it is judged now.
    if conditions::is_known(&exchange.head.method, &exchange.head.headers, &entry) {
        let known = not_modified(&entry);
        let (host, most) = (exchange.platform.clone(), rule.max_size);
        exchange.platform.defer(async move {
            drop(host.store_whole(&key, entry, answer, most, lifetime).await);
            drop(end);
        });
        return known;
    }
    Ended::Passed(exchange.platform.store_passing(&key, entry, answer, rule.max_size, lifetime, end))
}

fn not_modified<P: Platform>(entry: &Entry) -> Ended<P> {
    let mut headers = entry.headers.clone();
    conditions::without_body_fields(&mut headers);
    Ended::Stored(crate::exchange::Stored { status: StatusCode::NOT_MODIFIED, headers, body: None, at_end: None })
}

/// Whether an answer may be stored. Those to `HEAD` are not: they have nothing that a `GET` could be given.
pub(super) fn judge<P: Platform>(
    exchange: &Exchange<'_, P>,
    rule: &Rule,
    look: &Look<P>,
    status: StatusCode,
    headers: &HeaderMap,
    times: Times,
) -> Result<Storable, Unstorable> {
    if exchange.head.method == Method::HEAD {
        return Err(Unstorable::Head);
    }
    let length = match router_core::receive::declared_length(headers) {
        Ok(router_core::receive::BodyLength::Exactly(length)) => Some(length),
        Ok(router_core::receive::BodyLength::Unknown) | Err(_) => None,
    };
    let stored = storable(&look.request.storing(rule), status, headers, length, times)?;
    if stored.entry.part.is_some() && !stored.vary.is_empty() {
        return Err(Unstorable::Part);
    }
    Ok(stored)
}

/// An answer that is not stored: those who wait go on, and those who come need not wait.
async fn unstored<P: Platform>(exchange: &mut Exchange<'_, P>, look: &Look<P>, why: Unstorable) {
    if let Some(told) = &mut exchange.told {
        told.detail = Some(why.word());
    }
    if why == Unstorable::Head || exchange.head.headers.contains_key(http::header::RANGE) {
        return;
    }
    let until_ms = exchange.platform.unix_ms().saturating_add(PASSES_MS);
    exchange.platform.instance().passes.borrow_mut().insert(look.request.key, until_ms);
    // What was stored is not what the upstream would say now.
    if let Some(held) = &look.held
        && let Err(CacheFailure::Failed(why)) = exchange.platform.forget(&held.key).await
    {
        failed(exchange, &why);
    }
}

/// The key under which an answer is stored, once the way to it is written.
pub(super) async fn place<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    look: &Look<P>,
    stored: &Storable,
) -> Option<Key> {
    let request = &look.request;
    if stored.entry.part.is_some() {
        return Some(CacheRequest::part(&request.key));
    }
    if stored.vary.is_empty() {
        return Some(request.key);
    }
    let mut variants = look.variants.clone().unwrap_or_else(|| {
        let mut random = [0; 8];
        exchange.platform.fill(&mut random);
        let generation = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Variants { generation, sets: Vec::new(), stored_ms: stored.entry.stored_ms }
    });
    let is_known = variants.sets.contains(&stored.vary);
    let key = request.variant(&variants.generation, &stored.vary, &exchange.head.headers);
    let fades_ms = stored.entry.stored_ms.saturating_sub(variants.stored_ms) > WAY_MS / 2;
    if !is_known || fades_ms {
        variants.add(stored.vary.clone());
        variants.stored_ms = stored.entry.stored_ms;
        let lifetime = Duration::from_millis(stored.kept_ms.max(WAY_MS));
        let written = exchange.platform.store(&request.key, Item::Variants(variants), Bytes::new(), lifetime).await;
        if let Err(failure) = written {
            if let CacheFailure::Failed(why) = failure {
                failed(exchange, &why);
            }
            return None;
        }
    }
    Some(key)
}

/// How long the way to variants is kept, in milliseconds: longer than most of them.
const WAY_MS: u64 = 7 * 86_400_000;

/// What is stored is still valid: it is freshened and given (RFC 9111 section 4.3.3).
async fn valid<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    look: Look<P>,
    headers: &HeaderMap,
    times: Times,
) -> Ended<P> {
    let Some(held) = &look.held else { return Ended::Rejected(Rejection::Internal) };
    let Some(entry) = held.entry() else { return Ended::Rejected(Rejection::Internal) };
    if let Some(told) = &mut exchange.told {
        told.forward_status = Some(StatusCode::NOT_MODIFIED);
    }
    let fresh = match freshened(&look.request.storing(rule), entry, headers, times) {
        Freshened::Stored(fresh) => *fresh,
        // It may be given this once, with what is new of its fields, and is not stored again.
        Freshened::Once(fresh) => {
            let age_ms = Age::of(&fresh, times.came_ms, None).age_ms;
            drop(exchange.platform.forget(&held.key).await);
            return give::answer(exchange, &fresh, age_ms, held.body.clone());
        }
    };
    let Storable { entry, kept_ms, .. } = fresh;
    let lifetime = Duration::from_millis(kept_ms);
    let renewed = exchange.platform.renew(&held.key, entry.clone(), held.body.clone(), lifetime).await;
    let body = match renewed {
        Ok(body) => {
            if let Some(told) = &mut exchange.told {
                told.stored = true;
            }
            body
        }
        Err(failure) => {
            if let CacheFailure::Failed(why) = failure {
                failed(exchange, &why);
            }
            held.body.clone()
        }
    };
    let given = Held { key: held.key, item: Arc::new(Item::Answer(entry)), body, purged_ms: None };
    give::give(exchange, &given)
}
