//! Giving a stored answer: whole, a part of it, or the word that the client has it already.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use router_core::cache::reuse::Age;
use router_core::cache::{Entry, conditions, range};

use super::find::Held;
use crate::exchange::{Ended, Exchange, Stored, StoredBody};
use crate::platform::Platform;

/// The answer that `held` makes for the request.
pub(super) fn give<P: Platform>(exchange: &mut Exchange<'_, P>, held: &Held<P>) -> Ended<P> {
    let Some(entry) = held.entry() else { return Ended::Rejected(router_core::Rejection::Internal) };
    let age = Age::of(entry, exchange.platform.unix_ms(), held.purged_ms);
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
    if conditions::is_known(method, request, entry) {
        let mut not_modified = stored(StatusCode::NOT_MODIFIED, None, None);
        conditions::without_body_fields(&mut not_modified.headers);
        return Ended::Stored(not_modified);
    }
    if let Some(own) = entry.part {
        let Some(part) = range::slice_of_part(method, request, entry) else {
            return Ended::Rejected(router_core::Rejection::Internal);
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

fn partial<P: Platform>(mut stored: Stored<P>, range: Option<HeaderValue>) -> Ended<P> {
    if let Some(range) = range {
        let headers: &mut HeaderMap = &mut stored.headers;
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ended::Stored(stored)
}

fn bodiless(status: StatusCode) -> bool {
    status == StatusCode::NO_CONTENT || status == StatusCode::RESET_CONTENT || status == StatusCode::NOT_MODIFIED
}
