//! Do we have the answer already?
//!
//! On the way in a stored answer is looked for and given, if it may be; what is left to do with the upstream's answer is kept as a [`Plan`], and done on the
//! way out. What is stored, where a purge is written down and how requests wait for each other is each a file of `cache/`.

mod find;
mod give;
mod invalidate;
mod keep;
mod plan;
mod purge;
mod refresh;
mod told;

use router_core::Rejection;
use router_core::authenticate::jose::Digest;
use router_core::cache::asked::{self, CacheRequest};
use router_core::cache::conditions;
use router_core::cache::reuse::{Reuse, reuse};
use router_core::cache::status::{Forward, Told};
use router_core::cache::{Rule, range};
use router_core::config::Action;
use router_core::filter::Mode;
use router_core::receive::BodyLength;

use crate::exchange::{Exchange, Step, step};
use crate::limit::Admitted;
use crate::platform::{Body, Platform, Read};

pub(crate) use keep::keep;
pub(crate) use plan::Plan;
pub use purge::{LONGEST_ORDER, Refused, purge};
pub(crate) use told::tell;

use find::{Held, find};
use plan::Look;

/// The longest body of a question (RFC 10008) whose answer is stored, in bytes.
const LONGEST_QUESTION: usize = 65_536;

/// Proof: no stored answer will do.
pub(crate) struct Missed<'a, P: Platform> {
    admitted: Admitted<'a, P>,
}

impl<'a, P: Platform> Missed<'a, P> {
    pub(crate) fn into_admitted(self) -> Admitted<'a, P> {
        self.admitted
    }
}

pub(crate) async fn cache<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    mut admitted: Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    exchange.record.stage = "cache";
    let route = admitted.identified().routed().route();
    if let Action::Purge = route.action {
        return purge::serve(exchange, &mut admitted).await;
    }
    exchange.triggered = triggered(exchange, &admitted);
    let Some((index, rule)) = rule(exchange, route.cache) else { return Step::Continue(Missed { admitted }) };
    let body = question(exchange, rule, &mut admitted).await;
    let asked = admitted.identified().asked(&exchange.head, exchange.platform.unix_ms());
    if asked::is_unsafe(&exchange.head.method) {
        let request = asked::of(rule, &asked, None);
        exchange.told = Some(Told { forward: Some(Forward::Method), ..Told::default() });
        exchange.plan = Some(Plan::Change(Box::new(plan::Change { rule: index, request })));
        return Step::Continue(Missed { admitted });
    }
    match asked::consider(rule, &asked, body.as_deref()) {
        Err(why) => {
            let forward = if why == asked::Bypass::Method { Forward::Method } else { Forward::Bypass };
            exchange.told = Some(Told { forward: Some(forward), detail: Some(why.word()), ..Told::default() });
            Step::Continue(Missed { admitted })
        }
        Ok(request) => look(exchange, index, rule, request, admitted).await,
    }
}

/// The rules whose answers the success of the request makes worthless.
fn triggered<P: Platform>(exchange: &Exchange<'_, P>, admitted: &Admitted<'_, P>) -> Vec<String> {
    let caches = &exchange.gateway.caches;
    let path = admitted.identified().routed().path();
    let fitting = caches
        .triggers
        .iter()
        .filter(|trigger| trigger.method == exchange.head.method && trigger.path.fits(path.segments()));
    fitting.filter_map(|trigger| Some(caches.rules.get(trigger.rule)?.name.clone())).collect()
}

/// The rule of a route, unless it is off.
fn rule<'a, P: Platform>(exchange: &Exchange<'a, P>, index: Option<usize>) -> Option<(usize, &'a Rule)> {
    let index = index?;
    let rule = exchange.gateway.caches.rules.get(index)?;
    (rule.mode != Mode::Off).then_some((index, rule))
}

/// The hash of the body of a `QUERY` that the rule stores answers to; `None` where it is too long to be one.
async fn question<P: Platform>(
    exchange: &Exchange<'_, P>,
    rule: &Rule,
    admitted: &mut Admitted<'_, P>,
) -> Option<Vec<u8>> {
    let method = &exchange.head.method;
    if !asked::is_question(method) || !rule.methods.contains(method) {
        return None;
    }
    let length = admitted.identified().routed().body_length();
    // One that is longer is not touched: what was read could not be put back in front of the rest.
    let BodyLength::Exactly(length) = length else { return None };
    if usize::try_from(length).is_ok_and(|length| length > LONGEST_QUESTION) {
        return None;
    }
    let body = admitted.routed_mut().take_body();
    let Read { bytes, truncated } = exchange.platform.read(body, LONGEST_QUESTION).await.ok()?;
    let hash = exchange.platform.digest(Digest::Sha256, &bytes).await;
    admitted.routed_mut().put_body(Body::Bytes(bytes));
    (!truncated).then_some(hash)
}

async fn look<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    index: usize,
    rule: &'a Rule,
    request: CacheRequest,
    admitted: Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    let mut told = Told::default();
    let mut lead = None;
    let (found, forward) = loop {
        let found = find(exchange, rule, &request).await;
        let forward = match &found.held {
            None => found.forward,
            Some(held) => match judge(exchange, rule, &request, held) {
                Reuse::Stale => Forward::Stale,
                Reuse::Request => Forward::Request,
                // In shadow it is only noted.
                _ if rule.mode == Mode::Shadow => {
                    exchange.record.shadow.push("cache-hit");
                    Forward::Bypass
                }
                how => {
                    told.hit = true;
                    exchange.told = Some(told);
                    return hit(exchange, index, request, found, how, admitted);
                }
            },
        };
        if request.wishes.only_if_cached {
            return step(Err(Rejection::NotCached));
        }
        let Some(patience) = rule.coalesce.filter(|_| may_wait(exchange, rule, &request)) else {
            break (found, forward);
        };
        lead = exchange.platform.lead(&request.key);
        // Whoever has waited once does not wait again: what came of that is nothing to share.
        if lead.is_some() || told.collapsed {
            break (found, forward);
        }
        exchange.platform.follow(&request.key, patience).await;
        told.collapsed = true;
    };
    told.forward = Some(forward);
    // A wait that came to nothing is not told.
    told.collapsed = false;
    let held = found.held.filter(|_| rule.mode == Mode::Enforce);
    let headers = &exchange.head.headers;
    let validating = held.as_ref().and_then(|held| held.validating(headers));
    let validates = validating.is_some();
    exchange.upstream_edits = validating.unwrap_or_else(|| conditions::unconditional(headers));
    exchange.told = Some(told);
    exchange.plan = Some(Plan::Look(Box::new(Look {
        rule: index,
        request,
        held,
        variants: found.variants,
        validates,
        lead,
        asked_ms: exchange.platform.unix_ms(),
    })));
    Step::Continue(Missed { admitted })
}

fn judge<P: Platform>(exchange: &Exchange<'_, P>, rule: &Rule, request: &CacheRequest, held: &Held<P>) -> Reuse {
    let entry_and_age = held.entry().zip(held.age(exchange.platform.unix_ms()));
    entry_and_age.map_or(Reuse::Stale, |(entry, age)| reuse(rule, entry, age, &request.wishes))
}

/// Whether requests for the same may wait for this one: not for a part, and not where it is known that the answer will not be stored.
fn may_wait<P: Platform>(exchange: &Exchange<'_, P>, rule: &Rule, request: &CacheRequest) -> bool {
    let stores = rule.mode == Mode::Enforce && exchange.head.method != http::Method::HEAD && !request.wishes.no_store;
    let instance = exchange.platform.instance();
    let now_ms = exchange.platform.unix_ms();
    let passes = instance.passes.borrow().peek(&request.key).is_some_and(|until_ms| now_ms < *until_ms);
    stores && !passes && !range::is_asked(&exchange.head.headers)
}

/// Gives what was found; where it is wanted, a newer one is fetched in the meantime.
fn hit<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    index: usize,
    request: CacheRequest,
    found: find::Search<P>,
    how: Reuse,
    admitted: Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    let find::Search { held, variants, .. } = found;
    let Some(held) = held else { return step(Err(Rejection::Internal)) };
    let given = give::give(exchange, &held);
    if matches!(how, Reuse::Early | Reuse::WhileRevalidating)
        && let Some(lead) = exchange.platform.lead(&request.key)
    {
        let asked_ms = exchange.platform.unix_ms();
        let look =
            Look { rule: index, request, held: Some(held), variants, validates: false, lead: Some(lead), asked_ms };
        refresh::later(exchange, look, admitted);
    }
    Step::Break(given)
}
