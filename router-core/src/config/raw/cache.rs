//! `cache:` what is stored of which answers, for whom and for how long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Mode;

/// What is stored of which answers, for whom and for how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "cache"))]
#[serde(deny_unknown_fields, default)]
pub struct Caches {
    /// The rules by name. No rule is called `off`.
    pub rules: BTreeMap<String, CacheRule>,
    /// The rule of every route that asks an upstream and has no `cache` of its own.
    pub default: Option<String>,
    /// Whether clients are told what the cache did, in `Cache-Status` (RFC 9211). Default true.
    pub status: Option<bool>,
    /// The name in `Cache-Status`: 1 to 64 visible characters or spaces. Default: the name of the gateway.
    pub name: Option<String>,
    /// How much a native process keeps in memory: `1MiB` to `1024GiB`, default `64MiB`.
    pub memory: Option<String>,
}

/// What is stored of a route's answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a rule"))]
#[serde(deny_unknown_fields, default)]
pub struct CacheRule {
    /// What to do with what is found. In `shadow` everything is looked up and stored, but the upstream is asked all the same.
    pub mode: Mode,
    /// Methods whose answers are stored: of `GET`, `HEAD` and `QUERY`. Default `GET` and `HEAD`.
    pub methods: Option<Vec<String>>,
    /// Whose word counts on what may be stored and for how long. Default `respect`.
    pub freshness: Freshness,
    /// How long an answer is fresh of which the upstream says nothing; with `freshness: override` any. `0s`: it is always validated.
    pub ttl: Option<String>,
    /// The same by status, before `ttl`: `"404"`, a range such as `"200-299"`, or a class such as `"5xx"`. The most specific holds.
    pub ttl_by_status: BTreeMap<String, String>,
    /// No answer is fresh for longer, whoever says so.
    pub max_ttl: Option<String>,
    /// Guesses freshness from `Last-Modified` (RFC 9111 section 4.2.2) where nobody says it. Left out: it is not guessed.
    pub heuristic: Option<Heuristic>,
    /// For how long a stale answer is given while a new one is fetched (RFC 5861 section 3), where the upstream says nothing.
    pub stale_while_revalidate: Option<String>,
    /// For how long a stale answer is given where the upstream fails (RFC 5861 section 4), where it says nothing.
    pub stale_if_error: Option<String>,
    /// So long before an answer gets stale a new one is fetched, while the old one is given.
    pub refresh_early: Option<String>,
    /// What makes answers different beside their URL.
    pub vary_by: VaryBy,
    /// What becomes of answers to those who are known. Left out: each has answers of their own, and none is stored for a request with
    /// `Authorization` unless the upstream allows it (RFC 9111 section 3.5).
    pub identified: Option<Identified>,
    /// What becomes of answers that set cookies. Default `refuse`.
    pub set_cookie: SetCookie,
    /// The largest body that is stored. Default `4MiB`, at most `512MiB`.
    pub max_size: Option<String>,
    /// Requests that the cache has nothing to do with: a CEL expression, such as `"preview" in request.query`.
    pub bypass: Option<String>,
    /// Whether `Cache-Control` of requests counts. Default true.
    pub client_directives: Option<bool>,
    /// Under which names answers can be purged together; `{id}` stands for a parameter of the route.
    pub tags: Vec<String>,
    /// Fields of answers that name more tags. Default `Cache-Tag` and `Surrogate-Key`.
    pub tag_headers: Option<Vec<String>>,
    /// Whether an answer without a validator is given an entity tag.
    pub etag: bool,
    /// How long one request waits for another that has asked for the same. `0s`: each asks by itself. Default `5s`, at most `60s`.
    pub coalesce: Option<String>,
    /// Requests whose success makes all answers of this rule worthless: a method and a path, such as `PUT /v1/categories/*`. `*` is any
    /// segment, at the end one or more.
    pub invalidate_on: Vec<String>,
}

/// Whose word counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// The upstream's, where it has one.
    #[default]
    Respect,
    /// The rule's, whatever the upstream says. It needs a `ttl`.
    Override,
}

/// Guessing freshness by the time since the last change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "heuristic"))]
#[serde(deny_unknown_fields, default)]
pub struct Heuristic {
    /// So many percent of it: 1 to 100. Default 10.
    pub percent: Option<u8>,
    /// But never longer than this. Default `1d`.
    pub most: Option<String>,
}

/// What makes answers different beside their URL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "vary_by"))]
#[serde(deny_unknown_fields, default)]
pub struct VaryBy {
    /// Header fields.
    pub headers: Vec<String>,
    /// Which parameters of the query. Left out: the query, byte for byte.
    pub query: Option<QueryRule>,
    /// Cookies.
    pub cookies: Vec<String>,
    /// Claims of the consumer, such as `tenant` or `realm_access.tenant`.
    pub claims: Vec<String>,
    /// The consumer.
    pub consumer: bool,
    /// The consumer's plan.
    pub plan: bool,
    /// What kind of device asks: mobile, tablet or desktop.
    pub device: bool,
}

/// Which parameters of a query make a difference, by their names as they stand in URLs. The order of parameters makes none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueryRule {
    /// Only these.
    Only(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

/// What becomes of answers to those who are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Identified {
    /// Each has answers of their own.
    Apart,
    /// They are shared, also with those who are not known.
    Together,
    /// They are not stored.
    Bypass,
}

/// What becomes of answers that set cookies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SetCookie {
    /// They are not stored.
    #[default]
    Refuse,
    /// They are stored without.
    Strip,
    /// They are stored with them: whoever asks next gets the cookies of whoever asked first.
    Store,
}
