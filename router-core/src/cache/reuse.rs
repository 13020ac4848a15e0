//! May a stored answer be given, and how? RFC 9111 sections 4.2 and 4.2.4, RFC 5861, RFC 8246.

use http::StatusCode;

use super::directives::Wishes;
use super::entry::{Entry, Validation};
use super::rule::Rule;
use crate::rejection::Rejection;

/// What may be done with a stored answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It is given.
    Fresh,
    /// It is given, and a new one is fetched in the meantime, as it will soon be stale.
    Early,
    /// It is given although it is stale, because the client takes it so.
    Accepted,
    /// It is given although it is stale, and a new one is fetched in the meantime.
    WhileRevalidating,
    /// The upstream has to be asked first: it is stale, or must be validated always.
    Stale,
    /// The upstream has to be asked first, because the client wants that.
    Request,
}

/// How old a stored answer is, and for how long it is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// Since it was made, in milliseconds. A clock that was set back makes nothing older.
    pub age_ms: u64,
    /// So long is it fresh, counted from its making.
    pub lifetime_ms: u64,
}

impl Age {
    /// Of `entry`; one that was purged softly at `purged_ms` is stale since then.
    #[must_use]
    pub fn of(entry: &Entry, now_ms: u64, purged_ms: Option<u64>) -> Self {
        let at = |moment_ms: u64| entry.initial_age_ms.saturating_add(moment_ms.saturating_sub(entry.stored_ms));
        let lifetime_ms = entry.lifetime_ms.min(purged_ms.map_or(u64::MAX, at));
        Self { age_ms: at(now_ms), lifetime_ms }
    }

    /// Whether it is fresh.
    #[must_use]
    pub fn is_fresh(self) -> bool {
        self.lifetime_ms > self.age_ms
    }

    /// For how long it is fresh yet, in seconds; less than 0 where it is stale.
    #[must_use]
    pub fn ttl_s(self) -> i64 {
        let signed = |ms: u64| i64::try_from(ms / 1000).unwrap_or(i64::MAX);
        signed(self.lifetime_ms).saturating_sub(signed(self.age_ms))
    }

    fn staleness_ms(self) -> u64 {
        self.age_ms.saturating_sub(self.lifetime_ms)
    }

    fn left_ms(self) -> u64 {
        self.lifetime_ms.saturating_sub(self.age_ms)
    }

    /// Whether it may be given where the upstream fails: never with `no-cache`, however fresh it is (RFC 9111 section 5.2.2.4).
    #[must_use]
    pub fn stands_in(self, entry: &Entry) -> bool {
        let is_young = self.is_fresh() || self.staleness_ms() < entry.stale_if_error_ms;
        entry.validation != Validation::Always && is_young
    }
}

/// What may be done with a stored answer of this age.
#[must_use]
pub fn reuse(rule: &Rule, entry: &Entry, age: Age, wishes: &Wishes) -> Reuse {
    let too_old = |most_s: u64| age.age_ms > most_s.saturating_mul(1000);
    if wishes.no_cache {
        return Reuse::Request;
    }
    if entry.validation == Validation::Always {
        return Reuse::Stale;
    }
    // What does not change needs no look at whether it did, only because somebody reloads a page (RFC 8246 section 2).
    let reloads = wishes.max_age == Some(0);
    if wishes.max_age.is_some_and(too_old) && !(reloads && entry.is_immutable && age.is_fresh()) {
        return if age.is_fresh() { Reuse::Request } else { Reuse::Stale };
    }
    if let Some(least_s) = wishes.min_fresh
        && age.is_fresh()
        && age.left_ms() < least_s.saturating_mul(1000)
    {
        return Reuse::Request;
    }
    if age.is_fresh() {
        let early_ms = rule.refresh_early.map_or(0, super::freshness::millis);
        return if age.left_ms() <= early_ms { Reuse::Early } else { Reuse::Fresh };
    }
    // Who names an age takes nothing stale, unless they say that they do (RFC 9111 section 5.2.1.1).
    if wishes.min_fresh.is_some() || (wishes.max_age.is_some() && wishes.max_stale.is_none()) {
        return Reuse::Stale;
    }
    if entry.validation == Validation::MayBeStale
        && wishes.max_stale.is_some_and(|most_s| age.staleness_ms() <= most_s.saturating_mul(1000))
    {
        return Reuse::Accepted;
    }
    if age.staleness_ms() < entry.stale_while_revalidate_ms { Reuse::WhileRevalidating } else { Reuse::Stale }
}

/// Answers in place of which a stored one may stand (RFC 5861 section 4).
#[must_use]
pub fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// Whether a rejection says that no upstream answered.
#[must_use]
pub fn is_unanswered(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::UpstreamFailed(_) | Rejection::UpstreamTimeout | Rejection::NoTarget)
}

#[cfg(test)]
mod tests;
