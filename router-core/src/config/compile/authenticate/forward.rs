//! `forward:`.

use http::HeaderName;

use super::Authenticate;
use crate::authenticate::assertion;
use crate::authenticate::forward::Forward;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::gateway::Route;
use crate::config::raw::authenticate as raw;

pub(super) fn forward(
    _raw: &raw::Forward,
    _authenticate: &Authenticate,
    _path: &Place<'_>,
    _context: &mut Context,
) -> Forward {
    Forward::default()
}

/// Every field that tells an upstream who asks, on any route.
pub(super) fn identity_headers(_routes: &[Route], _assertion: Option<&assertion::Rules>) -> Vec<HeaderName> {
    Vec::new()
}
