//! Asking an upstream.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use router_core::dispatch::{FailureClass, RequestSent, Target, Timeouts, Upstream, UpstreamHead};

/// A body, opaque: passing it through never touches a byte.
#[derive(Debug)]
pub enum Body<S> {
    /// None.
    Empty,
    /// All of it.
    Bytes(Bytes),
    /// The host's own stream.
    Stream(S),
}

/// Asks upstreams and reads bodies.
pub trait Upstreams: Sized {
    /// What the host wants back of the client's request when it asks an upstream, such as its own request object.
    type Inbound;
    /// The host's own stream.
    type Stream;
    /// The host's own answer.
    type Answer: Answer;

    /// Asks once. Redirects are never followed, encodings and lengths never touched, and every deadline of the question is kept: `idle` and `total`
    /// also hold for the body of the answer after this returned, as far as the host can. A client that goes away ends it. A body that turns out
    /// longer than `max_body` ends it with [`FailureClass::BodyTooLarge`].
    async fn ask(&self, question: Question<'_, Self>) -> Result<Self::Answer, Failure>;

    /// Opens a connection to `target` in advance, where the host can and none is idle, so that a request that is still being judged need not wait for it
    /// later. Best effort: returns at once, and no request ever depends on it.
    fn warm(&self, index: usize, upstream: &Upstream, target: &Target);

    /// Reads at most `max` bytes of a body.
    async fn read(&self, body: Body<Self::Stream>, max: usize) -> Result<Read, Failure>;
}

/// A question to an upstream.
pub struct Question<'a, P: Upstreams> {
    /// The index of the upstream in this gateway, for pools.
    pub index: usize,
    /// The upstream.
    pub upstream: &'a Upstream,
    /// The target to ask.
    pub target: &'a Target,
    /// Method, path and the edits that make `headers` the upstream's.
    pub head: UpstreamHead,
    /// The `Host` to tell, where it is not the target's.
    pub host: Option<HeaderValue>,
    /// The client's header fields.
    pub headers: &'a HeaderMap,
    /// What the platform handed over with the request.
    pub inbound: P::Inbound,
    /// The client's body.
    pub body: Body<P::Stream>,
    /// The longest body to pass on, in bytes.
    pub max_body: u64,
    /// The deadlines.
    pub timeouts: Timeouts,
}

/// The head of an upstream's answer; its body stays with the host.
pub trait Answer {
    /// The status.
    fn status(&self) -> StatusCode;

    /// The header fields, as they came.
    fn headers(&self) -> Cow<'_, HeaderMap>;
}

/// A body that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its first bytes.
    pub bytes: Bytes,
    /// Whether there were more.
    pub truncated: bool,
}

/// Why asking failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub class: FailureClass,
    /// Whether the upstream may have seen the request.
    pub request_sent: RequestSent,
    /// What the host says; for the log only.
    pub detail: String,
}
