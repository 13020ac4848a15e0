//! Who asks, and may they?
//!
//! No policy of this stage can be configured yet, so there is nothing to ask and everyone goes on.

use router_core::authenticate::Identity;

use crate::exchange::{Exchange, Step};
use crate::platform::Platform;
use crate::route::Routed;

/// Proof: the ways to ask were gone through.
pub(crate) struct Identified<'a, P: Platform> {
    routed: Routed<'a, P>,
    identity: Identity,
}

impl<'a, P: Platform> Identified<'a, P> {
    pub(crate) fn into_parts(self) -> (Routed<'a, P>, Identity) {
        (self.routed, self.identity)
    }
}

pub(crate) async fn authenticate<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    routed: Routed<'a, P>,
) -> Step<P, Identified<'a, P>> {
    exchange.record.stage = "authenticate";
    Step::Continue(Identified { routed, identity: Identity::default() })
}
