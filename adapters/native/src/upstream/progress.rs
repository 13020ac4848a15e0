//! The client's body on its way to the upstream: counted, and watched.
//!
//! While a body is sent, nobody can blame the upstream for not answering: the first-byte deadline begins anew with every piece. While the client sends
//! nothing, the idle deadline holds, and it is the client that failed.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use router_core::config::Gateway;
use router_core::dispatch::compose::scrub_trailers;
use router_core::dispatch::{FailureClass, Phase};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Deadlines;

/// How far a body has come. Shared by the body, which hyper's connection owns, and whoever waits for the answer.
pub(crate) struct Progress {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    /// Since when the one that is waited for has done nothing.
    since: Instant,
    /// Whether that is the client.
    client: bool,
    fault: Option<(FailureClass, String)>,
}

impl Progress {
    pub(crate) fn begin() -> Arc<Self> {
        let state = State { since: Instant::now(), client: false, fault: None };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new() })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, client: bool) {
        let mut state = self.state();
        // Polled again without a piece, the client has been waited for since the first time.
        if !(client && state.client) {
            state.since = Instant::now();
        }
        if client != state.client {
            // Another deadline holds now, which may be earlier.
            self.changed.notify_one();
        }
        state.client = client;
    }

    fn fail(&self, class: FailureClass, detail: String) {
        self.state().fault.get_or_insert((class, detail));
        self.changed.notify_one();
    }

    /// What is wrong with the body, if something is.
    pub(crate) fn fault(&self) -> Option<(FailureClass, String)> {
        self.state().fault.clone()
    }

    /// Waits until something is wrong with the body, or another deadline holds.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Until when what is waited for has to happen, and what it means if it does not.
    pub(crate) fn until(&self, deadlines: &Deadlines) -> Option<(Instant, FailureClass)> {
        let (since, client) = {
            let state = self.state();
            (state.since, state.client)
        };
        if client {
            let class = |phase| match phase {
                Phase::Idle => FailureClass::ClientBody,
                other => FailureClass::Timeout(other),
            };
            return deadlines.client(since).map(|(at, phase)| (at, class(phase)));
        }
        deadlines.first_byte(since).map(|(at, phase)| (at, FailureClass::Timeout(phase)))
    }
}

/// A body that is sent to an upstream.
pub(crate) enum OutBody {
    Empty,
    Bytes(Option<Bytes>),
    Stream { incoming: Incoming, left: u64, progress: Arc<Progress>, gateway: Arc<Gateway> },
}

/// Why the body was not sent to its end. The reason stands in [`Progress`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsent;

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client's body was not sent to its end")
    }
}

impl std::error::Error for Unsent {}

/// A frame without what a client may not say in trailers either.
fn scrubbed(frame: Frame<Bytes>, gateway: &Gateway) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            scrub_trailers(gateway, &mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = Unsent;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Unsent>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream { incoming, left, progress, gateway } => match Pin::new(incoming).poll_frame(context) {
                Poll::Pending => {
                    progress.note(true);
                    Poll::Pending
                }
                Poll::Ready(None) => {
                    progress.note(false);
                    Poll::Ready(None)
                }
                Poll::Ready(Some(Ok(frame))) => {
                    progress.note(false);
                    let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                    match left.checked_sub(length) {
                        Some(rest) => {
                            *left = rest;
                            Poll::Ready(Some(Ok(scrubbed(frame, gateway))))
                        }
                        None => {
                            progress.fail(FailureClass::BodyTooLarge, String::new());
                            Poll::Ready(Some(Err(Unsent)))
                        }
                    }
                }
                Poll::Ready(Some(Err(why))) => {
                    progress.fail(FailureClass::ClientBody, why.to_string());
                    Poll::Ready(Some(Err(Unsent)))
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Bytes(bytes) => bytes.is_none(),
            Self::Stream { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream { incoming, .. } => incoming.size_hint(),
        }
    }
}
