//! What the gateway asks on its own behalf: key servers, issuers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use router_core::dispatch::Target;

use super::Failure;

/// Asks servers on the gateway's own behalf.
pub trait Fetch {
    /// Asks once and reads the whole answer. Redirects are never followed. `timeout` holds for all of it, and an answer longer than `max_answer`
    /// is a failure of the class `protocol`.
    async fn fetch(&self, errand: Errand<'_>) -> Result<Fetched, Failure>;
}

/// A question of the gateway's own.
#[derive(Clone, Debug)]
pub struct Errand<'a> {
    /// Whom to ask; its base is part of `path_and_query` already.
    pub target: &'a Target,
    /// The method.
    pub method: Method,
    /// Path and query, starting with `/`.
    pub path_and_query: String,
    /// The header fields; the host adds `Host` and the length.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// For the whole exchange.
    pub timeout: Duration,
    /// The longest body of an answer, in bytes.
    pub max_answer: usize,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, decoded if the host decodes. Errands ask for `identity`.
    pub body: Bytes,
}
