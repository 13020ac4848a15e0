//! An upstream's answer. Its body is hyper's own stream within deadlines.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Answer, Question};
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use router_core::dispatch::compose::X_REQUEST_ID;
use router_core::dispatch::{FailureClass, Phase, RequestSent};
use router_core::edits::Edit;
use serde_json::json;
use tokio::time::{Instant, Sleep};

use super::pool::Lease;
use super::{Deadlines, failed};
use crate::cache::PassingBody;
use crate::log::Logger;
use crate::platform::Native;
use crate::upgrade::Tunnel;

/// What an upstream answered.
pub(crate) struct NativeAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The words behind the status, where they are not the usual ones.
    pub(crate) reason: Option<ReasonPhrase>,
    pub(crate) body: PassingBody,
    /// Both ends of a connection that switches to another protocol.
    pub(crate) tunnel: Option<Tunnel>,
}

impl NativeAnswer {
    pub(crate) fn new(mut parts: Parts, body: AnswerBody) -> Self {
        let reason = parts.extensions.remove::<ReasonPhrase>();
        Self { status: parts.status, headers: parts.headers, reason, body: body.into(), tunnel: None }
    }
}

impl Answer for NativeAnswer {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(&self.headers)
    }
}

/// The body of an answer ended before its end. hyper then breaks the client's connection, so that nobody takes a part for the whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenBody;

impl fmt::Display for BrokenBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upstream's body ended before its end")
    }
}

impl std::error::Error for BrokenBody {}

/// The body of an answer.
pub(crate) struct AnswerBody {
    incoming: Incoming,
    lease: Option<Lease>,
    idle: Option<Duration>,
    total: Option<Instant>,
    /// Made when the upstream is waited for the first time: most bodies are there at once.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the upstream is being waited for.
    waiting: bool,
    report: Report,
}

/// What is told of a body that broke.
struct Report {
    logger: Logger,
    request_id: String,
    upstream: String,
    bytes: u64,
}

impl AnswerBody {
    pub(crate) fn new(
        platform: &Native,
        question: &Question<'_, Native>,
        incoming: Incoming,
        lease: Option<Lease>,
        deadlines: Deadlines,
    ) -> Self {
        let request_id = question.head.edits.iter().find_map(|edit| match edit {
            Edit::Set(name, value) if *name == X_REQUEST_ID => value.to_str().ok(),
            Edit::Set(..) | Edit::Append(..) | Edit::Remove(_) => None,
        });
        let report = Report {
            logger: platform.thread.logger.clone(),
            request_id: request_id.unwrap_or_default().to_owned(),
            upstream: question.upstream.name.clone(),
            bytes: 0,
        };
        let mut body = Self {
            incoming,
            lease,
            idle: deadlines.idle(),
            total: deadlines.total,
            timer: None,
            waiting: false,
            report,
        };
        body.give_back_at_end();
        body
    }

    fn give_back_at_end(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.give_back();
        }
    }

    /// Polls the deadline that comes first.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<Phase> {
        if !self.waiting {
            self.waiting = true;
            let idle = self.idle.and_then(|idle| Instant::now().checked_add(idle));
            let Some(at) = idle.into_iter().chain(self.total).min() else { return Poll::Pending };
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(at),
                None => self.timer = Some(Box::pin(tokio::time::sleep_until(at))),
            }
        }
        let Some(timer) = &mut self.timer else { return Poll::Pending };
        timer.as_mut().poll(context).map(|()| match self.total {
            Some(total) if total <= timer.deadline() => Phase::Total,
            Some(_) | None => Phase::Idle,
        })
    }

    fn break_off(&mut self, class: FailureClass, detail: &str) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        self.lease = None;
        let Report { logger, request_id, upstream, bytes } = &self.report;
        let line = json!({
            "event": "upstream_body", "request_id": request_id, "upstream": upstream,
            "failure": class.as_str(), "reason": detail, "bytes": bytes,
        });
        logger.line(line.to_string());
        Poll::Ready(Some(Err(BrokenBody)))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.incoming).poll_frame(context);
        match polled {
            Poll::Pending => match this.poll_deadline(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(phase) => this.break_off(FailureClass::Timeout(phase), "no piece of the body in time"),
            },
            Poll::Ready(Some(Err(why))) => {
                let failure = failed(&why, RequestSent::Yes);
                this.break_off(failure.class, &failure.detail)
            }
            Poll::Ready(Some(Ok(frame))) => {
                this.waiting = false;
                this.report.bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
                // Even a body that never pauses has to end in time.
                if this.total.is_some_and(|total| Instant::now() >= total) {
                    return this.break_off(FailureClass::Timeout(Phase::Total), "the body took too long");
                }
                this.give_back_at_end();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => {
                if let Some(lease) = this.lease.take() {
                    lease.give_back();
                }
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
