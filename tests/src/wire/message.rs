//! Heads of messages, parsed.

use super::reader::Framing;
use crate::observed::{Fields, field};

/// More fields than any limit that a case sets.
const MOST_FIELDS: usize = 2048;

/// The head of a request.
pub(super) struct RequestHead {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Fields,
}

/// The head of a response.
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) headers: Fields,
}

pub(super) fn request(head: &[u8]) -> Result<RequestHead, String> {
    let mut fields = vec![httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    request.parse(head).map_err(|why| format!("{why}: {}", String::from_utf8_lossy(head)))?;
    Ok(RequestHead {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: owned(request.headers),
    })
}

pub(super) fn response(head: &[u8]) -> Result<ResponseHead, String> {
    let mut fields = vec![httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    response.parse(head).map_err(|why| format!("{why}: {}", String::from_utf8_lossy(head)))?;
    Ok(ResponseHead { status: response.code.unwrap_or_default(), headers: owned(response.headers) })
}

fn owned(fields: &[httparse::Header<'_>]) -> Fields {
    fields.iter().map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec())).collect()
}

/// The framing that the fields declare, if any. Two lengths that differ are a mistake of whoever sent them.
pub(super) fn declared(headers: &Fields) -> Result<Option<Framing>, String> {
    let encoding = field(headers, "transfer-encoding").map(|value| value.to_ascii_lowercase());
    match encoding.as_deref() {
        Some(b"chunked") => return Ok(Some(Framing::Chunked)),
        Some(other) => return Err(format!("a transfer coding `{}`", String::from_utf8_lossy(other))),
        None => {}
    }
    let Some(length) = field(headers, "content-length") else { return Ok(None) };
    let length = String::from_utf8_lossy(&length).into_owned();
    length.parse().map(|length| Some(Framing::Length(length))).map_err(|_| format!("a length `{length}`"))
}

/// The framing of a response to `method` (RFC 9112 section 6.3).
pub(super) fn of_response(method: &str, head: &ResponseHead) -> Result<Framing, String> {
    if method == "HEAD" || head.status == 101 || head.status == 204 || head.status == 304 {
        return Ok(Framing::Length(0));
    }
    Ok(declared(&head.headers)?.unwrap_or(Framing::UntilClose))
}
