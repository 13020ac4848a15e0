//! Is this a well-formed request within limits?

use router_core::Rejection;
use router_core::authenticate::forward::claimed;
use router_core::dispatch::compose::X_REQUEST_ID;
use router_core::receive::{self, BodyLength, Facts, RequestIdRule, keep_or_make};

use crate::exchange::{Arrived, Exchange, Step, step};
use crate::platform::{Body, Platform};

/// Proof: the request is well-formed and within the limits for everyone.
pub(crate) struct Received<P: Platform> {
    facts: Facts,
    body: Body<P::Stream>,
    inbound: P::Inbound,
}

impl<P: Platform> Received<P> {
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How long the body is: what is declared, or nothing where there is none.
    pub(crate) fn body_length(&self) -> BodyLength {
        match &self.body {
            Body::Empty => BodyLength::Exactly(0),
            Body::Bytes(bytes) => BodyLength::Exactly(bytes.len() as u64),
            Body::Stream(_) => self.facts.body,
        }
    }

    /// The body, which is empty from now on.
    pub(crate) fn take_body(&mut self) -> Body<P::Stream> {
        std::mem::replace(&mut self.body, Body::Empty)
    }

    pub(crate) fn put_body(&mut self, body: Body<P::Stream>) {
        self.body = body;
    }

    pub(crate) fn into_parts(self) -> (Facts, Body<P::Stream>, P::Inbound) {
        (self.facts, self.body, self.inbound)
    }
}

pub(crate) fn receive<P: Platform>(exchange: &mut Exchange<'_, P>, arrived: Arrived<P>) -> Step<P, Received<P>> {
    exchange.record.stage = "receive";
    exchange.claimed = claimed(&exchange.gateway.identity_headers, &exchange.head.headers);
    for name in &exchange.claimed {
        exchange.head.headers.remove(name);
    }
    let rules = &exchange.gateway.receive;
    let checked = receive::receive(rules, &exchange.head, arrived.transport);
    // Even a refused request gets an id, so that its log line can be found.
    let trusted = checked.as_ref().is_ok_and(|facts| facts.client.through_trusted_proxy);
    name_request(exchange, trusted);
    let facts = step(checked)?;
    exchange.record.client = facts.client.address.map(|address| address.to_string());
    exchange.record.host.clone_from(&facts.host);
    Step::Continue(Received { facts, body: arrived.body, inbound: arrived.inbound })
}

/// Gives the exchange its request id.
pub(crate) fn name_request<P: Platform>(exchange: &mut Exchange<'_, P>, through_trusted_proxy: bool) {
    let mut random = [0; 10];
    exchange.platform.fill(&mut random);
    let rule: RequestIdRule = exchange.gateway.receive.request_id;
    let sent = exchange.head.headers.get(X_REQUEST_ID);
    exchange.request_id = keep_or_make(rule, through_trusted_proxy, sent, exchange.record.time_ms, random);
    exchange.record.request_id = exchange.request_id.to_str().unwrap_or_default().to_owned();
}

/// Refuses a body whose declared length is over `limit`. One that is not declared is counted while it streams.
pub(crate) fn body_within<P: Platform>(facts: &Facts, limit: u64) -> Step<P, ()> {
    match facts.body {
        BodyLength::Exactly(length) if length > limit => step(Err(Rejection::BodyTooLarge { limit })),
        BodyLength::Exactly(_) | BodyLength::Unknown => Step::Continue(()),
    }
}
