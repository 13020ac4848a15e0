//! `routes:` a match and the policies that hold for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authenticate::Policy;
use super::{AccessLists, Cors, Timeouts};

/// A match and the policies that hold for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a route"))]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The name of the route in logs, metrics and `explain`: unique.
    pub name: String,
    /// The requests that this route takes. Left out: all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// Limits of this route.
    #[serde(default)]
    pub receive: RouteReceive,
    /// Address and cross-origin rules of this route.
    #[serde(default)]
    pub filter: RouteFilter,
    /// Who may use this route, instead of `authenticate.default`. Redirects are answered before anybody is asked who they are.
    #[serde(default)]
    pub authenticate: Option<Policy>,
    /// The limits of this route, by name, instead of `limit.default`. Empty: none.
    #[serde(default)]
    pub limit: Option<Vec<String>>,
    /// The rule by which answers of this route are stored, by name, instead of `cache.default`; or `off`. Only for routes to an upstream.
    #[serde(default)]
    pub cache: Option<String>,
    /// How the path is changed on its way to the upstream.
    #[serde(default)]
    pub rewrite: Option<Rewrite>,
    /// Edits of the request on its way to the upstream.
    #[serde(default)]
    pub request: RequestEdits,
    /// Edits of the response on its way to the client.
    #[serde(default)]
    pub response: ResponseEdits,
    /// Deadlines of this route; what is left out is the upstream's.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Protocols that a client may switch to.
    #[serde(default)]
    pub upgrade: Vec<Upgrade>,
    /// Who answers.
    pub to: Action,
}

/// The requests that a route takes. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a match"))]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// Host names, exact or `*.example.com`. Empty: any.
    pub hosts: Vec<String>,
    /// Paths, any of which may match. Empty: any.
    pub paths: Vec<PathMatch>,
    /// Methods: any token. `GET` includes `HEAD`. Empty: any.
    pub methods: Vec<String>,
    /// Request headers, all of which must match. Repeated fields are compared joined by `, `.
    pub headers: BTreeMap<String, ValueMatch>,
    /// Query parameters, all of which must match; of a repeated one any value may.
    pub query: BTreeMap<String, ValueMatch>,
    /// Overrides every other order: the highest wins. Default 0.
    pub priority: i32,
    /// What a slash at the end of the path means.
    pub trailing_slash: TrailingSlash,
}

/// What a slash at the end of the path means to exact paths and templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrailingSlash {
    /// `/a` and `/a/` differ.
    #[default]
    Exact,
    /// `/a` and `/a/` are the same to the route.
    Ignore,
    /// The other spelling is answered with 308 to the one that is written.
    Redirect,
}

/// A path, matched after normalisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PathMatch {
    /// This path and no other.
    Exact(String),
    /// This path and all below it, by segment: `/foo` takes `/foo/bar`, never `/foobar`.
    Prefix(String),
    /// A path with parameters: `/users/{id}`, `/v{major}.{minor}/{*rest}`.
    Template(String),
    /// A regular expression that matches the whole path. Named groups become parameters.
    Regex(String),
}

/// What a header or a query parameter must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueMatch {
    /// There, with any value.
    Present,
    /// Not there.
    Absent,
    /// This value.
    Exact(String),
    /// A value that this regular expression matches as a whole.
    Regex(String),
}

/// Limits of one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "receive"))]
#[serde(deny_unknown_fields, default)]
pub struct RouteReceive {
    /// The largest request body of this route, else 413.
    pub max_body: Option<String>,
}

/// Address and cross-origin rules of one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "filter"))]
#[serde(deny_unknown_fields, default)]
pub struct RouteFilter {
    /// Who may use this route, beside the rules for everyone.
    pub addresses: Option<AccessLists>,
    /// Cross-origin rules, instead of those for everyone.
    pub cors: Option<Cors>,
}

/// How the path is changed on its way to the upstream. The query is kept byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rewrite {
    /// Removes these leading segments and tells the upstream in `X-Forwarded-Prefix`.
    StripPrefix(String),
    /// Replaces leading segments by others.
    ReplacePrefix(ReplacePrefix),
    /// Replaces what a regular expression matches.
    Regex(RegexRewrite),
    /// A new path made of the route's parameters: `/items/{id}`.
    Template(String),
}

/// Replaces leading segments by others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "replace_prefix"))]
#[serde(deny_unknown_fields)]
pub struct ReplacePrefix {
    /// The leading segments to replace.
    pub from: String,
    /// What stands there instead.
    pub to: String,
}

/// Replaces what a regular expression matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "regex"))]
#[serde(deny_unknown_fields)]
pub struct RegexRewrite {
    /// The expression; every match in the path is replaced.
    pub pattern: String,
    /// The replacement; `${name}` and `$1` stand for groups.
    pub substitution: String,
}

/// Edits of a request on its way to the upstream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "request"))]
#[serde(deny_unknown_fields, default)]
pub struct RequestEdits {
    /// Header edits.
    pub headers: HeaderEdits,
}

/// Edits of a response on its way to the client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "response"))]
#[serde(deny_unknown_fields, default)]
pub struct ResponseEdits {
    /// Header edits.
    pub headers: HeaderEdits,
}

/// Edits of headers: first `remove`, then `set`, then `add`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "headers"))]
#[serde(deny_unknown_fields, default)]
pub struct HeaderEdits {
    /// Fields to take out.
    pub remove: Vec<String>,
    /// Fields to replace, or to add where absent.
    pub set: BTreeMap<String, String>,
    /// Fields to add beside what is there.
    pub add: BTreeMap<String, String>,
}

/// A protocol that a client may switch to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// WebSocket (RFC 6455), passed through.
    Websocket,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The upstream of this name.
    Upstream(String),
    /// A redirect.
    Redirect(Redirect),
    /// A fixed answer.
    Respond(FixedAnswer),
    /// The built-in upstream that reflects the request as JSON.
    Echo(Echo),
    /// Purges stored answers. Such a route needs an `authenticate` policy.
    Purge(Purge),
}

/// A redirect. What is left out is taken from the request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "redirect"))]
#[serde(deny_unknown_fields, default)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308. Default 308.
    pub status: Option<u16>,
    /// `http` or `https`.
    pub scheme: Option<String>,
    /// The host, with a port if it is not the default.
    pub host: Option<String>,
    /// The path, which may use the route's parameters: `/new/{id}`.
    pub path: Option<String>,
    /// Whether the query is left out.
    pub drop_query: bool,
}

/// A fixed answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "respond"))]
#[serde(deny_unknown_fields, default)]
pub struct FixedAnswer {
    /// 200 to 599. Default 200.
    pub status: Option<u16>,
    /// Header fields.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// The built-in upstream that reflects the request as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "echo"))]
#[serde(deny_unknown_fields, default)]
pub struct Echo {
    /// The most bytes of the request body that are shown. Default `16KiB`, at most `1MiB`.
    pub max_body: Option<String>,
}

/// Purges stored answers, as the request says which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "purge"))]
#[serde(deny_unknown_fields, default)]
pub struct Purge {}
