//! `limit:` how much everyone may ask for, and where it is counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Mode;

/// How much everyone may ask for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "limit"))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The limits by name. A name is told to clients in `RateLimit-Policy`.
    pub limits: BTreeMap<String, Limit>,
    /// What consumers of a plan have instead, by plan and then by limit.
    pub plans: BTreeMap<String, BTreeMap<String, PlanQuota>>,
    /// The limits of every route that has no `limit` of its own.
    pub default: Vec<String>,
    /// What clients are told on every answer.
    pub fields: LimitFields,
    /// The store in which shared counts live.
    pub store: LimitStore,
    /// Where usage events are sent: what is over a quota, and warnings.
    pub usage: Option<Usage>,
    /// Lowers limits for a while.
    pub brownout: Option<Brownout>,
    /// How many keys an instance remembers for each kind of count; who was not seen for longest is forgotten first. 1000 to 10000000, default 100000.
    pub max_keys: Option<u64>,
}

/// One limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a limit"))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What to do with the verdict. In `shadow` it counts and records, but refuses nobody.
    #[serde(default)]
    pub mode: Mode,
    /// How it is counted. Default `gcra`.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How many units in a window: a number, or a size such as `10MiB` where bytes are counted. For `concurrency`: how many at the same time.
    pub quota: Quantity,
    /// The window: a duration such as `1m`; for `fixed_window` also `minute`, `hour`, `day`, `week`, `month` or `year`. Not for `concurrency`.
    #[serde(default)]
    pub window: Option<String>,
    /// How many units can be had at once, for `gcra` and `token_bucket`. Default: the quota.
    #[serde(default)]
    pub burst: Option<Quantity>,
    /// The time zone in which a day, week, month or year begins: `Europe/Berlin`, `+02:00` or `UTC`, which is the default.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// For `leaky_bucket`: how long a request may wait for its turn. Default `1s`, at most `60s`.
    #[serde(default)]
    pub max_wait: Option<String>,
    /// For `concurrency`: after how long a place is free again although its answer has not ended. Default `60s`.
    #[serde(default)]
    pub hold: Option<String>,
    /// What is counted. Default `requests`.
    #[serde(default)]
    pub unit: Unit,
    /// Of whom it is counted apart; all parts together make one key. Empty: all requests are counted together.
    pub key: Vec<KeyPart>,
    /// What happens to a request that lacks a part of the key. Default `share`.
    #[serde(default)]
    pub missing: MissingKey,
    /// How many units a request takes: a number or a CEL expression that yields an int, such as `size(request.query)`. Default 1.
    #[serde(default)]
    pub cost: Option<Cost>,
    /// What is taken on top when the answer is there; it counts for the next request.
    #[serde(default)]
    pub cost_after: Option<CostAfter>,
    /// Which requests count. Default `all`.
    #[serde(default)]
    pub count: Counted,
    /// Where the count lives, and so how exact it is. Default `exact`.
    #[serde(default)]
    pub accuracy: Accuracy,
    /// For `binding`: the name of the rate limiter in `wrangler.toml`.
    #[serde(default)]
    pub binding: Option<String>,
    /// What happens to a request at the end of the quota. Default `refuse`.
    #[serde(default)]
    pub over: Over,
    /// Percentages of the quota at which a warning is recorded and, with `usage`, sent. Only for `fixed_window`.
    #[serde(default)]
    pub warn_at: Vec<u8>,
    /// What happens when the store cannot be asked. Default `local`.
    #[serde(default)]
    pub on_error: OnError,
}

/// What consumers of a plan have. What is left out is the limit's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a plan's quota"))]
#[serde(deny_unknown_fields, default)]
pub struct PlanQuota {
    /// Whether this limit does not hold for the plan at all.
    pub unlimited: bool,
    /// How many units in a window.
    pub quota: Option<Quantity>,
    /// How many units can be had at once. Default: the plan's quota, if it has one.
    pub burst: Option<Quantity>,
    /// What happens at the end of the quota.
    pub over: Option<Over>,
}

/// A number of units, or a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Quantity {
    /// So many.
    Number(u64),
    /// A size such as `10MiB`.
    Size(String),
}

impl Default for Quantity {
    fn default() -> Self {
        Self::Number(0)
    }
}

/// How a limit is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// The generic cell rate algorithm: what is taken comes back evenly. Exact, and smallest.
    #[default]
    Gcra,
    /// The same count, by the name under which many know it.
    TokenBucket,
    /// Requests wait for their turn, evenly spaced, up to `max_wait`.
    LeakyBucket,
    /// So many in each window, which may be a day or a month of a calendar.
    FixedWindow,
    /// This window and a share of the one before.
    SlidingWindow,
    /// The time of every request: exact in any window, for quotas up to 4096.
    SlidingLog,
    /// So many at the same time.
    Concurrency,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Requests, or whatever `cost` yields.
    #[default]
    Requests,
    /// Bytes of bodies: what the request declares when it comes, what the answer declares when it is there. A body without a length counts as 64 KiB.
    Bytes,
}

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyPart {
    /// Who asks, as its authenticator names it.
    Consumer,
    /// The API key itself: a consumer may have two.
    ApiKey,
    /// The consumer's plan.
    Plan,
    /// The client's address; of IPv6 the first 64 bits, as a client has all the others.
    Address,
    /// The route.
    Route,
    /// The host that is asked for.
    Host,
    /// The client's country, where the platform knows it.
    Country,
    /// A header field.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A claim of the consumer, such as `tenant` or `realm_access.tenant`.
    Claim(String),
}

/// What happens to a request that lacks a part of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MissingKey {
    /// All that lack it are counted together.
    #[default]
    Share,
    /// It is refused with 400.
    Refuse,
    /// The limit does not hold for it.
    Skip,
}

/// How many units a request takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Cost {
    /// So many.
    Number(u64),
    /// What a CEL expression yields.
    Expression(String),
}

/// What is taken when the answer is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostAfter {
    /// The number in this field of the upstream's answer.
    Header(String),
}

/// Which requests count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// All of them.
    #[default]
    All,
    /// Those whose answer has a status below 400. The others are given back what they took.
    Success,
    /// Those whose answer has a status of 400 or more, such as wrong passwords. The others are given back what they took.
    Failure,
}

/// Where a count lives, and so how exact it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Accuracy {
    /// Each request is decided where the count lives: error 0, and a round trip to the store.
    #[default]
    Exact,
    /// The store lends tokens, with which an instance decides by itself: never too many, one round trip a lease.
    Leased,
    /// Each instance counts for itself.
    Local,
    /// Each instance counts for itself and tells the others through the key-value store. For windows of five minutes and more.
    LocalKv,
    /// The rate limiter of the platform (Workers), which counts for each of its places.
    Binding,
}

/// What happens at the end of a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The request is refused.
    #[default]
    Refuse,
    /// It goes on, and what is over is recorded and sent as a usage event. For `fixed_window`.
    Meter,
}

/// What happens when the store cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// Each instance counts for itself meanwhile.
    #[default]
    Local,
    /// The request goes on.
    Allow,
    /// The request is refused with 503.
    Deny,
}

/// What clients are told on every answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "fields"))]
#[serde(deny_unknown_fields, default)]
pub struct LimitFields {
    /// Whether `RateLimit-Policy` and `RateLimit` are left out.
    pub hidden: bool,
    /// Whether the fields name the client's partition (`pk`), a hash of its key.
    pub partition_key: bool,
    /// Whether the old triple `X-RateLimit-Limit`, `-Remaining` and `-Reset` (in seconds from now) is there too.
    pub legacy: bool,
}

/// The store in which shared counts live.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "store"))]
#[serde(deny_unknown_fields, default)]
pub struct LimitStore {
    /// How long a decision may take before `on_error` holds. Default `500ms`, at most `10s`.
    pub timeout: Option<String>,
}

/// Where usage events are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "usage"))]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Whom to tell: each event is a POST of JSON, signed as Standard Webhooks are.
    pub url: String,
    /// The secret that signs, in base64 with or without `whsec_` before it; at least 24 bytes.
    pub secret: String,
}

/// Lowers limits for a while.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "brownout"))]
#[serde(deny_unknown_fields)]
pub struct Brownout {
    /// What is left of the quotas, in percent: 1 to 100. Who is refused meanwhile is told so with 503.
    pub capacity: u8,
    /// The limits that are lowered. Empty: all.
    #[serde(default)]
    pub limits: Vec<String>,
}
