//! The limits of a gateway, checked.

use std::time::Duration;

use http::HeaderName;

use super::algorithm::LARGEST_QUOTA;
use super::part::Part;
use super::quota::Quota;
use super::usage::Reporting;
use crate::authenticate::authorize::{Asked, Number};
use crate::filter::Mode;
use crate::receive::BodyLength;

/// A body of which nobody says how long it is counts as so many bytes, so that leaving the length out is no way around a limit.
pub const UNKNOWN_LENGTH: u64 = 64 << 10;

/// The limits of a gateway.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// By the index that routes use.
    pub limits: Vec<Limit>,
    /// What clients are told.
    pub fields: Fields,
    /// How long a decision of the store may take.
    pub patience: Duration,
    /// Where usage events go.
    pub usage: Option<Reporting>,
    /// How many keys an instance remembers for each kind of count.
    pub max_keys: usize,
}

/// A limit.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// What to do with its verdict; never off.
    pub mode: Mode,
    /// How much there is for those who have no plan with a quota of its own.
    pub quota: Quota,
    /// What consumers of a plan have instead; `None`: as much as they like.
    pub plans: Vec<(String, Option<Quota>)>,
    /// Of whom it is counted apart.
    pub key: Vec<Part>,
    /// What happens to a request that lacks a part.
    pub missing: Missing,
    /// What is counted.
    pub unit: Unit,
    /// How many units a request takes.
    pub cost: Cost,
    /// The field of an answer that says how many more it took.
    pub cost_after: Option<HeaderName>,
    /// Which requests count.
    pub counts: Counts,
    /// Where the count lives.
    pub accuracy: Accuracy,
    /// Percentages at which a warning is recorded, ascending.
    pub warn_at: Vec<u8>,
    /// What happens where the store cannot be asked.
    pub on_error: OnError,
    /// Whether it is lowered for a while.
    pub lowered: bool,
}

/// What happens to a request that lacks a part of the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// All of them are counted together.
    #[default]
    Share,
    /// It is refused.
    Refuse,
    /// The limit does not hold for it.
    Skip,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Requests, or what they cost.
    #[default]
    Requests,
    /// Bytes of bodies.
    Bytes,
}

/// How many units a request takes.
#[derive(Clone, Debug)]
pub enum Cost {
    /// So many.
    Fixed(u64),
    /// What an expression yields.
    Expression(Number),
}

/// Which requests count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counts {
    /// All.
    #[default]
    All,
    /// Those whose answer has a status below 400.
    Success,
    /// Those whose answer has a status of 400 or more.
    Failure,
}

/// Where a count lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accuracy {
    /// Where it is decided: error 0.
    #[default]
    Exact,
    /// At an owner that lends tokens.
    Leased(LeaseRules),
    /// In each instance.
    Local,
    /// In each instance, and told to the others through the key-value store.
    LocalKv,
    /// At the platform's own limiter of this name.
    Binding(String),
}

/// How tokens are lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseRules {
    /// How long a lease lasts, in milliseconds.
    pub ttl_ms: u64,
    /// The most tokens of one.
    pub most: u64,
}

/// The longest lease. What an instance that went away has not used is lost for so long.
const LONGEST_LEASE_MS: u64 = 10_000;

/// The shortest lease: below it the way to the owner would take most of it.
const SHORTEST_LEASE_MS: u64 = 100;

impl LeaseRules {
    /// At most this part of what is left is lent at once, so that leases are small near the limit.
    pub const SHARE: u64 = 8;

    /// How tokens of a quota are lent: for a quarter of its window, and at most a quarter of it at once.
    #[must_use]
    pub fn of(quota: u64, window_ms: u64) -> Self {
        Self { ttl_ms: (window_ms / 4).clamp(SHORTEST_LEASE_MS, LONGEST_LEASE_MS), most: (quota / 4).max(1) }
    }
}

/// Where a native gateway keeps shared counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsPlace {
    /// In its own memory.
    Process,
    /// In Redis.
    Redis,
}

/// What happens where the store cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The instance counts for itself.
    #[default]
    Local,
    /// The request goes on.
    Allow,
    /// The request is refused.
    Deny,
}

/// What clients are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Nothing of `RateLimit-Policy` and `RateLimit`.
    pub hidden: bool,
    /// Their partition.
    pub partition_key: bool,
    /// The old triple.
    pub legacy: bool,
}

impl Limit {
    /// The quota that holds for a plan; `None` where there is none.
    #[must_use]
    pub fn quota(&self, plan: Option<&str>) -> Option<&Quota> {
        let own = plan.and_then(|plan| self.plans.iter().find(|(name, _)| name == plan));
        match own {
            Some((_, quota)) => quota.as_ref(),
            None => Some(&self.quota),
        }
    }

    /// How many units a request takes when it comes, and why an expression could not tell: then it takes one.
    #[must_use]
    pub fn cost(&self, asked: &Asked<'_>) -> (u64, Option<String>) {
        match &self.cost {
            Cost::Fixed(cost) => (*cost, None),
            Cost::Expression(number) => match number.of(asked) {
                Ok(cost) => (cost.min(LARGEST_QUOTA), None),
                Err(failure) => (1, Some(format!("the cost of `{}` could not be told: {failure}", self.name))),
            },
        }
    }
}

/// The bytes of a body, as far as its length is told.
#[must_use]
pub fn bytes(body: BodyLength) -> u64 {
    match body {
        BodyLength::Exactly(length) => length.min(LARGEST_QUOTA),
        BodyLength::Unknown => UNKNOWN_LENGTH,
    }
}
