//! `WWW-Authenticate`.

use http::HeaderValue;

use super::{Policy, Refusal};
use crate::Gateway;
use crate::rejection::Missing;

/// The lines that tell a client how to say who it is, after `refusal` (`None`: there was no credential). At least one.
#[must_use]
pub fn unauthenticated(_gateway: &Gateway, _policy: &Policy, _refusal: Option<&Refusal>) -> Vec<HeaderValue> {
    vec![HeaderValue::from_static("Bearer")]
}

/// The lines that tell a client which scope to ask for.
#[must_use]
pub fn forbidden(_gateway: &Gateway, _policy: &Policy, _missing: &Missing) -> Vec<HeaderValue> {
    Vec::new()
}
