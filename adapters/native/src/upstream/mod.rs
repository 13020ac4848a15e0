//! Asking an upstream: connect or take a connection that idles, send, wait for the head, hand on the body.
//!
//! The pool is our own rather than hyper-util's client, because three things are wanted exactly: whether the request was sent (what decides if asking
//! again is safe), the first-byte deadline without the time it took to connect, and a connection that never leaves its thread.

mod answer;
mod compose;
mod connect;
mod failure;
mod peer;
mod pool;
mod progress;
mod send;
mod wire;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use edge::platform::{Body, Failure, Question, Read, Upstreams};
use http_body::Body as _;
use hyper::body::Incoming;
use router_core::dispatch::{FailureClass, Phase, RequestSent, Target, Timeouts, Upstream};
use tokio::time::Instant;

pub(crate) use answer::{AnswerBody, BrokenBody, NativeAnswer};
pub(crate) use compose::{Head, Shape, compose, idempotent};
pub(crate) use connect::{Purpose, connect, dial, shake};
pub(crate) use failure::failed;
pub(crate) use peer::Peer;
pub(crate) use pool::Pools;
pub(crate) use progress::{OutBody, Progress};
pub(crate) use send::{Sending, Unanswered, exchange, head_in_time};

use crate::platform::Native;
use crate::request::Inbound;
use crate::upgrade;

impl Upstreams for Native {
    type Inbound = Inbound;
    type Stream = Incoming;
    type Answer = NativeAnswer;

    async fn ask(&self, mut question: Question<'_, Self>) -> Result<NativeAnswer, Failure> {
        let deadlines = Deadlines::begin(question.timeouts);
        match (question.head.upgrade, question.inbound.upgrade.take()) {
            (Some(protocol), Some(client)) => upgrade::ask(self, question, deadlines, protocol, client).await,
            (_, _) => send::ask(self, question, deadlines).await,
        }
    }

    fn warm(&self, index: usize, upstream: &Upstream, target: &Target) {
        send::warm(self, index, upstream, target);
    }

    async fn read(&self, body: Body<Incoming>, max: usize) -> Result<Read, Failure> {
        let mut incoming = match body {
            Body::Empty => return Ok(Read { bytes: Bytes::new(), truncated: false }),
            Body::Bytes(mut bytes) => {
                let truncated = bytes.len() > max;
                bytes.truncate(max);
                return Ok(Read { bytes, truncated });
            }
            Body::Stream(incoming) => incoming,
        };
        let mut bytes = BytesMut::new();
        let idle = Timeouts::default().idle.unwrap_or(Duration::MAX);
        loop {
            let next = std::future::poll_fn(|context| std::pin::Pin::new(&mut incoming).poll_frame(context));
            let frame = match tokio::time::timeout(idle, next).await {
                Ok(None) => return Ok(Read { bytes: bytes.freeze(), truncated: false }),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(why))) => return Err(of_client(why.to_string())),
                Err(_) => return Err(of_client(format!("no piece of the body for {idle:?}"))),
            };
            let Ok(data) = frame.into_data() else { continue };
            let room = max - bytes.len();
            if data.len() > room {
                bytes.extend_from_slice(data.get(..room).unwrap_or_default());
                return Ok(Read { bytes: bytes.freeze(), truncated: true });
            }
            bytes.extend_from_slice(&data);
        }
    }
}

fn of_client(detail: String) -> Failure {
    Failure { class: FailureClass::ClientBody, request_sent: RequestSent::No, detail }
}

/// The deadlines of one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    timeouts: Timeouts,
    /// When the whole exchange has to be over.
    pub(crate) total: Option<Instant>,
}

impl Deadlines {
    pub(crate) fn begin(timeouts: Timeouts) -> Self {
        Self { timeouts, total: timeouts.total.and_then(|total| Instant::now().checked_add(total)) }
    }

    /// Until when a connection has to stand, and which deadline that is.
    pub(crate) fn connect(&self) -> Option<(Instant, Phase)> {
        earlier(after(Instant::now(), self.timeouts.connect, Phase::Connect), self.whole())
    }

    /// Until when the head has to come if the upstream has been waited for since `since`.
    pub(crate) fn first_byte(&self, since: Instant) -> Option<(Instant, Phase)> {
        earlier(after(since, self.timeouts.first_byte, Phase::FirstByte), self.whole())
    }

    /// Until when the client has to send its next piece if it has been waited for since `since`.
    pub(crate) fn client(&self, since: Instant) -> Option<(Instant, Phase)> {
        earlier(after(since, self.timeouts.idle, Phase::Idle), self.whole())
    }

    /// Between two pieces of a body.
    pub(crate) fn idle(&self) -> Option<Duration> {
        self.timeouts.idle
    }

    /// Until when all of it has to be over.
    pub(crate) fn whole(&self) -> Option<(Instant, Phase)> {
        self.total.map(|total| (total, Phase::Total))
    }
}

fn after(since: Instant, limit: Option<Duration>, phase: Phase) -> Option<(Instant, Phase)> {
    Some((since.checked_add(limit?)?, phase))
}

fn earlier(a: Option<(Instant, Phase)>, b: Option<(Instant, Phase)>) -> Option<(Instant, Phase)> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Waits for `work`, but not beyond `until`.
pub(crate) async fn in_time<T>(until: Option<(Instant, Phase)>, work: impl Future<Output = T>) -> Result<T, Phase> {
    match until {
        None => Ok(work.await),
        Some((at, phase)) => tokio::time::timeout_at(at, work).await.map_err(|_| phase),
    }
}
