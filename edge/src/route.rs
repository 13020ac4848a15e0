//! What is asked for?

use router_core::authenticate::Identity;
use router_core::authenticate::authorize::Asked;
use router_core::config::{Action, Redirect, Route};
use router_core::filter::path::NormalPath;
use router_core::receive::{BodyLength, Facts};
use router_core::rejection::Malformed;
use router_core::route::{Finding, Found, Params, well_known};
use router_core::{Rejection, RequestHead};

use crate::exchange::{Ended, Exchange, Made, Step, step};
use crate::filter::{Filtered, admit_address, redirect};
use crate::platform::{Body, Platform};
use crate::receive::body_within;

/// Proof: there is a route for the request, and its own filter rules hold.
pub(crate) struct Routed<'a, P: Platform> {
    filtered: Filtered<P>,
    route: &'a Route,
    params: Params,
    max_body: u64,
}

impl<'a, P: Platform> Routed<'a, P> {
    pub(crate) fn route(&self) -> &'a Route {
        self.route
    }

    pub(crate) fn facts(&self) -> &Facts {
        self.filtered.received().facts()
    }

    pub(crate) fn path(&self) -> &NormalPath<'static> {
        self.filtered.path()
    }

    /// What rules about the request are made of.
    pub(crate) fn asked<'e>(&'e self, identity: &'e Identity, head: &'e RequestHead, now_ms: u64) -> Asked<'e> {
        let (route, params) = (self.route, &self.params);
        Asked { identity, head, facts: self.facts(), path: self.path(), route, params, now_ms }
    }

    /// How long the body is, as far as that is told.
    pub(crate) fn body_length(&self) -> BodyLength {
        self.filtered.received().body_length()
    }

    pub(crate) fn max_body(&self) -> u64 {
        self.max_body
    }

    /// The body, which is empty from now on.
    pub(crate) fn take_body(&mut self) -> Body<P::Stream> {
        self.filtered.received_mut().take_body()
    }

    pub(crate) fn put_body(&mut self, body: Body<P::Stream>) {
        self.filtered.received_mut().put_body(body);
    }

    pub(crate) fn into_parts(self) -> (Filtered<P>, &'a Route, Params, u64) {
        (self.filtered, self.route, self.params, self.max_body)
    }
}

pub(crate) fn route<'a, P: Platform>(exchange: &mut Exchange<'a, P>, filtered: Filtered<P>) -> Step<P, Routed<'a, P>> {
    exchange.record.stage = "route";
    let gateway = exchange.gateway;
    let own = step(well_known::find(&gateway.own_documents, &exchange.head.method, filtered.path()))?;
    if let Some(document) = own {
        return Step::Break(Ended::Made(Made::from(document)));
    }
    let Found { index, params, .. } = match gateway.find(&exchange.head, filtered.received().facts(), filtered.path()) {
        Finding::Route(found) => found,
        Finding::Redirect { index, path } => {
            exchange.route = Some(index);
            let location = path.reference(exchange.head.query.as_deref());
            return Step::Break(Ended::Made(redirect(http::StatusCode::PERMANENT_REDIRECT, &location)));
        }
        Finding::MethodNotAllowed { allow } => return step(Err(Rejection::MethodNotAllowed { allow })),
        Finding::NotFound => return step(Err(Rejection::RouteNotFound)),
    };
    exchange.route = Some(index);
    let Some(route) = gateway.route(index) else { return step(Err(Rejection::Internal)) };
    exchange.record.route = Some(route.name.clone());
    if let Some(lists) = &route.addresses {
        admit_address(exchange, lists, filtered.received())?;
    }
    if gateway.refuses_separator(route, filtered.path()) {
        return step(Err(Rejection::Malformed(Malformed::EncodedSeparator)));
    }
    let max_body = route.max_body.unwrap_or(gateway.receive.max_body);
    body_within(filtered.received().facts(), max_body)?;
    if let Action::Redirect(to) = &route.action {
        return send_elsewhere(exchange, to, &filtered, &params);
    }
    Step::Continue(Routed { filtered, route, params, max_body })
}

fn send_elsewhere<'a, P: Platform>(
    exchange: &Exchange<'_, P>,
    to: &Redirect,
    filtered: &Filtered<P>,
    params: &Params,
) -> Step<P, Routed<'a, P>> {
    match to.location(&exchange.head, filtered.received().facts(), filtered.path(), params) {
        Ok(location) => Step::Break(Ended::Made(redirect(to.status, &location))),
        Err(rejection) => step(Err(rejection)),
    }
}
