//! The answer, into the host's types.

use bytes::Bytes;
use edge::{AtEnd, Made, Passed, Reply, Stored, StoredBody};
use http::{HeaderMap, StatusCode, header};
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response};

use crate::Spin;
use crate::body::{Stream, no_trailers, whole};

/// Fields that the host forbids a component to set. An answer with one of them would not be sent at all.
const FORBIDDEN: [header::HeaderName; 8] = [
    header::CONNECTION,
    header::HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
];

/// Fields for the host, without those that it forbids.
pub(crate) fn fields(headers: &HeaderMap) -> Result<Fields, ErrorCode> {
    let list: Vec<(String, Vec<u8>)> = headers
        .iter()
        .filter(|(name, _)| !FORBIDDEN.contains(name) && *name != "http2-settings")
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&list).map_err(|why| ErrorCode::InternalError(Some(format!("header fields refused: {why:?}"))))
}

/// The host's response for `reply`.
///
/// # Errors
/// Only if the host refuses the fields, which is a bug here; the host then answers 500.
pub(crate) fn write(reply: Reply<Spin>) -> Result<Response, ErrorCode> {
    match reply {
        Reply::Made(Made { status, headers, body }) => Ok(made(status, &headers, body)),
        Reply::Passed(Passed { answer, edits, at_end }) => {
            let mut headers = answer.headers;
            // It belongs to the connection, so the edits take it out; the host sends only trailers that it names.
            let announced = headers.get(header::TRAILER).cloned();
            edits.apply(&mut headers);
            if let Some(announced) = announced {
                headers.insert(header::TRAILER, announced);
            }
            respond(answer.status, &headers, Some(answer.body.into_stream()), at_end)
        }
        Reply::Stored(Stored { status, headers, body, at_end }) => {
            let body = body.map(StoredBody::into_bytes).filter(|body| !body.is_empty()).map(whole);
            respond(status, &headers, body, at_end)
        }
    }
}

/// An answer made here.
pub(crate) fn made(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Response {
    let body = if body.is_empty() { None } else { Some(whole(body)) };
    match respond(status, headers, body, None) {
        Ok(response) => response,
        Err(_) => Response::new(Fields::new(), None, no_trailers()).0,
    }
}

fn respond(
    status: StatusCode,
    headers: &HeaderMap,
    body: Option<Stream>,
    at_end: Option<AtEnd>,
) -> Result<Response, ErrorCode> {
    let fields = fields(headers)?;
    let (bytes, trailers) = match body {
        Some(Stream { bytes, trailers, .. }) => (Some(bytes), trailers),
        None => (None, no_trailers()),
    };
    let (response, sent) = Response::new(fields, bytes, trailers);
    if let Some(at_end) = at_end {
        // The host says when all of it has been sent, or that it cannot be.
        spin_sdk::wasip3::spawn(async move {
            drop(sent.await);
            drop(at_end);
        });
    }
    // A status is three digits by type, which is all that the host asks.
    let _ = response.set_status_code(status.as_u16());
    Ok(response)
}
