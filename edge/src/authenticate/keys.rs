//! The keys of an issuer, from memory, the key-value store or the issuer itself.

mod ask;

use std::time::Duration;

use router_core::authenticate::jose::{Algorithm, Key};
use router_core::authenticate::key_set::{Cause, Decision, Remote, Source};

use super::Asking;
use crate::platform::Platform;

/// How often one token may lead to asking: once for the store, once for the server, once for work that was under way and ended without a result.
const MOST_ROUNDS: usize = 3;

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// These keys may have made the signature; never empty.
    Keys(Vec<Key>),
    /// The issuer has no such key.
    None,
    /// It cannot be told now.
    Unavailable {
        /// For the log.
        reason: String,
        /// When it may be worth trying again.
        retry_after: Option<Duration>,
    },
}

/// Finds the keys of `source` that may have made a signature of `algorithm`, with this `kid` if the token has one.
pub(super) async fn find<P: Platform>(
    asking: &Asking<'_, P>,
    source: &Source,
    kid: Option<&str>,
    algorithm: Algorithm,
) -> Found {
    match source {
        Source::Inline(list) => {
            let keys: Vec<Key> = list.candidates(kid, algorithm).cloned().collect();
            if keys.is_empty() { Found::None } else { Found::Keys(keys) }
        }
        // No server tells a shared secret to whoever asks.
        Source::Remote(_) if algorithm.is_symmetric() => Found::None,
        Source::Remote(remote) => remote_keys(asking.platform, remote, kid, algorithm).await,
    }
}

async fn remote_keys<P: Platform>(platform: &P, remote: &Remote, kid: Option<&str>, algorithm: Algorithm) -> Found {
    let memory = &platform.instance().key_sets;
    let question = memory.borrow_mut().question(remote, kid, algorithm, platform.unix_ms());
    for _ in 0..MOST_ROUNDS {
        let decision = memory.borrow_mut().decide(remote, &question, platform.unix_ms());
        let Decision::Ask(cause) = decision else { return found(platform, remote, decision) };
        // Without a result whoever began it is gone, and the next round begins it again.
        single(platform, remote, cause).await;
    }
    let settled = memory.borrow_mut().settle(remote, &question, platform.unix_ms());
    found(platform, remote, settled)
}

async fn single<P: Platform>(platform: &P, remote: &Remote, cause: Cause) {
    platform.single_flight(&remote.store_key(), ask::ask(platform.clone(), remote.clone(), cause)).await;
}

fn found<P: Platform>(platform: &P, remote: &Remote, decision: Decision) -> Found {
    match decision {
        Decision::Use(keys) => Found::Keys(keys),
        Decision::Refresh(keys) => {
            let (host, remote) = (platform.clone(), remote.clone());
            platform.defer(async move { single(&host, &remote, Cause::Due).await });
            Found::Keys(keys)
        }
        Decision::Unknown => Found::None,
        Decision::Unavailable { reason, retry_after } => Found::Unavailable { reason, retry_after: Some(retry_after) },
        // `settle` never asks.
        Decision::Ask(_) => Found::Unavailable { reason: String::new(), retry_after: None },
    }
}
