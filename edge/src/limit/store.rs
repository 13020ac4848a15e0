//! Asking where shared counts live.

use std::time::Duration;

use router_core::limit::Limits;
use router_core::limit::metrics::StoreEvent;
use router_core::limit::owner::{Ask, Said};
use serde_json::json;

use super::remembered;
use crate::platform::{AtomicFailure, Platform};

/// What the store says, in the order of the questions.
///
/// # Errors
/// Why it did not, for the log. A store that fails again and again is left alone for a while.
pub(super) async fn count<P: Platform>(
    platform: &P,
    limits: &Limits,
    asks: &[(String, Ask)],
) -> Result<Vec<Said>, String> {
    let instance = platform.instance();
    if let Err(rest) = remembered::with(platform, limits, |memory| memory.store.admit(platform.unix_ms())) {
        instance.count_store(StoreEvent::Rested);
        return Err(format!("the store of counts failed and is left alone for {} ms", rest.as_millis()));
    }
    let said = platform.count(asks, limits.patience).await;
    let said = said.and_then(|said| {
        if said.len() == asks.len() { Ok(said) } else { Err(AtomicFailure::Failed("it left questions open".into())) }
    });
    remembered::with(platform, limits, |memory| match &said {
        Ok(_) => memory.store.succeeded(platform.unix_ms()),
        Err(_) => memory.store.failed(platform.unix_ms()),
    });
    match said {
        Ok(said) => {
            instance.count_store(StoreEvent::Answered);
            Ok(said)
        }
        Err(failure) => {
            instance.count_store(StoreEvent::Failed);
            Err(why(&failure))
        }
    }
}

/// Tells the store something after the answer, best effort.
pub(super) fn defer<P: Platform>(platform: &P, patience: Duration, asks: Vec<(String, Ask)>) {
    if asks.is_empty() {
        return;
    }
    let host = platform.clone();
    platform.defer(async move {
        if let Err(failure) = host.count(&asks, patience).await {
            host.log(json!({"event": "limit_unsettled", "reason": why(&failure)}).to_string());
        }
    });
}

/// For the log.
pub(super) fn why(failure: &AtomicFailure) -> String {
    match failure {
        AtomicFailure::Absent => "there is no store of counts: none is bound or configured".to_owned(),
        AtomicFailure::Failed(why) => format!("the store of counts failed: {why}"),
    }
}
