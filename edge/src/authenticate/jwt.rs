//! A JSON Web Token.

use std::sync::Arc;

use router_core::authenticate::jwt::{Rules, Unverified};
use router_core::authenticate::{Attempt, Consumer, MemoryKey, Presented, Proven, Refusal, presented};

use super::keys::{self, Signature, Unavailable};
use super::{Asking, proof};
use crate::platform::Platform;

pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    let (token, dpop) = match presented(&rules.places, asking.head) {
        Presented::Nothing => return Attempt::Absent,
        Presented::Ambiguous => return Attempt::Refused(Refusal::Ambiguous),
        Presented::Credential { text, dpop } => (text, dpop),
    };
    let consumer = match consumer(asking, name, rules, &token).await {
        Ok(consumer) => consumer,
        Err(attempt) => return attempt,
    };
    // Behind everything else: what a proof claims in the store is for owners of good tokens only.
    match proof::check(asking, &rules.proof, &token, dpop, consumer.claims.get("cnf")).await {
        Ok(tell) => Attempt::Proven(Box::new(Proven { consumer, tell })),
        Err(attempt) => attempt,
    }
}

/// Whose a token is: remembered, or read, verified and judged.
async fn consumer<P: Platform>(
    asking: &Asking<'_, P>,
    name: &str,
    rules: &Rules,
    token: &str,
) -> Result<Arc<Consumer>, Attempt> {
    if token.len() > rules.max_size {
        return Err(Attempt::Refused(Refusal::Malformed));
    }
    let instance = asking.platform.instance();
    let key = MemoryKey::of(&asking.gateway.memory_scope, name, token.as_bytes());
    let remembered = instance.tokens.borrow_mut().recall(&key, rules, asking.now_ms);
    if let Some(judged) = remembered {
        return judged.map_err(Attempt::Refused);
    }
    let unverified = Unverified::read(rules, token).map_err(Attempt::Refused)?;
    match keys::verify(asking, &rules.keys, unverified.jws()).await {
        Signature::Good => {}
        Signature::Bad => return Err(Attempt::Refused(Refusal::Invalid)),
        Signature::Unavailable(Unavailable { reason, retry_after }) => {
            return Err(Attempt::Undecided { reason, retry_after });
        }
    }
    let token = unverified.judge(rules, name, asking.now_ms).map_err(Attempt::Refused)?;
    let consumer = Arc::clone(&token.consumer);
    instance.tokens.borrow_mut().remember(key, token, asking.now_ms);
    Ok(consumer)
}
