//! By a signature over the body with a shared secret.

use router_core::authenticate::webhook::{Rules, Signed};
use router_core::authenticate::{Attempt, Proven, Refusal};

use super::{Asking, proof};
use crate::platform::Platform;

pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    let body = asking.body.map(AsRef::as_ref).unwrap_or_default();
    let Signed { consumer, claim } = match rules.judge(name, &asking.head.headers, body, asking.now_ms) {
        Ok(Some(signed)) => signed,
        Ok(None) => return Attempt::Absent,
        Err(refusal) => return Attempt::Refused(refusal),
    };
    if let Some((key, claim)) = claim
        && let Err(attempt) = proof::claim_once(asking, &key, claim, Refusal::Replayed).await
    {
        return attempt;
    }
    Attempt::Proven(Box::new(Proven { consumer: consumer.into(), tell: None }))
}
