//! Telling other instances what this one counts, through the key-value store.

use router_core::config::Gateway;
use router_core::limit::limits::Accuracy;
use router_core::limit::spread::{LIFETIME_S, Neighbours};
use router_core::limit::tally::Item;
use serde_json::json;
use std::time::Duration;

use super::{now, remembered};
use crate::platform::{KvFailure, Platform};

/// Writes what this instance took and reads what the others did, in the background, where a limit of the request wants it and it is time.
pub(super) fn share<P: Platform>(gateway: &Gateway, platform: &P, items: &[Item<'_>]) {
    if !items.iter().any(|item| item.limit().accuracy == Accuracy::LocalKv) {
        return;
    }
    let limits = &gateway.limits;
    let due = remembered::with(platform, limits, |memory| memory.neighbours.is_due(now(platform).monotonic_ms));
    if due {
        let host = platform.clone();
        platform.defer(async move {
            match exchange(&host).await {
                Ok(()) | Err(KvFailure::Absent) => {}
                Err(KvFailure::Failed(why)) => {
                    host.log(json!({"event": "limit_unshared", "reason": why}).to_string());
                }
            }
        });
    }
}

async fn exchange<P: Platform>(platform: &P) -> Result<(), KvFailure> {
    let mut values = Vec::new();
    for key in Neighbours::keys() {
        if let Some(value) = platform.get(&key).await? {
            values.push((key, value.to_vec()));
        }
    }
    let instance = platform.instance();
    let told = match &mut *instance.limits.borrow_mut() {
        Some(memory) => {
            let told = memory.neighbours.exchange(&values, platform.unix_ms());
            told.map(|told| (memory.neighbours.own_key(), told))
        }
        None => None,
    };
    match told {
        Some((key, told)) => platform.put(&key, told.into(), Some(Duration::from_secs(LIFETIME_S))).await,
        None => Ok(()),
    }
}
