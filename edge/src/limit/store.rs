//! Asking where shared counts live.

use std::time::Duration;

use router_core::limit::Limits;
use router_core::limit::key::LocalKey;
use router_core::limit::owner::{Ask, Said};
use router_core::metrics::StoreEvent;
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

/// Tells the store something after the answer, best effort. `freed`: whose refusals do not hold any longer when it knows.
pub(super) fn defer<P: Platform>(platform: &P, patience: Duration, asks: Vec<(String, Ask)>, freed: Vec<LocalKey>) {
    if asks.is_empty() {
        return;
    }
    let host = platform.clone();
    platform.defer(async move {
        match host.count(&asks, patience).await {
            Ok(_) => {
                if let Some(memory) = &mut *host.instance().limits.borrow_mut() {
                    freed.iter().for_each(|key| memory.denied.forget(key));
                }
            }
            Err(failure) => host.log(json!({"event": "limit_unsettled", "reason": why(&failure)}).to_string()),
        }
    });
}

/// Why a limiter of the platform could not be asked, for the log.
pub(super) fn why_not_within(binding: &str, failure: &AtomicFailure) -> String {
    match failure {
        AtomicFailure::Absent => format!("there is no rate limiter `{binding}`: none of that name is bound"),
        AtomicFailure::Failed(why) => format!("the rate limiter `{binding}` failed: {why}"),
    }
}

/// For the log.
fn why(failure: &AtomicFailure) -> String {
    match failure {
        AtomicFailure::Absent => "there is no store of counts: none is bound or configured".to_owned(),
        AtomicFailure::Failed(why) => format!("the store of counts failed: {why}"),
    }
}
