//! Bodies: the host's streams, spliced where they may pass as they are, and carried piece by piece where they are counted or timed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields};
use spin_sdk::wasip3::wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};
use spin_sdk::wasip3::{spawn, wit_future, wit_stream};

/// How a body ends: with trailers, without, or not at all.
pub(crate) type Trailers = FutureReader<Result<Option<Fields>, ErrorCode>>;

/// A body in the hands of the host. Moving it costs nothing.
pub(crate) struct Stream {
    /// A first piece that had to be read to know whether there is a body at all.
    pub(crate) first: Option<Vec<u8>>,
    pub(crate) bytes: StreamReader<u8>,
    pub(crate) trailers: Trailers,
}

/// The size of a piece that enters the component: what the host hands over at most at a time.
const PIECE: usize = 16 * 1024;
/// The size of a piece that leaves it.
const LARGE_PIECE: usize = 256 * 1024;

/// No trailers.
pub(crate) fn no_trailers() -> Trailers {
    let (end, trailers) = wit_future::new(|| Ok(None));
    drop(end);
    trailers
}

/// A body of bytes that are here.
pub(crate) fn whole(mut bytes: Bytes) -> Stream {
    let (mut sink, reader) = wit_stream::new();
    spawn(async move {
        // A piece is a copy until the host has taken it.
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(LARGE_PIECE));
            if !sink.write_all(piece.to_vec()).await.is_empty() {
                return;
            }
        }
    });
    Stream { first: None, bytes: reader, trailers: no_trailers() }
}

impl Stream {
    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        match self.first.take() {
            Some(first) => Some(first),
            None => next(&mut self.bytes).await,
        }
    }
}

/// The next piece; `None` at the end.
pub(crate) async fn next(bytes: &mut StreamReader<u8>) -> Option<Vec<u8>> {
    let (result, piece) = bytes.read(Vec::with_capacity(PIECE)).await;
    match result {
        StreamResult::Complete(_) if !piece.is_empty() => Some(piece),
        StreamResult::Complete(_) | StreamResult::Dropped | StreamResult::Cancelled => {
            (!piece.is_empty()).then_some(piece)
        }
    }
}

/// What ends a body before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Whoever sent it broke off.
    Broken,
    /// It is longer than allowed.
    TooLarge,
    /// It took longer than allowed.
    TooLate,
}

impl Cut {
    /// As the host is told.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::Broken => ErrorCode::ConnectionTerminated,
            Self::TooLarge => ErrorCode::HttpRequestBodySize(None),
            Self::TooLate => ErrorCode::ConnectionReadTimeout,
        }
    }
}

/// How far a body may go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    /// At most so many bytes.
    pub(crate) most: Option<u64>,
    /// At most so long.
    pub(crate) within: Option<Duration>,
}

/// Where it is noted that a body was cut.
pub(crate) type CutNote = Rc<Cell<Option<Cut>>>;

/// The same body within `bounds`. One that goes over is ended by an error, never by a clean end, so that whoever reads it can tell.
pub(crate) fn bounded(mut from: Stream, bounds: Bounds, note: CutNote) -> Stream {
    let (sink, bytes) = wit_stream::new();
    let (end, ended) = wit_future::new(|| Err(ErrorCode::HttpRequestBodySize(None)));
    spawn(async move {
        let last = match within(bounds.within, carry(&mut from, sink, bounds)).await {
            Ok(()) => {
                let last = from.trailers.await;
                if last.is_err() {
                    note.set(Some(Cut::Broken));
                }
                last
            }
            Err(cut) => {
                note.set(Some(cut));
                Err(cut.code())
            }
        };
        let _ = end.write(last).await;
    });
    Stream { first: None, bytes, trailers: ended }
}

async fn carry(from: &mut Stream, mut to: StreamWriter<u8>, bounds: Bounds) -> Result<(), Cut> {
    let mut carried = 0_u64;
    while let Some(bytes) = from.next().await {
        carried = carried.saturating_add(bytes.len() as u64);
        if bounds.most.is_some_and(|most| carried > most) {
            return Err(Cut::TooLarge);
        }
        if !to.write_all(bytes).await.is_empty() {
            // Nobody reads any more; what is left is not wanted.
            return Ok(());
        }
    }
    Ok(())
}

/// Does `work` with a body for at most so long.
pub(crate) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = Result<T, Cut>>) -> Result<T, Cut> {
    let Some(limit) = limit else { return work.await };
    match select(std::pin::pin!(work), std::pin::pin!(wait(limit))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), _)) => Err(Cut::TooLate),
    }
}

/// Waits on the host's clock.
pub(crate) async fn wait(time: Duration) {
    monotonic_clock::wait_for(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).await;
}
