//! Keys.

use std::time::Duration;

use router_core::authenticate::jose::{Algorithm, Key};
use router_core::authenticate::key_set::Source;

use super::Asking;
use crate::platform::Platform;

pub(super) enum Found {
    Keys(Vec<Key>),
    None,
    #[allow(dead_code)]
    Unavailable {
        reason: String,
        retry_after: Option<Duration>,
    },
}

pub(super) async fn find<P: Platform>(
    _asking: &Asking<'_, P>,
    source: &Source,
    kid: Option<&str>,
    algorithm: Algorithm,
) -> Found {
    let Source::Inline(list) = source;
    let keys: Vec<Key> = list.candidates(kid, algorithm).cloned().collect();
    if keys.is_empty() { Found::None } else { Found::Keys(keys) }
}
