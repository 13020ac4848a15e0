//! Do we have the answer already?
//!
//! No policy of this stage can be configured yet, so there is nothing to ask and everyone goes on.

use crate::exchange::{Exchange, Step};
use crate::limit::Admitted;
use crate::platform::Platform;

/// Proof: no stored answer will do.
pub(crate) struct Missed<'a, P: Platform> {
    admitted: Admitted<'a, P>,
}

impl<'a, P: Platform> Missed<'a, P> {
    pub(crate) fn into_admitted(self) -> Admitted<'a, P> {
        self.admitted
    }
}

pub(crate) async fn cache<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    admitted: Admitted<'a, P>,
) -> Step<P, Missed<'a, P>> {
    exchange.record.stage = "cache";
    Step::Continue(Missed { admitted })
}
