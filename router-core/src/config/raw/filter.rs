//! `filter:` the rules for everyone, and what a route adds to them.

use serde::{Deserialize, Serialize};

use super::Mode;

/// The rules for everyone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "filter"))]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// How paths are normalised before they are matched and forwarded.
    pub path: PathRules,
    /// Who may connect at all.
    pub addresses: Option<AccessLists>,
    /// Cross-origin rules of every route that has none of its own.
    pub cors: Option<Cors>,
}

/// How paths are normalised. One string serves matching and forwarding alike.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "path rules"))]
#[serde(deny_unknown_fields, default)]
pub struct PathRules {
    /// What happens to `%2F`. Default `auto`.
    pub encoded_slash: EncodedSeparator,
    /// What happens to `%5C`. Default `auto`.
    pub encoded_backslash: EncodedSeparator,
    /// Whether `//` is kept as it is. By default runs of slashes become one.
    pub keep_double_slashes: bool,
}

/// What happens to an encoded path separator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EncodedSeparator {
    /// Refused with 400 on routes with authentication or address rules, kept on others.
    #[default]
    Auto,
    /// Kept: it never separates segments.
    Keep,
    /// Refused with 400.
    Reject,
    /// Decoded before anything else looks at the path.
    Unescape,
    /// Answered with 308 to the decoded path.
    Redirect,
}

/// Allowed and denied client addresses. A denied one is refused even if it is allowed; with an `allow` list everyone else is refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "addresses"))]
#[serde(deny_unknown_fields, default)]
pub struct AccessLists {
    /// Addresses and CIDR networks, IPv4 or IPv6, that may pass. Empty: everyone.
    pub allow: Vec<String>,
    /// Addresses and CIDR networks that may not.
    pub deny: Vec<String>,
    /// What to do with the verdict.
    pub mode: Mode,
}

/// Cross-origin resource sharing (Fetch standard).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "cors"))]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// The origins that may read answers.
    pub origins: Vec<OriginMatch>,
    /// The methods a preflight allows. Default: `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `QUERY`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The request headers a preflight allows. Default: those that the preflight asks for.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The response headers a page may read.
    #[serde(default)]
    pub expose: Vec<String>,
    /// Whether cookies and credentials may be sent. Not possible together with the origin `any`.
    #[serde(default)]
    pub credentials: bool,
    /// How long a browser may remember a preflight. Default `10m`.
    #[serde(default)]
    pub max_age: Option<String>,
    /// What to do with the verdict.
    #[serde(default)]
    pub mode: Mode,
}

/// An origin that may read answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OriginMatch {
    /// Any origin.
    Any,
    /// This origin: scheme, host and port if not the default, such as `https://app.example.com`.
    Exact(String),
    /// Origins that this regular expression matches as a whole.
    Regex(String),
}
