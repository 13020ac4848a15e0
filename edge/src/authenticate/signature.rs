//! By a signature over the request.

use router_core::authenticate::jose::{self, equal};
use router_core::authenticate::signature::{Candidate, Message, Rules};
use router_core::authenticate::{Attempt, Proven, Refusal};

use super::{Asking, proof};
use crate::platform::Platform;

pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    let message = Message {
        method: &asking.head.method,
        scheme: asking.facts.scheme,
        authority: asking.facts.authority.as_deref(),
        path: &asking.head.path,
        query: asking.head.query.as_deref(),
        headers: &asking.head.headers,
    };
    let body = asking.body.map(AsRef::as_ref).unwrap_or_default();
    let candidates = match rules.find(name, &message, !body.is_empty(), asking.now_ms) {
        Ok(Some(candidates)) => candidates,
        Ok(None) => return Attempt::Absent,
        Err(refusal) => return Attempt::Refused(refusal),
    };
    for candidate in candidates {
        if is_good(asking, &candidate).await {
            return finish(asking, body, candidate).await;
        }
    }
    Attempt::Refused(Refusal::Invalid)
}

async fn is_good<P: Platform>(asking: &Asking<'_, P>, candidate: &Candidate<'_>) -> bool {
    let Candidate { known, base, signature, .. } = candidate;
    let algorithm = known.algorithm.jose();
    if algorithm.is_symmetric() {
        jose::verify(algorithm, &known.key, base.as_bytes(), signature)
    } else {
        asking.platform.verify(algorithm, &known.key, base.as_bytes(), signature).await
    }
}

/// The body is hashed and the nonce claimed for a sender whose signature is good, and for nobody else.
async fn finish<P: Platform>(asking: &Asking<'_, P>, body: &[u8], candidate: Candidate<'_>) -> Attempt {
    for (digest, expected) in &candidate.digests {
        if !equal(&asking.platform.digest(*digest, body).await, expected) {
            return Attempt::Refused(Refusal::DigestMismatch);
        }
    }
    if let Some((key, claim)) = candidate.claim
        && let Err(attempt) = proof::claim_once(asking, &key, claim, Refusal::Replayed).await
    {
        return attempt;
    }
    Attempt::Proven(Box::new(Proven { consumer: candidate.consumer.into(), tell: None }))
}
