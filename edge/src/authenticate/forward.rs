//! What the upstream learns of who asks.

use router_core::Rejection;
use router_core::authenticate::{Identity, Policy};

use super::Asking;
use crate::platform::Platform;

/// The edits of the request that tell the upstream.
pub(super) async fn forward<P: Platform>(
    _asking: &Asking<'_, P>,
    _policy: &Policy,
    _identity: &Identity,
) -> Result<router_core::HeaderEdits, Rejection> {
    Ok(router_core::HeaderEdits::new())
}
