//! Whether a token is its sender's: a DPoP proof, or the certificate of the connection.

use http::{HeaderName, HeaderValue};
use router_core::atomic::{Outcome, Transition};
use router_core::authenticate::dpop::{Binding, Expected, Proof, ProofRules};
use router_core::authenticate::{Attempt, Refusal};
use serde_json::Value;

use super::Asking;
use crate::platform::{AtomicFailure, Platform};

/// Checks what `cnf` of `token` asks for, and yields what the client is told beside the answer. `dpop_scheme`: whether it came as `DPoP`.
///
/// Call it when the token itself has been found good: it ends with a claim in the replay store, which only owners of good tokens may fill.
pub(super) async fn check<P: Platform>(
    asking: &Asking<'_, P>,
    rules: &ProofRules,
    token: &str,
    dpop_scheme: bool,
    cnf: Option<&Value>,
) -> Result<Option<(HeaderName, HeaderValue)>, Attempt> {
    let binding = Binding::of(rules, dpop_scheme, cnf).map_err(Attempt::Refused)?;
    if let Some(fingerprint) = &binding.certificate {
        match &asking.facts.certificate {
            None => return Err(Attempt::Refused(Refusal::ProofMissing)),
            Some(presented) if presented.fingerprint != *fingerprint => return Err(Attempt::Refused(Refusal::Invalid)),
            Some(_) => {}
        }
    }
    let Some(thumbprint) = &binding.key else { return Ok(None) };
    let expected = Expected {
        method: &asking.head.method,
        scheme: asking.facts.scheme,
        authority: asking.facts.authority.as_deref(),
        path: &asking.head.path,
        token,
        thumbprint,
        now_ms: asking.now_ms,
    };
    let proof = Proof::read(&rules.dpop, &asking.head.headers, &expected).map_err(Attempt::Refused)?;
    let signed = proof.signed.as_bytes();
    if !asking.platform.verify(proof.algorithm, &proof.key, signed, &proof.signature).await {
        return Err(Attempt::Refused(Refusal::ProofInvalid));
    }
    let (key, claim) = proof.claim();
    claim_once(asking, key, claim, Refusal::ProofReplayed).await?;
    Ok(proof.tell)
}

/// Claims `key` in the store, which all instances share; `taken` says what is refused if it was claimed before. Whether something was used before cannot be told without it.
pub(super) async fn claim_once<P: Platform>(
    asking: &Asking<'_, P>,
    key: &str,
    claim: Transition,
    taken: Refusal,
) -> Result<(), Attempt> {
    match asking.platform.decide(key, claim).await {
        Ok(Outcome::Claimed) => Ok(()),
        Ok(Outcome::Taken) => Err(Attempt::Refused(taken)),
        Err(AtomicFailure::Absent) => Err(undecided("there is no atomic store to remember what was used".to_owned())),
        Err(AtomicFailure::Failed(why)) => Err(undecided(format!("the atomic store failed: {why}"))),
    }
}

fn undecided(reason: String) -> Attempt {
    Attempt::Undecided { reason, retry_after: None }
}
