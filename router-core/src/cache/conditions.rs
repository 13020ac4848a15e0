//! What a client has already: conditional requests (RFC 9110 section 13), answered from a stored answer (RFC 9111 section 4.3.2).

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::entry::Entry;
use super::freshness::{date_ms, parse_date_ms};
use super::range;
use crate::edits::HeaderEdits;
use crate::head::joined;

/// Conditions that only the upstream can judge (RFC 9111 section 4.3.2): with them a request is none for a cache.
const FOR_THE_UPSTREAM: [HeaderName; 2] = [header::IF_MATCH, header::IF_UNMODIFIED_SINCE];

/// Whether a request has conditions that only the upstream can judge.
#[must_use]
pub fn is_for_the_upstream(request: &HeaderMap) -> bool {
    FOR_THE_UPSTREAM.iter().any(|name| request.contains_key(name))
}

/// Whether the client has what is stored: then it is told so with 304.
#[must_use]
pub fn is_known(method: &Method, request: &HeaderMap, entry: &Entry) -> bool {
    if entry.status != StatusCode::OK || !(method == Method::GET || method == Method::HEAD) {
        return false;
    }
    if let Some(tags) = joined(request, &header::IF_NONE_MATCH) {
        // It goes before `If-Modified-Since` (RFC 9110 section 13.2.2).
        let Some(own) = entry.headers.get(header::ETAG) else { return tags.trim_ascii() == b"*" };
        return tags.trim_ascii() == b"*" || entity_tags(&tags).any(|tag| same_weakly(tag, own.as_bytes()));
    }
    let Some(since_ms) = date_ms(request, &header::IF_MODIFIED_SINCE) else { return false };
    let changed_ms = date_ms(&entry.headers, &header::LAST_MODIFIED).or_else(|| date_ms(&entry.headers, &header::DATE));
    changed_ms.unwrap_or(entry.stored_ms) <= since_ms
}

/// The entity tags of a list; quotes may hold commas.
fn entity_tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        while let Some(behind) = rest.strip_prefix(b",") {
            rest = behind.trim_ascii_start();
        }
        if rest.is_empty() {
            return None;
        }
        let mut quoted = false;
        let end = rest.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let (tag, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(tag.trim_ascii())
    })
}

/// The weak comparison (RFC 9110 section 8.8.3.2).
#[must_use]
pub fn same_weakly(one: &[u8], other: &[u8]) -> bool {
    let opaque = |tag: &'_ [u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    opaque(one) == opaque(other)
}

/// Whether a part may be given for `If-Range` (RFC 9110 section 13.1.5): without one, or if it names what is stored.
#[must_use]
pub fn is_same_for_range(request: &HeaderMap, entry: &Entry) -> bool {
    let Some(wanted) = request.get(header::IF_RANGE) else { return true };
    let wanted = wanted.as_bytes().trim_ascii();
    if wanted.starts_with(b"\"") {
        return entry.headers.get(header::ETAG).is_some_and(|own| own.as_bytes() == wanted);
    }
    let wanted = std::str::from_utf8(wanted).ok().and_then(parse_date_ms);
    let changed = date_ms(&entry.headers, &header::LAST_MODIFIED).filter(|changed| Some(*changed) == wanted);
    // Within the second of a change there may be another one: such a date tells nothing for sure (RFC 9110 section 8.8.2.2).
    changed
        .zip(date_ms(&entry.headers, &header::DATE))
        .is_some_and(|(changed, date)| changed.saturating_add(1000) <= date)
}

/// Edits that take out the conditions that the cache judges itself, so that there is an answer to store. Those about a part stay with it.
#[must_use]
pub fn unconditional(request: &HeaderMap) -> HeaderEdits {
    if range::is_asked(request) {
        HeaderEdits::new()
    } else {
        without(&[header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE], request)
    }
}

fn without(names: &[HeaderName], request: &HeaderMap) -> HeaderEdits {
    let mut edits = HeaderEdits::new();
    for name in names.iter().filter(|name| request.contains_key(*name)) {
        edits.remove(name.clone());
    }
    edits
}

/// Edits that make a request one for the whole answer, whatever of it the client has or wants.
#[must_use]
pub fn whole(request: &HeaderMap) -> HeaderEdits {
    without(&[header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::RANGE, header::IF_RANGE], request)
}

/// Edits that ask whether what is stored is still valid (RFC 9111 section 4.3.1). None where nothing of the upstream's can tell.
#[must_use]
pub fn validating(request: &HeaderMap, entry: &Entry) -> Option<HeaderEdits> {
    let mut edits = whole(request);
    // A tag that was made here means nothing to the upstream.
    let tag = entry.headers.get(header::ETAG).filter(|_| !entry.wants_etag).and_then(quoted);
    let changed = entry.headers.get(header::LAST_MODIFIED).cloned();
    if tag.is_none() && changed.is_none() {
        return None;
    }
    if let Some(tag) = tag {
        edits.set(header::IF_NONE_MATCH, tag);
    }
    if let Some(changed) = changed {
        edits.set(header::IF_MODIFIED_SINCE, changed);
    }
    Some(edits)
}

/// A tag without quotes is no entity tag, and a list of it could be anything.
fn quoted(tag: &HeaderValue) -> Option<HeaderValue> {
    let bytes = tag.as_bytes();
    let opaque = bytes.strip_prefix(b"W/").unwrap_or(bytes);
    (opaque.len() >= 2 && opaque.starts_with(b"\"") && opaque.ends_with(b"\"")).then(|| tag.clone())
}

/// Fields that a 304 leaves out: they are about a body that does not come (RFC 9110 section 15.4.5).
pub fn without_body_fields(headers: &mut HeaderMap) {
    for name in [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_LANGUAGE,
        header::CONTENT_RANGE,
    ] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests;
