//! On the way out: storing the upstream's answer, or giving a stored one after all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use router_core::Rejection;
use router_core::cache::asked::CacheRequest;
use router_core::cache::freshness::Times;
use router_core::cache::posted::posted;
use router_core::cache::reuse::{Age, is_failure, is_unanswered};
use router_core::cache::storable::{Freshened, Storable, Unstorable, freshened, storable};
use router_core::cache::{Item, Key, Rule, Variants, conditions, range};
use router_core::hex::hex;
use router_core::receive::told_length;

use super::find::{Held, done};
use super::plan::{Change, Look, Plan};
use super::{give, invalidate};
use crate::exchange::{AtEnd, Ended, Exchange};
use crate::platform::{Answer, Platform};

/// For so long requests for an answer that could not be stored do not wait for each other, in milliseconds.
const PASSES_MS: u64 = 10_000;

/// What becomes of how the exchange ended, and of what is stored.
pub(crate) async fn keep<P: Platform>(exchange: &mut Exchange<'_, P>, ended: Ended<P>) -> Ended<P> {
    let plan = exchange.plan.take();
    let look = match plan {
        None => {
            if let Ended::Passed(answer) = &ended {
                invalidate::invalidate(exchange, None, answer.status(), &answer.headers()).await;
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
    let headers = answer.headers();
    invalidate::invalidate(exchange, Some(&change.request), answer.status(), &headers).await;
    let rule = exchange.gateway.caches.rules.get(change.rule);
    let asked_ms = exchange.platform.unix_ms();
    let times = Times { asked_ms, came_ms: asked_ms };
    let stored = rule.and_then(|rule| {
        let stored = posted(rule, &exchange.head, &change.request, answer.status(), &headers, times)?;
        Some((stored, rule.max_size))
    });
    drop(headers);
    let Some((Storable { entry, kept_ms, .. }, most)) = stored else { return Ended::Passed(answer) };
    let (key, lifetime) = (change.request.key, Duration::from_millis(kept_ms));
    Ended::Passed(exchange.platform.store_passing(&key, entry, answer, most, lifetime, AtEnd::nothing()))
}

/// A stored answer in place of a failure, where that is allowed.
fn stand_in<P: Platform>(exchange: &mut Exchange<'_, P>, look: &Look<P>, rejection: Rejection) -> Ended<P> {
    match may_stand_in(exchange, look).filter(|_| is_unanswered(&rejection)) {
        Some(held) => give_instead(exchange, held, rejection.wire().status),
        None => Ended::Rejected(rejection),
    }
}

/// Gives a stored answer where the upstream, or the gateway in its place, would have answered with `status`.
fn give_instead<P: Platform>(exchange: &mut Exchange<'_, P>, held: &Held<P>, status: StatusCode) -> Ended<P> {
    if let Some(told) = &mut exchange.told {
        told.forward_status = Some(status);
        told.detail = Some("stale-if-error");
    }
    give::give(exchange, held)
}

fn may_stand_in<'l, P: Platform>(exchange: &Exchange<'_, P>, look: &'l Look<P>) -> Option<&'l Held<P>> {
    let held = look.held.as_ref()?;
    let (entry, age) = held.entry().zip(held.age(exchange.platform.unix_ms()))?;
    (age.stands_in(entry) && !look.request.wishes.no_cache).then_some(held)
}

async fn answered<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    rule: &Rule,
    look: Look<P>,
    answer: P::Answer,
) -> Ended<P> {
    let (status, headers) = (answer.status(), answer.headers());
    let times = Times { asked_ms: look.asked_ms, came_ms: exchange.platform.unix_ms() };
    if look.validates && status == StatusCode::NOT_MODIFIED {
        return valid(exchange, rule, look, &headers, times).await;
    }
    if is_failure(status)
        && let Some(held) = may_stand_in(exchange, &look)
    {
        return give_instead(exchange, held, status);
    }
    let judged = judge(exchange, rule, &look.request, status, &headers, times);
    drop(headers);
    let stored = match judged {
        Ok(stored) => stored,
        Err(why) => {
            unstored(exchange, &look, why).await;
            return Ended::Passed(answer);
        }
    };
    let Some(key) = place(exchange, &look, &stored).await else { return Ended::Passed(answer) };
    let Storable { entry, kept_ms, .. } = stored;
    let lifetime = Duration::from_millis(kept_ms);
    let end = look.lead.unwrap_or_else(AtEnd::nothing);
    if let Some(told) = &mut exchange.told {
        told.stored = true;
    }
    // The client's own condition was left out, so that there is a whole answer to store; it is judged now.
    if conditions::is_known(&exchange.head.method, &exchange.head.headers, &entry) {
        let known = give::not_modified(entry.headers.clone());
        let (host, most) = (exchange.platform.clone(), rule.max_size);
        exchange.platform.defer(async move {
            drop(host.store_whole(&key, entry, answer, most, lifetime).await);
            drop(end);
        });
        return known;
    }
    Ended::Passed(exchange.platform.store_passing(&key, entry, answer, rule.max_size, lifetime, end))
}

/// Whether an answer may be stored.
pub(super) fn judge<P: Platform>(
    exchange: &Exchange<'_, P>,
    rule: &Rule,
    request: &CacheRequest,
    status: StatusCode,
    headers: &HeaderMap,
    times: Times,
) -> Result<Storable, Unstorable> {
    storable(&request.storing(rule, &exchange.head.method), status, headers, told_length(headers), times)
}

/// An answer that is not stored: those who wait go on, and those who come need not wait.
async fn unstored<P: Platform>(exchange: &mut Exchange<'_, P>, look: &Look<P>, why: Unstorable) {
    if let Some(told) = &mut exchange.told {
        told.detail = Some(why.word());
    }
    if why == Unstorable::Head || range::is_asked(&exchange.head.headers) {
        return;
    }
    let until_ms = exchange.platform.unix_ms().saturating_add(PASSES_MS);
    exchange.platform.instance().passes.borrow_mut().insert(look.request.key, until_ms);
    // What was stored is not what the upstream would say now.
    if let Some(held) = &look.held {
        let forgotten = exchange.platform.forget(&held.key).await;
        done(exchange, forgotten);
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
        let generation = hex(&random);
        Variants { generation, sets: Vec::new(), stored_ms: stored.entry.stored_ms }
    });
    let is_known = variants.sets.contains(&stored.vary);
    let key = request.variant(&variants.generation, &stored.vary, &exchange.head.headers);
    let fades = stored.entry.stored_ms.saturating_sub(variants.stored_ms) > WAY_MS / 2;
    if !is_known || fades {
        variants.add(stored.vary.clone());
        variants.stored_ms = stored.entry.stored_ms;
        let lifetime = Duration::from_millis(stored.kept_ms.max(WAY_MS));
        let written = exchange.platform.store(&request.key, Item::Variants(variants), Bytes::new(), lifetime).await;
        done(exchange, written)?;
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
    let Some((held, entry)) = look.stored() else { return Ended::Rejected(Rejection::Internal) };
    if let Some(told) = &mut exchange.told {
        told.forward_status = Some(StatusCode::NOT_MODIFIED);
    }
    let fresh = match freshened(&look.request.storing(rule, &exchange.head.method), entry, headers, times) {
        Freshened::Stored(fresh) => *fresh,
        // It may be given this once, with what is new of its fields, and is not stored again.
        Freshened::Once(fresh) => {
            let age_ms = Age::of(&fresh, times.came_ms, None).age_ms;
            let forgotten = exchange.platform.forget(&held.key).await;
            done(exchange, forgotten);
            return give::answer(exchange, &fresh, age_ms, held.body.clone());
        }
    };
    let Storable { entry, kept_ms, .. } = fresh;
    let lifetime = Duration::from_millis(kept_ms);
    let renewed = exchange.platform.renew(&held.key, entry.clone(), held.body.clone(), lifetime).await;
    let renewed = done(exchange, renewed);
    if let Some(told) = &mut exchange.told {
        told.stored = renewed.is_some();
    }
    let body = renewed.unwrap_or_else(|| held.body.clone());
    let given = Held { key: held.key, item: Arc::new(Item::Answer(entry)), body, purged_ms: None };
    give::give(exchange, &given)
}
