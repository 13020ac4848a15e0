//! Do we have the answer already?
//!
//! No policy of this stage can be configured yet, so there is nothing to ask and everyone goes on.

use router_core::cache::Lookup;

use crate::exchange::{Exchange, Step};
use crate::limit::Admitted;
use crate::platform::Platform;

/// Proof: no stored answer will do.
pub(crate) struct Missed<'a, P: Platform> {
    admitted: Admitted<'a, P>,
    lookup: Lookup,
}

impl<'a, P: Platform> Missed<'a, P> {
    pub(crate) fn into_parts(self) -> (Admitted<'a, P>, Lookup) {
        (self.admitted, self.lookup)
    }
}

pub(crate) async fn cache<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    admitted: Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    exchange.record.stage = "cache";
    Step::Continue(Missed { admitted, lookup: Lookup::default() })
}
