//! May they ask now?
//!
//! What the instance can decide by itself is decided at once; for the rest the store of counts is asked, once for all limits of the request. Those in
//! shadow are asked like the others, but each by itself, and refuse nobody.

mod remembered;
mod settle;
mod share;
mod store;
mod usage;

use router_core::Rejection;
use router_core::filter::Mode;
use router_core::limit::fields::fields;
use router_core::limit::tally::Progress;
use router_core::limit::verdict::Verdict;
use router_core::limit::wanted::{Wanted, Wants};
use router_core::limit::{Now, Tally};

use crate::authenticate::Identified;
use crate::exchange::{Exchange, Step, step};
use crate::platform::Platform;
use crate::route::Routed;

pub(crate) use settle::{at_end, settle};

/// Proof: every limit was asked.
pub(crate) struct Admitted<'a, P: Platform> {
    identified: Identified<'a, P>,
}

impl<'a, P: Platform> Admitted<'a, P> {
    pub(crate) fn identified(&self) -> &Identified<'a, P> {
        &self.identified
    }

    pub(crate) fn routed_mut(&mut self) -> &mut Routed<'a, P> {
        self.identified.routed_mut()
    }

    pub(crate) fn into_identified(self) -> Identified<'a, P> {
        self.identified
    }
}

pub(crate) async fn limit<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    identified: Identified<'a, P>,
) -> Step<P, Admitted<'a, P>> {
    exchange.record.stage = "limit";
    if identified.routed().route().limits.is_empty() {
        return Step::Continue(Admitted { identified });
    }
    let wants = step(wants(exchange, &identified))?;
    if !wants.doubts.is_empty() {
        exchange.record.failure_detail = Some(wants.doubts.join("; "));
    }
    let (enforced, shadow): (Vec<_>, Vec<_>) =
        wants.wanted.into_iter().partition(|wanted| wanted.limit.mode == Mode::Enforce);
    let tally = ask(exchange, enforced).await;
    let rejection = tally.rejection();
    let delay = tally.delay();
    tell_client(exchange, &tally);
    conclude(exchange, &identified, tally);
    for wanted in shadow {
        let tally = ask(exchange, vec![wanted]).await;
        exchange.record.shadow.extend(tally.rejection().map(|rejection| rejection.code()));
        conclude(exchange, &identified, tally);
    }
    if let Some(rejection) = rejection {
        return step(Err(rejection));
    }
    if !delay.is_zero() {
        exchange.platform.sleep(delay).await;
    }
    share::share(exchange.gateway, exchange.platform, &exchange.limits);
    Step::Continue(Admitted { identified })
}

fn wants<'a, P: Platform>(exchange: &Exchange<'a, P>, identified: &Identified<'a, P>) -> Result<Wants<'a>, Rejection> {
    let routed = identified.routed();
    let asked = identified.asked(&exchange.head, exchange.platform.unix_ms());
    let limits = &exchange.gateway.limits;
    let seed = remembered::with(exchange.platform, limits, |memory| memory.seed);
    Wants::of(limits, &routed.route().limits, &asked, routed.body_length(), &seed)
}

/// Asks all of them, all or nothing.
async fn ask<'a, P: Platform>(exchange: &mut Exchange<'a, P>, wanted: Vec<Wanted<'a>>) -> Tally<'a> {
    let (platform, limits) = (exchange.platform, &exchange.gateway.limits);
    let mut tally = remembered::with(platform, limits, |memory| Tally::begin(memory, wanted, now(platform)));
    for (index, binding, key) in tally.bindings() {
        if tally.is_refused() {
            break;
        }
        let within = platform.within(binding, &key).await;
        if let Err(failure) = &within {
            exchange.record.failure_detail = Some(store::why_not_within(binding, failure));
        }
        remembered::with(platform, limits, |memory| tally.bound(memory, index, within.ok(), now(platform)));
    }
    let asks = tally.asks();
    if tally.is_refused() || asks.is_empty() {
        return tally;
    }
    match store::count(platform, limits, &asks).await {
        Ok(said) => remembered::with(platform, limits, |memory| tally.answered(memory, &said, now(platform))),
        Err(why) => {
            exchange.record.failure_detail = Some(why);
            remembered::with(platform, limits, |memory| tally.failed(memory, now(platform)));
        }
    }
    if tally.is_refused() {
        store::defer(platform, limits.patience, tally.owed_back(), Vec::new());
    }
    tally
}

/// Notes what came of them, tells whom it concerns, and keeps what is left to do when the answer is there.
fn conclude<'a, P: Platform>(exchange: &mut Exchange<'a, P>, identified: &Identified<'a, P>, tally: Tally<'a>) {
    let instance = exchange.platform.instance();
    // Where one limit refuses, nothing is taken by the others either: there is nothing to bill.
    let took = !tally.is_refused();
    for item in tally.items() {
        instance.count_limit(item);
        if let Progress::Decided(Verdict::Refused { .. }, _) = item.state {
            // Those that are enforced come first.
            exchange.record.limit.get_or_insert_with(|| item.limit().name.clone());
        }
        if took {
            usage::report(exchange, identified.identity().consumer(), item);
        }
    }
    exchange.limits.extend(tally.into_items());
}

/// Adds what clients learn on every answer.
fn tell_client<P: Platform>(exchange: &mut Exchange<'_, P>, tally: &Tally<'_>) {
    let rules = &exchange.gateway.limits.fields;
    let mut draw = [0; 2];
    exchange.platform.fill(&mut draw);
    let told = fields(rules, tally.items(), u16::from_le_bytes(draw));
    for (name, value) in told.beside {
        exchange.answer_edits.append(name, value);
    }
    for (name, value) in told.alone {
        exchange.answer_edits.set(name, value);
    }
}

/// The clocks.
fn now<P: Platform>(platform: &P) -> Now {
    let monotonic_ms = u64::try_from(platform.monotonic().as_millis()).unwrap_or(u64::MAX);
    Now { unix_ms: platform.unix_ms(), monotonic_ms }
}
