//! An upstream's body on its way, which may be stored as it passes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use edge::platform::CacheFailure;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use router_core::receive::{BodyLength, declared_length};
use tokio::sync::oneshot;

use super::gathering::Gathering;
use super::store::Store;
use crate::upstream::{AnswerBody, BrokenBody, NativeAnswer};

/// How long a body may still take once its client has left: whoever waits for it would rather ask anew.
const ALONE: Duration = Duration::from_secs(60);

type Polled = Option<Result<Frame<Bytes>, BrokenBody>>;

/// The body of an answer on its way to its client.
pub(crate) enum PassingBody {
    Plain(AnswerBody),
    Storing(Storing),
}

/// A body that is stored as it passes. If the client leaves, a task of its own reads the rest.
pub(crate) struct Storing {
    /// `None` when it has been handed on.
    rest: Option<Box<Rest>>,
    /// Who takes what the client leaves.
    heir: Option<oneshot::Sender<Box<Rest>>>,
}

/// A body and what has been gathered of it.
struct Rest {
    body: AnswerBody,
    /// `None` when it is stored, or will not be.
    gathering: Option<Box<Gathering>>,
}

/// How many bytes the body of `answer` has, if it says so.
pub(super) fn declared(answer: &NativeAnswer) -> Option<u64> {
    // Without a body the length is that of one that could have come (RFC 9110 section 8.6).
    let bodiless = matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match declared_length(&answer.headers) {
        Ok(BodyLength::Exactly(length)) if !bodiless => Some(length),
        Ok(BodyLength::Exactly(_) | BodyLength::Unknown) | Err(_) => None,
    }
}

impl PassingBody {
    /// Stores the body as it passes.
    pub(super) fn store(self, gathering: Gathering) -> Self {
        let body = match self {
            Self::Plain(body) => body,
            // Once is enough.
            Self::Storing(_) => return self,
        };
        if body.is_end_stream() {
            // What cannot be stored passes all the same, here and below.
            drop(gathering.finish());
            return Self::Plain(body);
        }
        let (heir, inheritance) = oneshot::channel();
        let store = gathering.store();
        // Begun now: where a body is dropped there may be no runtime left.
        tokio::task::spawn_local(inherit(inheritance, store));
        let rest = Box::new(Rest { body, gathering: Some(Box::new(gathering)) });
        Self::Storing(Storing { rest: Some(rest), heir: Some(heir) })
    }

    /// Reads the body to its end and stores it.
    pub(super) async fn read_and_store(self, gathering: Gathering) -> Result<(), CacheFailure> {
        match self {
            Self::Plain(body) if body.is_end_stream() => gathering.finish(),
            Self::Plain(body) => Rest { body, gathering: Some(Box::new(gathering)) }.read().await,
            Self::Storing(_) => Err(CacheFailure::Failed("it is being stored already".into())),
        }
    }
}

/// Reads what a client has left.
async fn inherit(inheritance: oneshot::Receiver<Box<Rest>>, store: Store) {
    // Most clients leave nothing.
    let Ok(rest) = inheritance.await else { return };
    let Some(_leave) = store.alone() else { return };
    drop(tokio::time::timeout(ALONE, rest.read()).await);
}

impl Rest {
    /// Hands on the next piece; with it whether the body is stored now, or why it will not be.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<(Polled, Option<Result<(), CacheFailure>>)> {
        let polled = ready!(Pin::new(&mut self.body).poll_frame(context));
        let settled = match self.gathering.take() {
            Some(gathering) => self.note(gathering, &polled),
            None => None,
        };
        Poll::Ready((polled, settled))
    }

    fn note(&mut self, mut gathering: Box<Gathering>, polled: &Polled) -> Option<Result<(), CacheFailure>> {
        match polled {
            Some(Ok(frame)) => {
                // Trailers are the last that comes.
                let Some(piece) = frame.data_ref() else { return Some(gathering.finish()) };
                if let Err(why) = gathering.add(piece) {
                    return Some(Err(why));
                }
                // Nobody asks for more then.
                if self.body.is_end_stream() {
                    return Some(gathering.finish());
                }
                self.gathering = Some(gathering);
                None
            }
            Some(Err(why)) => Some(Err(CacheFailure::Failed(why.to_string()))),
            None => Some(gathering.finish()),
        }
    }

    /// Reads to the end, unless it becomes clear that nothing will be stored.
    async fn read(mut self) -> Result<(), CacheFailure> {
        let mut done = false;
        loop {
            let (polled, settled) = std::future::poll_fn(|context| self.poll(context)).await;
            if let Some(settled) = settled {
                settled?;
                done = true;
            }
            // Only a body that was read to its end gives its connection back.
            if done && !matches!(polled, Some(Ok(_))) {
                return Ok(());
            }
        }
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        if let (Some(rest), Some(heir)) = (self.rest.take(), self.heir.take())
            && rest.gathering.is_some()
        {
            // Nobody is there where the server goes down.
            drop(heir.send(rest));
        }
    }
}

impl Body for PassingBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Polled> {
        let storing = match self.get_mut() {
            Self::Plain(body) => return Pin::new(body).poll_frame(context),
            Self::Storing(storing) => storing,
        };
        let Some(rest) = &mut storing.rest else { return Poll::Ready(None) };
        let (polled, settled) = ready!(rest.poll(context));
        if settled.is_some() {
            storing.heir = None;
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Plain(body) => body.is_end_stream(),
            Self::Storing(storing) => storing.rest.as_ref().is_none_or(|rest| rest.body.is_end_stream()),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Plain(body) => body.size_hint(),
            Self::Storing(storing) => {
                storing.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), |rest| rest.body.size_hint())
            }
        }
    }
}
