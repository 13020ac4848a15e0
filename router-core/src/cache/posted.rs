//! Answers to a `POST` that are what a `GET` of the same URL would get (RFC 9110 section 9.3.3).

use http::{HeaderMap, Method, StatusCode, header};

use super::asked::CacheRequest;
use super::freshness::Times;
use super::purge::same_host;
use super::rule::{Freshness, Rule};
use super::storable::{Storable, storable};
use crate::filter::Mode;
use crate::head::RequestHead;
use crate::receive::told_length;

/// What is stored of the answer to a request, as what a `GET` would get: where the answer says itself that it is that, and for how long.
#[must_use]
pub fn posted(
    rule: &Rule,
    head: &RequestHead,
    request: &CacheRequest,
    status: StatusCode,
    headers: &HeaderMap,
    times: Times,
) -> Option<Storable> {
    let may = rule.mode == Mode::Enforce && rule.freshness == Freshness::Respect;
    if head.method != Method::POST || status != StatusCode::OK || !may || !is_its_own(head, request, headers) {
        return None;
    }
    let storing = request.storing(rule, &head.method);
    let mut stored = storable(&storing, status, headers, told_length(headers), times).ok()?;
    // After what it made worthless.
    stored.entry.stored_ms = stored.entry.stored_ms.saturating_add(1);
    (stored.entry.lifetime_ms > 0 && stored.vary.is_empty()).then_some(stored)
}

/// Whether an answer says that it is what its own URL stands for, query and all.
fn is_its_own(head: &RequestHead, request: &CacheRequest, headers: &HeaderMap) -> bool {
    let url = &request.url;
    let Some(location) = headers.get(header::CONTENT_LOCATION).and_then(|location| location.to_str().ok()) else {
        return false;
    };
    let query = location.split('#').next().unwrap_or_default().split_once('?').map(|(_, query)| query);
    same_host(location, &url.host, &url.path).as_deref() == Some(url.path.as_str()) && query == head.query.as_deref()
}
