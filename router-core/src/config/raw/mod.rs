//! The shape of `tidegate.yaml`: a plain serde tree that knows nothing yet about meaning.
//!
//! Unknown keys are refused everywhere, every container has its defaults on the struct, and text that has a grammar of its own (durations,
//! sizes, networks, patterns) stays text here and is parsed by [`super::compile()`], which can point at it.

pub mod authenticate;
pub mod cache;
mod filter;
pub mod limit;
mod native;
mod receive;
mod respond;
mod route;
mod upstream;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use authenticate::Authenticate;
pub use filter::{AccessLists, Cors, EncodedSeparator, Filter, OriginMatch, PathRules};
pub use native::{ClientCertificates, Listener, ListenerProtocols, ListenerTls, Native};
pub use receive::{ClientAddressField, Receive, RequestId};
pub use respond::{AccessLog, Respond};
pub use route::{
    Action, Echo, FixedAnswer, HeaderEdits, Match, PathMatch, Purge, Redirect, RegexRewrite, ReplacePrefix,
    RequestEdits, ResponseEdits, Rewrite, Route, RouteFilter, RouteReceive, TrailingSlash, Upgrade, ValueMatch,
};
pub use upstream::{
    Dispatch, ForwardedHeaders, Target, Timeouts, Upstream, UpstreamHost, UpstreamProtocol, UpstreamTls,
};

/// The whole configuration document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "the document"))]
#[serde(deny_unknown_fields, default)]
pub struct Document {
    /// The version of this format. Only 1 exists, which is the default.
    pub version: Option<u32>,
    /// The name of this gateway in `Via`, in logs and in loop detection. Give each gateway of a chain its own. Default `tidegate`.
    pub name: Option<String>,
    /// What makes a request well-formed, and who sent it.
    pub receive: Receive,
    /// The rules for everyone: path normalisation, addresses, CORS.
    pub filter: Filter,
    /// The named services behind the gateway.
    pub upstreams: BTreeMap<String, Upstream>,
    /// What is asked for, and where it goes.
    pub routes: Vec<Route>,
    /// Who asks, and may they?
    pub authenticate: Authenticate,
    /// May they ask now?
    pub limit: limit::Limits,
    /// Do we have the answer already?
    pub cache: cache::Caches,
    /// What every upstream is told, beside what a route says.
    pub dispatch: Dispatch,
    /// How answers are shaped, labelled and recorded.
    pub respond: Respond,
    /// How a newer document replaces this one at run time.
    pub reload: Reload,
    /// Settings of the native platform only: listeners, TLS, drain.
    pub native: Native,
}

/// How a newer document replaces the running one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "reload"))]
#[serde(deny_unknown_fields, default)]
pub struct Reload {
    /// How often an instance on workers or spin looks into the key-value store for a newer document (key `tidegate/gateway`, JSON).
    /// `0s` never looks. Default `60s`. Natively the file is watched instead.
    pub interval: Option<String>,
}

/// What a policy does with its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Decide and act.
    #[default]
    Enforce,
    /// Decide and record, but let through.
    Shadow,
    /// Do nothing.
    Off,
}
