//! Which target should answer?

use router_core::authenticate::forward::Telling;
use router_core::balance::pick;
use router_core::config::{Action, Route};
use router_core::dispatch::{Target, Timeouts, Upstream};
use router_core::route::Params;
use router_core::{Rejection, config::FixedAnswer};

use crate::cache::Missed;
use crate::exchange::{Exchange, Step, step};
use crate::filter::Filtered;
use crate::platform::Platform;

/// Proof: it is known who answers.
pub(crate) struct Aimed<'a, P: Platform> {
    filtered: Filtered<P>,
    route: &'a Route,
    params: Params,
    max_body: u64,
    tell_upstream: Telling,
    aim: Aim<'a>,
}

/// The parts of [`Aimed`].
pub(crate) struct AimedParts<'a, P: Platform> {
    pub(crate) filtered: Filtered<P>,
    pub(crate) route: &'a Route,
    pub(crate) params: Params,
    pub(crate) max_body: u64,
    /// What earlier stages have to tell the upstream.
    pub(crate) tell_upstream: Telling,
    pub(crate) aim: Aim<'a>,
}

/// Who answers.
#[derive(Clone, Copy)]
pub(crate) enum Aim<'a> {
    /// A target of an upstream.
    Target { index: usize, upstream: &'a Upstream, target: &'a Target, timeouts: Timeouts },
    /// The built-in upstream that reflects the request.
    Echo { max_body: usize },
    /// The answer that the route fixes.
    Respond(&'a FixedAnswer),
}

impl<'a, P: Platform> Aimed<'a, P> {
    pub(crate) fn into_parts(self) -> AimedParts<'a, P> {
        let Self { filtered, route, params, max_body, tell_upstream, aim } = self;
        AimedParts { filtered, route, params, max_body, tell_upstream, aim }
    }
}

pub(crate) fn balance<'a, P: Platform>(exchange: &mut Exchange<'a, P>, missed: Missed<'a, P>) -> Step<P, Aimed<'a, P>> {
    exchange.record.stage = "balance";
    let (routed, _identity, tell_upstream) = missed.into_admitted().into_identified().into_parts();
    let (filtered, route, params, max_body) = routed.into_parts();
    aim(exchange, filtered, route, params, max_body, tell_upstream)
}

/// Finds out who answers a request to `route`.
pub(crate) fn aim<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    filtered: Filtered<P>,
    route: &'a Route,
    params: Params,
    max_body: u64,
    tell_upstream: Telling,
) -> Step<P, Aimed<'a, P>> {
    let aim = match &route.action {
        Action::Upstream { upstream: index, timeouts } => {
            let Some(upstream) = exchange.gateway.upstreams.get(*index) else { return step(Err(Rejection::Internal)) };
            exchange.record.upstream = Some(upstream.name.clone());
            let Some(target) = choose(exchange, upstream) else { return step(Err(Rejection::NoTarget)) };
            exchange.record.target = Some(target.to_string());
            Aim::Target { index: *index, upstream, target, timeouts: *timeouts }
        }
        Action::Echo { max_body } => Aim::Echo { max_body: *max_body },
        Action::Respond(answer) => Aim::Respond(answer),
        // `route` and `cache` have answered these.
        Action::Redirect(_) | Action::Purge => return step(Err(Rejection::Internal)),
    };
    Step::Continue(Aimed { filtered, route, params, max_body, tell_upstream, aim })
}

/// Opens a connection to the target that would be asked, while it is still being found out who asks.
pub(crate) fn warm<P: Platform>(exchange: &Exchange<'_, P>, route: &Route) {
    if let Action::Upstream { upstream: index, .. } = &route.action
        && let Some(upstream) = exchange.gateway.upstreams.get(*index)
        && let Some(target) = choose(exchange, upstream)
    {
        exchange.platform.warm(*index, upstream, target);
    }
}

/// The target for this request; asked again, the same.
fn choose<'u, P: Platform>(exchange: &Exchange<'_, P>, upstream: &'u Upstream) -> Option<&'u Target> {
    pick(&upstream.targets, draw(exchange, upstream))
}

/// Nothing is drawn where there is nothing to choose.
fn draw<P: Platform>(exchange: &Exchange<'_, P>, upstream: &Upstream) -> u64 {
    if upstream.targets.len() < 2 {
        return 0;
    }
    exchange.draw.get().unwrap_or_else(|| {
        let mut bits = [0; 8];
        exchange.platform.fill(&mut bits);
        let draw = u64::from_le_bytes(bits);
        exchange.draw.set(Some(draw));
        draw
    })
}
