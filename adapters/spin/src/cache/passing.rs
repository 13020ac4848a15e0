//! A body on its way to the client that is gathered as it goes by.

use edge::AtEnd;
use futures_util::future::join;
use spin_sdk::wasip3::http::types::ErrorCode;
use spin_sdk::wasip3::wit_bindgen::StreamWriter;
use spin_sdk::wasip3::{spawn, wit_future, wit_stream};

use super::gathering::{Gathered, Gathering};
use crate::body::{Cut, Stream};
use crate::upstream::AnswerBody;

/// The same body for the client. When it has come whole, `store` is told; `end` is dropped after that, or as soon as nothing will be stored.
pub(super) fn passing(
    body: AnswerBody,
    gathering: Gathering,
    store: impl AsyncFnOnce(Gathered) + 'static,
    end: AtEnd,
) -> Stream {
    let AnswerBody { mut stream, within } = body;
    let (mut sink, bytes) = wit_stream::new();
    let (told, trailers) = wit_future::new(|| Err(ErrorCode::ConnectionTerminated));
    spawn(async move {
        let mut kept = Some((gathering, end));
        let carried = crate::body::within(within, carry(&mut stream, &mut sink, &mut kept)).await;
        drop(sink);
        let last = match carried {
            Ok(Carried::Whole) => stream.trailers.await,
            // Nobody reads any more. Letting go of the upstream's stream ends that as well.
            Ok(Carried::Left) => return,
            Err(cut) => Err(cut.code()),
        };
        let kept = kept.filter(|_| last.is_ok());
        // The client has its end first, and what it makes of that is nothing to the store.
        let (_, ()) = join(told.write(last), async {
            if let Some((gathering, end)) = kept {
                if let Ok(gathered) = gathering.finish() {
                    store(gathered).await;
                }
                drop(end);
            }
        })
        .await;
    });
    Stream { first: None, bytes, trailers }
}

/// Gathers a body that goes to nobody.
///
/// # Errors
/// Why it did not come whole.
pub(super) async fn whole(body: AnswerBody, mut gathering: Gathering) -> Result<Gathered, String> {
    let AnswerBody { mut stream, within } = body;
    let gathered = crate::body::within(within, async {
        while let Some(piece) = stream.next().await {
            if let Err(why) = gathering.add(&piece) {
                return Ok(Err(why));
            }
        }
        Ok(Ok(gathering))
    });
    let gathering = gathered.await.map_err(|_| "the body took longer than its upstream may take".to_owned())??;
    // Whether the stream ended or broke is told where trailers would be.
    stream.trailers.await.map_err(|code| format!("the body broke off: {code:?}"))?;
    gathering.finish()
}

/// How far a body came.
enum Carried {
    /// To its end.
    Whole,
    /// As far as the client wanted it.
    Left,
}

async fn carry(
    from: &mut Stream,
    to: &mut StreamWriter<u8>,
    kept: &mut Option<(Gathering, AtEnd)>,
) -> Result<Carried, Cut> {
    while let Some(piece) = from.next().await {
        // What cannot be stored goes on to the client all the same, and nobody needs to wait for it.
        kept.take_if(|(gathering, _)| gathering.add(&piece).is_err());
        if !to.write_all(piece).await.is_empty() {
            return Ok(Carried::Left);
        }
    }
    Ok(Carried::Whole)
}
