//! What an upstream does with a request.

use std::collections::BTreeMap;
use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

use super::client::{framed, lines};
use super::reader::Reader;
use super::upstream::Shared;
use super::websocket;
use crate::case::Content;
use crate::case::exchange::{Answers, Fails, FieldText, Upstream};

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It can be used again.
    Keep,
    /// It is closed.
    Close,
}

/// Plays `scripted`. A request that the script does not know is answered in a way that no case expects.
pub(super) async fn play(
    scripted: Option<Upstream>,
    at: usize,
    method: &str,
    reader: &mut Reader,
    write: &mut OwnedWriteHalf,
    shared: &Shared,
) -> Next {
    if at == 0 {
        shared.progress.until_released().await;
    }
    if let Some((scripted, accepts)) = scripted.as_ref().and_then(|one| Some((one, one.answers.websocket.as_ref()?))) {
        return websocket::upstream(scripted, accepts, at, reader, write, shared).await;
    }
    let Some(Upstream { answers, fails, .. }) = scripted else {
        drop(write.write_all(b"HTTP/1.1 500 Nobody Expected This\r\ncontent-length: 0\r\n\r\n").await);
        return Next::Keep;
    };
    let Some(fails) = fails else {
        return match answer(&answers, method, write, shared).await {
            Ok(()) => Next::Keep,
            Err(_) => {
                shared.amend(at, |seen| seen.left = true);
                Next::Close
            }
        };
    };
    match fails {
        Fails::Close => {}
        Fails::Reset => drop(write.as_ref().set_zero_linger()),
        Fails::Junk => drop(write.write_all(b"this is not HTTP\r\n\r\n").await),
        Fails::Stall => wait(at, reader, shared).await,
        Fails::StallMidBody => {
            drop(half(&answers, write, shared).await);
            wait(at, reader, shared).await;
        }
        Fails::ShortBody => drop(half(&answers, write, shared).await),
        Fails::ResetMidBody => {
            drop(half(&answers, write, shared).await);
            drop(write.as_ref().set_zero_linger());
        }
    }
    Next::Close
}

/// Is silent until the other side gives up.
async fn wait(at: usize, reader: &mut Reader, shared: &Shared) {
    reader.closed().await;
    shared.amend(at, |seen| seen.left = true);
}

async fn answer(answers: &Answers, method: &str, write: &mut OwnedWriteHalf, shared: &Shared) -> io::Result<()> {
    for status in &answers.interim {
        write.write_all(format!("HTTP/1.1 {status} Interim\r\n\r\n").as_bytes()).await?;
    }
    let content = answers.content();
    write.write_all(&head(answers, &content)).await?;
    if method == "HEAD" {
        return Ok(());
    }
    match content {
        Content::None => Ok(()),
        Content::Whole(body) => write.write_all(&body).await,
        Content::Chunks(chunks) => {
            let mut sent = 0;
            for chunk in chunks {
                write.write_all(&framed(&chunk)).await?;
                sent += chunk.len();
                if answers.lockstep {
                    shared.progress.until_client_has(sent).await;
                }
            }
            write.write_all(&[b"0\r\n", fields(&answers.trailers).as_slice(), b"\r\n"].concat()).await
        }
    }
}

/// Sends the head and the first half of the body, and waits until the client has it.
async fn half(answers: &Answers, write: &mut OwnedWriteHalf, shared: &Shared) -> io::Result<()> {
    let content = match answers.content() {
        Content::None => Content::Whole(b"the second half is missing".to_vec()),
        content => content,
    };
    write.write_all(&head(answers, &content)).await?;
    let sent = match content {
        Content::None => 0,
        Content::Whole(body) => {
            let half = body.get(..body.len() / 2).unwrap_or_default();
            write.write_all(half).await?;
            half.len()
        }
        Content::Chunks(chunks) => {
            let half: Vec<u8> = chunks.iter().take(chunks.len().div_ceil(2)).flatten().copied().collect();
            write.write_all(&framed(&half)).await?;
            half.len()
        }
    };
    shared.progress.until_client_has(sent).await;
    Ok(())
}

fn head(answers: &Answers, content: &Content) -> Vec<u8> {
    let status = answers.status.unwrap_or(200);
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
    head.extend(fields(&answers.headers));
    let bodiless =
        matches!(status, 204 | 304) || answers.headers.keys().any(|name| name.eq_ignore_ascii_case("content-length"));
    match content {
        Content::Chunks(_) => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Content::None if !bodiless => head.extend_from_slice(b"content-length: 0\r\n"),
        Content::Whole(body) if !bodiless => {
            head.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes())
        }
        Content::None | Content::Whole(_) => {}
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The lines of a head that these fields are.
pub(super) fn fields(fields: &BTreeMap<String, FieldText>) -> Vec<u8> {
    let lines = fields.iter().flat_map(|(name, field)| lines(field).into_iter().map(move |line| (name, line)));
    lines.flat_map(|(name, line)| [name.as_bytes(), b": ", &line, b"\r\n"].concat()).collect()
}
