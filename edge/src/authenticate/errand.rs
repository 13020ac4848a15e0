//! Questions of the gateway's own, and what counts as an answer to them.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use router_core::authenticate::Endpoint;

use crate::platform::{Errand, Failure, Fetched};

/// A question for the document at `endpoint`.
pub(super) fn get<'e>(
    endpoint: &'e Endpoint,
    accept: &'static str,
    timeout: Duration,
    max_answer: usize,
) -> Errand<'e> {
    Errand {
        target: endpoint.target(),
        method: Method::GET,
        path_and_query: endpoint.path_and_query().to_owned(),
        headers: headers(accept),
        body: Bytes::new(),
        timeout,
        max_answer,
    }
}

/// The fields of every question. What is asked for comes as it is: a small text that a server inflates would be a large one.
pub(super) fn headers(accept: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (header::ACCEPT, HeaderValue::from_static(accept)),
        (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        (header::USER_AGENT, HeaderValue::from_static("tidegate")),
    ])
}

/// The answer, if it is one: status 200, not encoded.
///
/// # Errors
/// For the log: what came instead.
pub(super) fn ok(endpoint: &Endpoint, fetched: Result<Fetched, Failure>) -> Result<Fetched, String> {
    let fetched = fetched
        .map_err(|failure| format!("{endpoint} cannot be asked: {} ({})", failure.class.as_str(), failure.detail))?;
    if fetched.status.is_redirection() {
        return Err(format!("{endpoint} answered {} with a redirect, which is not followed", fetched.status.as_u16()));
    }
    if fetched.status != StatusCode::OK {
        return Err(format!("{endpoint} answered {} where 200 is expected", fetched.status.as_u16()));
    }
    let encoding = fetched.headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(format!("{endpoint} answered in an encoding that was not asked for"));
    }
    Ok(fetched)
}
