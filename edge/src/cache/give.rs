//! Giving a stored answer: whole, a part of it, or the word that the client has it already.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use router_core::Rejection;
use router_core::cache::{Entry, conditions, range};

use super::find::Held;
use crate::exchange::{Ended, Exchange, Stored, StoredBody};
use crate::platform::Platform;
use crate::respond;

/// The answer that `held` makes for the request.
pub(super) fn give<P: Platform>(exchange: &mut Exchange<'_, P>, held: &Held<P>) -> Ended<P> {
    let now_ms = exchange.platform.unix_ms();
    let Some((entry, age)) = held.entry().zip(held.age(now_ms)) else { return Ended::Rejected(Rejection::Internal) };
    if let Some(told) = &mut exchange.told {
        told.ttl_s = Some(age.ttl_s());
    }
    answer(exchange, entry, age.age_ms, held.body.clone())
}

/// The answer that an entry with this body makes for the request.
pub(super) fn answer<P: Platform>(exchange: &Exchange<'_, P>, entry: &Entry, age_ms: u64, body: P::Kept) -> Ended<P> {
    let (method, request) = (&exchange.head.method, &exchange.head.headers);
    let mut headers = entry.headers.clone();
    headers.insert(header::AGE, HeaderValue::from(age_ms / 1000));
    if conditions::is_known(method, request, entry) {
        return not_modified(headers);
    }
    let mut stored = |status, length: Option<u64>, slice: Option<(u64, u64)>| {
        // Where there never is a body there is no length either (RFC 9110 section 8.6).
        match length.filter(|_| !bodiless(status)) {
            Some(length) => drop(headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length))),
            None => drop(headers.remove(header::CONTENT_LENGTH)),
        }
        let has_body = method != Method::HEAD && length != Some(0) && !bodiless(status);
        let body = has_body.then(|| StoredBody { kept: body.clone(), slice });
        Stored { status, headers: std::mem::take(&mut headers), body, at_end: None }
    };
    if let Some(own) = entry.part {
        let Some(part) = range::slice_of_part(method, request, entry) else {
            return Ended::Rejected(Rejection::Internal);
        };
        let slice = (part.first.saturating_sub(own.first), part.length());
        return partial(stored(StatusCode::PARTIAL_CONTENT, Some(part.length()), Some(slice)), part.field());
    }
    match range::slice(method, request, entry) {
        range::Slice::Whole => Ended::Stored(stored(entry.status, entry.length, None)),
        range::Slice::Part(part) => {
            let slice = (part.first, part.length());
            partial(stored(StatusCode::PARTIAL_CONTENT, Some(part.length()), Some(slice)), part.field())
        }
        range::Slice::Beyond(whole) => {
            let mut beyond = stored(StatusCode::RANGE_NOT_SATISFIABLE, Some(0), None);
            beyond.headers.remove(header::CONTENT_TYPE);
            beyond.headers.remove(header::CONTENT_ENCODING);
            partial(beyond, HeaderValue::from_str(&format!("bytes */{whole}")).ok())
        }
    }
}

/// The word that the client has an answer with these fields already.
pub(super) fn not_modified<P: Platform>(mut headers: HeaderMap) -> Ended<P> {
    conditions::without_body_fields(&mut headers);
    Ended::Stored(Stored { status: StatusCode::NOT_MODIFIED, headers, body: None, at_end: None })
}

fn partial<P: Platform>(mut stored: Stored<P>, range: Option<HeaderValue>) -> Ended<P> {
    if let Some(range) = range {
        stored.headers.insert(header::CONTENT_RANGE, range);
    }
    Ended::Stored(stored)
}

/// Also 205, which a stored answer may have with a length of what it should not have had (RFC 9110 section 15.3.6).
fn bodiless(status: StatusCode) -> bool {
    respond::bodiless(status) || status == StatusCode::RESET_CONTENT
}
