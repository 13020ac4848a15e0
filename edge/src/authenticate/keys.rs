//! The keys of an issuer, from memory, the key-value store or the issuer itself.

use std::time::Duration;

use router_core::authenticate::jose::{Algorithm, Key};
use router_core::authenticate::key_set::Source;

use super::Asking;
use crate::platform::Platform;

/// What was found.
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
    _asking: &Asking<'_, P>,
    source: &Source,
    kid: Option<&str>,
    algorithm: Algorithm,
) -> Found {
    match source {
        Source::Inline(list) => of(list.candidates(kid, algorithm).cloned().collect()),
        Source::Remote(remote) => {
            Found::Unavailable { reason: format!("the keys at {} are not known", remote.asked()), retry_after: None }
        }
    }
}

fn of(keys: Vec<Key>) -> Found {
    if keys.is_empty() { Found::None } else { Found::Keys(keys) }
}
