//! An upstream's body on its way, which may be stored as it passes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use edge::platform::CacheFailure;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use router_core::receive::told_length;
use tokio::sync::oneshot;

use super::gathering::Gathering;
use super::store::Store;
use crate::upstream::{AnswerBody, BrokenBody, NativeAnswer};

/// How long a body may still take once its client has left: whoever waits for it would rather ask anew.
const ALONE: Duration = Duration::from_secs(60);

/// The body of an answer on its way to its client. If it is being stored and the client leaves, a task of its own reads the rest.
pub(crate) struct PassingBody {
    /// `None` when it has been left to the heir.
    body: Option<AnswerBody>,
    /// What has come, until it is stored or will not be.
    gathering: Option<Box<Gathering>>,
    /// Who takes what the client leaves.
    heir: Option<oneshot::Sender<PassingBody>>,
}

type Piece = Option<Result<Frame<Bytes>, BrokenBody>>;
/// Whether a body has been stored.
type Settled = Result<(), CacheFailure>;

/// How many bytes the body of `answer` has, if it says so.
pub(super) fn declared(answer: &NativeAnswer) -> Option<u64> {
    // Without a body the length is that of one that could have come (RFC 9110 section 8.6).
    let bodiless = matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    told_length(&answer.headers).filter(|_| !bodiless)
}

impl From<AnswerBody> for PassingBody {
    fn from(body: AnswerBody) -> Self {
        Self { body: Some(body), gathering: None, heir: None }
    }
}

impl PassingBody {
    /// Stores the body as it passes, if it is not stored already.
    pub(super) fn store(&mut self, gathering: Gathering) {
        if self.gathering.is_some() {
            return;
        }
        if self.is_end_stream() {
            // What cannot be stored passes all the same.
            drop(gathering.finish());
            return;
        }
        let (heir, inheritance) = oneshot::channel();
        // Begun now: where a body is dropped there may be no runtime left.
        tokio::task::spawn_local(inherit(inheritance, gathering.store()));
        self.gathering = Some(Box::new(gathering));
        self.heir = Some(heir);
    }

    /// Reads the body to its end and stores it.
    pub(super) async fn read_and_store(mut self, gathering: Gathering) -> Settled {
        if self.is_end_stream() {
            return gathering.finish();
        }
        self.gathering = Some(Box::new(gathering));
        self.read().await
    }

    /// Reads to the end, unless it becomes clear that nothing will be stored.
    async fn read(mut self) -> Settled {
        let mut stored = false;
        loop {
            let (piece, settled) = std::future::poll_fn(|context| self.poll(context)).await;
            if let Some(settled) = settled {
                settled?;
                stored = true;
            }
            // Only a body that was read to its end gives its connection back.
            if stored && !matches!(piece, Some(Ok(_))) {
                return Ok(());
            }
        }
    }

    /// The next piece; with it whether the body is stored, when that is settled.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<(Piece, Option<Settled>)> {
        let Some(body) = &mut self.body else { return Poll::Ready((None, None)) };
        let piece = ready!(Pin::new(body).poll_frame(context));
        let settled = self.gathering.take().and_then(|gathering| self.note(gathering, &piece));
        if settled.is_some() {
            self.heir = None;
        }
        Poll::Ready((piece, settled))
    }

    fn note(&mut self, mut gathering: Box<Gathering>, piece: &Piece) -> Option<Settled> {
        match piece {
            Some(Ok(frame)) => {
                // Trailers are the last that comes.
                let Some(data) = frame.data_ref() else { return Some(gathering.finish()) };
                if let Err(why) = gathering.add(data) {
                    return Some(Err(why));
                }
                // Nobody asks for more then.
                if self.is_end_stream() {
                    return Some(gathering.finish());
                }
                self.gathering = Some(gathering);
                None
            }
            Some(Err(why)) => Some(Err(CacheFailure::Failed(why.to_string()))),
            None => Some(gathering.finish()),
        }
    }
}

/// Reads what a client has left.
async fn inherit(inheritance: oneshot::Receiver<PassingBody>, store: Store) {
    // Most clients leave nothing.
    let Ok(rest) = inheritance.await else { return };
    let Some(_leave) = store.alone() else { return };
    drop(tokio::time::timeout(ALONE, rest.read()).await);
}

impl Drop for PassingBody {
    fn drop(&mut self) {
        if let (Some(gathering), Some(heir)) = (self.gathering.take(), self.heir.take()) {
            let rest = Self { body: self.body.take(), gathering: Some(gathering), heir: None };
            // Nobody is there where the server goes down.
            drop(heir.send(rest));
        }
    }
}

impl Body for PassingBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Piece> {
        self.get_mut().poll(context).map(|(piece, _)| piece)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(AnswerBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), AnswerBody::size_hint)
    }
}
