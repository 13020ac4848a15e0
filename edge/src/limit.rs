//! May they ask now?
//!
//! No policy of this stage can be configured yet, so there is nothing to ask and everyone goes on.

use router_core::limit::Admission;

use crate::authenticate::Identified;
use crate::exchange::{Exchange, Step};
use crate::platform::Platform;

/// Proof: every limit was asked.
pub(crate) struct Admitted<'a, P: Platform> {
    identified: Identified<'a, P>,
    admission: Admission,
}

impl<'a, P: Platform> Admitted<'a, P> {
    pub(crate) fn into_parts(self) -> (Identified<'a, P>, Admission) {
        (self.identified, self.admission)
    }
}

pub(crate) async fn limit<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    identified: Identified<'a, P>,
) -> Step<P, Admitted<'a, P>> {
    exchange.record.stage = "limit";
    Step::Continue(Admitted { identified, admission: Admission::default() })
}
