//! The atomic store: Redis, where `native.redis` names one, and else the memory of the process, which it does not outlive and which no other process
//! shares.

mod claims;
mod counts;
mod redis;
#[path = "../../shared/scripts.rs"]
mod scripts;
#[cfg(test)]
mod server;
#[cfg(test)]
mod table;

use std::time::Duration;

use edge::platform::{Atomic, AtomicFailure};
use router_core::atomic::{Outcome, Transition};
use router_core::limit::owner::{Ask, Said};

use crate::clock;
use crate::platform::Native;

pub(crate) use self::redis::Link;

/// How long connecting to Redis and deciding on what may be used once may take together.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the process keeps in memory. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    claims: claims::Claims,
    counts: counts::Counts,
}

impl Atomic for Native {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let Some(address) = &self.loaded.gateway.native.redis else {
            return self.thread.ledger.claims.decide(key, &transition, clock::unix_ms());
        };
        let call = scripts::transition(key, &transition);
        let numbers = self.thread.redis.call(address, &call, PATIENCE).await?;
        scripts::outcome(&numbers).map_err(AtomicFailure::Failed)
    }

    async fn count(&self, asked: &[(String, Ask)], patience: Duration) -> Result<Vec<Said>, AtomicFailure> {
        let Some(address) = &self.loaded.gateway.native.redis else {
            return self.thread.ledger.counts.count(asked, clock::unix_ms());
        };
        let numbers = self.thread.redis.call(address, &scripts::count(asked), patience).await?;
        scripts::said(&numbers, asked.len()).map_err(AtomicFailure::Failed)
    }
}
