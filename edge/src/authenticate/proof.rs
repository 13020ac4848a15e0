//! Proof.

use http::{HeaderName, HeaderValue};
use router_core::authenticate::dpop::ProofRules;
use router_core::authenticate::{Attempt, Refusal};
use serde_json::Value;

use super::Asking;
use crate::platform::Platform;

pub(super) async fn check<P: Platform>(
    _asking: &Asking<'_, P>,
    rules: &ProofRules,
    _token: &str,
    dpop_scheme: bool,
    cnf: Option<&Value>,
) -> Result<Option<(HeaderName, HeaderValue)>, Attempt> {
    if rules.always || dpop_scheme || cnf.is_some() {
        return Err(Attempt::Refused(Refusal::ProofMissing));
    }
    Ok(None)
}
