//! Whether an issuer has signed a token, by its keys from memory, the key-value store or the issuer itself.

mod ask;

use std::time::Duration;

use router_core::authenticate::jose::{self, Jws, Key};
use router_core::authenticate::key_set::{Cause, Decision, Question, Remote, Source};

use super::Asking;
use crate::platform::Platform;

/// How often one question may lead to asking: once for the store, once for the server, once for work that was under way and ended without a result.
const MOST_ROUNDS: usize = 3;

/// What came of a look at a signature.
#[derive(Debug)]
pub(super) enum Signature {
    /// A key of the issuer has made it.
    Good,
    /// None has.
    Bad,
    /// It cannot be told now.
    Unavailable(Unavailable),
}

/// The keys cannot be had.
#[derive(Debug)]
pub(super) struct Unavailable {
    /// For the log.
    pub(super) reason: String,
    /// When it may be worth trying again.
    pub(super) retry_after: Option<Duration>,
}

/// Whether a key of `source` has signed `jws`.
pub(super) async fn verify<P: Platform>(asking: &Asking<'_, P>, source: &Source, jws: &Jws<'_>) -> Signature {
    let platform = asking.platform;
    match source {
        Source::Inline(list) => {
            let keys: Vec<Key> = list.candidates(jws.kid(), jws.algorithm).cloned().collect();
            if is_signed(platform, jws, &keys).await { Signature::Good } else { Signature::Bad }
        }
        // No server tells a shared secret to whoever asks.
        Source::Remote(_) if jws.algorithm.is_symmetric() => Signature::Bad,
        Source::Remote(remote) => by_remote(platform, remote, jws).await.unwrap_or_else(Signature::Unavailable),
    }
}

async fn by_remote<P: Platform>(platform: &P, remote: &Remote, jws: &Jws<'_>) -> Result<Signature, Unavailable> {
    let question =
        platform.instance().key_sets.borrow_mut().question(remote, jws.kid(), jws.algorithm, platform.unix_ms());
    let tried = find(platform, remote, &question).await?;
    if is_signed(platform, jws, &tried).await {
        return Ok(Signature::Good);
    }
    // Where no id tells them apart, a newer key may have taken their place.
    let Some(question) = question.unverified(&tried, &jws.signature) else { return Ok(Signature::Bad) };
    let newer = find(platform, remote, &question).await?;
    Ok(if is_signed(platform, jws, &newer).await { Signature::Good } else { Signature::Bad })
}

/// The keys that may have made the signature; none if the issuer has no such key.
async fn find<P: Platform>(platform: &P, remote: &Remote, question: &Question<'_>) -> Result<Vec<Key>, Unavailable> {
    let memory = &platform.instance().key_sets;
    for _ in 0..MOST_ROUNDS {
        let decision = memory.borrow_mut().decide(remote, question, platform.unix_ms());
        let Decision::Ask(cause) = decision else { return found(platform, remote, decision) };
        // Without a result whoever began it is gone, and the next round begins it again.
        single(platform, remote, cause).await;
    }
    let settled = memory.borrow_mut().settle(remote, question, platform.unix_ms());
    found(platform, remote, settled)
}

async fn single<P: Platform>(platform: &P, remote: &Remote, cause: Cause) {
    platform.single_flight(&remote.store_key(), ask::ask(platform.clone(), remote.clone(), cause)).await;
}

fn found<P: Platform>(platform: &P, remote: &Remote, decision: Decision) -> Result<Vec<Key>, Unavailable> {
    match decision {
        Decision::Use(keys) => Ok(keys),
        Decision::Refresh(keys) => {
            let (host, remote) = (platform.clone(), remote.clone());
            platform.defer(async move { single(&host, &remote, Cause::Due).await });
            Ok(keys)
        }
        Decision::Unknown => Ok(Vec::new()),
        Decision::Unavailable { reason, retry_after } => Err(Unavailable { reason, retry_after: Some(retry_after) }),
        // `settle` never asks.
        Decision::Ask(_) => Err(Unavailable { reason: String::new(), retry_after: None }),
    }
}

/// Whether one of `keys` signed it. A MAC is checked here, because that takes less time than asking a host.
async fn is_signed<P: Platform>(platform: &P, jws: &Jws<'_>, keys: &[Key]) -> bool {
    let message = jws.signed.as_bytes();
    for key in keys {
        let signed = if jws.algorithm.is_symmetric() {
            jose::verify(jws.algorithm, key, message, &jws.signature)
        } else {
            platform.verify(jws.algorithm, key, message, &jws.signature).await
        };
        if signed {
            return true;
        }
    }
    false
}
