//! What travels: the request, what is known of it, and how it ends.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use router_core::cache::status::Told;
use router_core::config::{FixedAnswer, Gateway, Route};
use router_core::limit::tally::Item;
use router_core::receive::Transport;
use router_core::respond::Record;
use router_core::route::RouteIndex;
use router_core::{HeaderEdits, Rejection, RequestHead};

use crate::cache::Plan;
use crate::platform::{Body, Platform};

/// A request as a platform hands it over.
pub struct Request<P: Platform> {
    /// The head; nothing in it has been checked.
    pub head: RequestHead,
    /// What the transport knows.
    pub transport: Transport,
    /// The body, untouched.
    pub body: Body<P::Stream>,
    /// What the platform wants back when an upstream is asked, such as the host's own request object.
    pub inbound: P::Inbound,
}

/// The answer as a platform sends it.
pub enum Reply<P: Platform> {
    /// Made by the gateway.
    Made(Made),
    /// An upstream's, with edits.
    Passed(Passed<P>),
    /// A stored one.
    Stored(Stored<P>),
}

/// An answer made by the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The status.
    pub status: StatusCode,
    /// The header fields, complete but for framing.
    pub headers: HeaderMap,
    /// The body; empty for `HEAD`.
    pub body: Bytes,
}

impl From<&FixedAnswer> for Made {
    fn from(answer: &FixedAnswer) -> Self {
        Self { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() }
    }
}

/// An upstream's answer on its way to the client.
pub struct Passed<P: Platform> {
    /// The host's own answer, body untouched.
    pub answer: P::Answer,
    /// Edits of its header fields.
    pub edits: HeaderEdits,
    /// What is done when its body has ended. An adapter keeps it beside the body for as long as that streams, where it can.
    pub at_end: Option<AtEnd>,
}

/// A stored answer on its way to the client.
pub struct Stored<P: Platform> {
    /// The status.
    pub status: StatusCode,
    /// The header fields, complete but for framing: there is a length where it is known.
    pub headers: HeaderMap,
    /// The body; `None` for none.
    pub body: Option<StoredBody<P>>,
    /// What is done when its body has ended.
    pub at_end: Option<AtEnd>,
}

/// The body of a stored answer, or a part of it.
pub struct StoredBody<P: Platform> {
    /// Where it is.
    pub kept: P::Kept,
    /// Its first byte and how many from there; `None`: all of it. Never beyond its end.
    pub slice: Option<(u64, u64)>,
}

impl<P: Platform<Kept = Bytes>> StoredBody<P> {
    /// The bytes that are wanted, where bodies are kept as bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        let Some((first, length)) = self.slice else { return self.kept };
        let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(self.kept.len());
        self.kept.slice(place(first)..place(first.saturating_add(length)))
    }
}

/// Something that is done once, when this is dropped: at the end of an answer, however it ends.
pub struct AtEnd(Option<Box<dyn FnOnce()>>);

impl AtEnd {
    /// Nothing is done.
    pub(crate) fn nothing() -> Self {
        Self(None)
    }

    /// Does `work` when it is dropped.
    pub fn new(work: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(work)))
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

/// How the stages before `respond` end.
pub(crate) enum Ended<P: Platform> {
    /// The gateway says no.
    Rejected(Rejection),
    /// The gateway answers itself.
    Made(Made),
    /// An upstream answers.
    Passed(P::Answer),
    /// A stored answer.
    Stored(Stored<P>),
}

/// What a stage yields: the proof for the next one, or the end.
pub(crate) type Step<P, T> = ControlFlow<Ended<P>, T>;

/// A verdict of the core as a step.
pub(crate) fn step<P: Platform, T>(verdict: Result<T, Rejection>) -> Step<P, T> {
    match verdict {
        Ok(next) => ControlFlow::Continue(next),
        Err(rejection) => ControlFlow::Break(Ended::Rejected(rejection)),
    }
}

/// One request with all that the stages share.
pub(crate) struct Exchange<'a, P: Platform> {
    pub(crate) gateway: &'a Gateway,
    /// The same, to be kept beyond the request.
    pub(crate) shared: &'a Arc<Gateway>,
    pub(crate) platform: &'a P,
    pub(crate) head: RequestHead,
    /// Fields that only the gateway may set, which the client sent: no longer in the head, but perhaps in the host's own object.
    pub(crate) claimed: Vec<HeaderName>,
    pub(crate) request_id: HeaderValue,
    pub(crate) route: Option<RouteIndex>,
    pub(crate) record: Record,
    /// What was asked of limits, as far as something came of it.
    pub(crate) limits: Vec<Item<'a>>,
    /// What stages have to tell the client beside the answer.
    pub(crate) answer_edits: HeaderEdits,
    /// What stages have to change in the question to the upstream.
    pub(crate) upstream_edits: HeaderEdits,
    /// What the cache has to do with the answer.
    pub(crate) plan: Option<Plan<P>>,
    /// The rules of the cache whose answers the success of the request makes worthless.
    pub(crate) triggered: Vec<String>,
    /// What the cache did.
    pub(crate) told: Option<Told>,
    /// The random bits that choose a target, once they are drawn.
    pub(crate) draw: Cell<Option<u64>>,
    pub(crate) started: Duration,
}

/// A request that no stage has looked at: its head is in the exchange already.
pub(crate) struct Arrived<P: Platform> {
    pub(crate) transport: Transport,
    pub(crate) body: Body<P::Stream>,
    pub(crate) inbound: P::Inbound,
}

impl<'a, P: Platform> Exchange<'a, P> {
    pub(crate) fn open(gateway: &'a Arc<Gateway>, platform: &'a P, request: Request<P>) -> (Self, Arrived<P>) {
        let Request { head, transport, body, inbound } = request;
        (Self::new(gateway, platform, head), Arrived { transport, body, inbound })
    }

    pub(crate) fn new(gateway: &'a Arc<Gateway>, platform: &'a P, head: RequestHead) -> Self {
        let record = Record {
            time_ms: platform.unix_ms(),
            method: head.method.as_str().to_owned(),
            path: head.path.clone(),
            stage: "receive",
            ..Record::default()
        };
        let started = platform.monotonic();
        Self {
            gateway,
            shared: gateway,
            platform,
            head,
            claimed: Vec::new(),
            request_id: HeaderValue::from_static(""),
            route: None,
            record,
            limits: Vec::new(),
            answer_edits: HeaderEdits::new(),
            upstream_edits: HeaderEdits::new(),
            plan: None,
            triggered: Vec::new(),
            told: None,
            draw: Cell::new(None),
            started,
        }
    }

    /// The route that was found.
    pub(crate) fn route(&self) -> Option<&'a Route> {
        self.gateway.route(self.route?)
    }
}
