//! From the gateway's reply to what the client gets.

use bytes::Bytes;
use edge::platform::Failure;
use edge::{Made, Passed, Reply, Stored, StoredBody};
use http::{HeaderMap, StatusCode};

use crate::Memory;
use crate::upstream::{Scripted, ScriptedBody};

/// What the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The pieces of the body, as they were passed on.
    pub pieces: Vec<Bytes>,
    /// Why the body ended before its end.
    pub truncated: Option<Failure>,
}

impl Outgoing {
    pub(crate) fn of(reply: Reply<Memory>, is_head: bool) -> Self {
        match reply {
            Reply::Made(Made { status, headers, body }) => {
                let pieces = if body.is_empty() { Vec::new() } else { vec![body] };
                Self { status, headers, pieces, truncated: None }
            }
            Reply::Passed(Passed { answer, edits, at_end: _ }) => {
                let Scripted { status, mut headers, body } = answer;
                edits.apply(&mut headers);
                // A server sends no body here, whatever an upstream did (RFC 9110 section 6.4.1).
                let bodiless = is_head || is_bodiless(status);
                let (pieces, truncated) = if bodiless { (Vec::new(), None) } else { collect(body) };
                Self { status, headers, pieces, truncated }
            }
            Reply::Stored(Stored { status, headers, body, at_end: _ }) => {
                let body = body.filter(|_| !is_head && !is_bodiless(status)).map(StoredBody::into_bytes);
                Self { status, headers, pieces: body.into_iter().collect(), truncated: None }
            }
        }
    }

    /// The whole body, or what came of it.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.pieces.concat().into()
    }
}

/// Whether answers with this status have no body (RFC 9110 section 6.4.1).
fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

fn collect(body: ScriptedBody) -> (Vec<Bytes>, Option<Failure>) {
    let mut pieces = Vec::new();
    for piece in body {
        match piece {
            Ok(piece) => pieces.push(piece),
            Err(failure) => return (pieces, Some(failure)),
        }
    }
    (pieces, None)
}
