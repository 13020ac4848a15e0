//! By the client's certificate.

use router_core::authenticate::Attempt;
use router_core::authenticate::certificate::{self, Rules};

use super::Asking;
use crate::platform::Platform;

/// Nothing has to be waited for: the platform has verified the certificate before the request came.
#[allow(clippy::unused_async, reason = "one of several ways, some of which wait")]
pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    certificate::attempt(rules, name, asking.facts.certificate.as_deref(), asking.now_ms)
}
