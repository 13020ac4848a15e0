//! How exact a limit is: at most so many too much, at most so many too little.

use std::fmt;

use super::limits::{Accuracy, Limit, LimitsPlace};
use super::quota::Counting;
use super::spread;
use crate::config::PlatformName;

/// What a limit promises on a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The limit.
    pub limit: String,
    /// How many more than the quota may be admitted, in a sentence.
    pub too_much: String,
    /// How many fewer than the quota may be admitted although they could be, in a sentence.
    pub too_little: String,
}

impl Bound {
    /// The bound of `limit` on `platform`.
    #[must_use]
    pub fn of(limit: &Limit, platform: PlatformName, store: LimitsPlace) -> Self {
        let quota = limit.quota.units;
        let (too_much, too_little) = match &limit.accuracy {
            Accuracy::Exact => (format!("0 too many, decided by {}", home(platform, store)), "0 too few".to_owned()),
            Accuracy::Leased(rules) => (
                format!("0 too many, with tokens lent by {}", home(platform, store)),
                format!(
                    "at most {} too few for each instance that holds a lease, for up to {} ms after its last request",
                    rules.most, rules.ttl_ms
                ),
            ),
            Accuracy::Local => (
                format!("each instance admits up to {quota} by itself: with N instances up to N times {quota}"),
                "0 too few".to_owned(),
            ),
            Accuracy::LocalKv => (
                format!(
                    "each instance admits up to {quota} by itself, less what it knows of others: with N instances up to N times {quota}; \
                     others mostly know within {} s",
                    2 * spread::LONGEST_INTERVAL_MS / 1000 + delay_s(platform)
                ),
                "as many too few as were given back after others were told".to_owned(),
            ),
            Accuracy::Binding(_) => (
                format!("each of Cloudflare's places admits about {quota} by itself, as its own limiter counts"),
                "not said by the platform".to_owned(),
            ),
        };
        Self { limit: limit.name.clone(), too_much: too_much + &estimate(limit), too_little }
    }
}

/// The sliding window counter promises its estimate.
fn estimate(limit: &Limit) -> String {
    match &limit.quota.counting {
        Counting::SlidingWindow(_) => {
            ", by the estimate of a sliding window; uneven traffic can have up to twice the quota in one window's length".into()
        }
        _ => String::new(),
    }
}

fn home(platform: PlatformName, store: LimitsPlace) -> &'static str {
    match (platform, store) {
        (PlatformName::Workers, _) => "a Durable Object",
        (PlatformName::Spin, _) => "Redis",
        (PlatformName::Native, LimitsPlace::Redis) => "Redis",
        (PlatformName::Native | PlatformName::Memory, _) => "the process itself (several need `native.redis`)",
    }
}

fn delay_s(platform: PlatformName) -> u64 {
    match platform {
        PlatformName::Workers => 60,
        PlatformName::Memory | PlatformName::Native | PlatformName::Spin => 0,
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.too_much, self.too_little)
    }
}
