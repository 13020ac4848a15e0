//! `upstreams:` the named services behind the gateway, and `dispatch:` what each of them is told.

use serde::{Deserialize, Serialize};

use super::authenticate::Signing;

/// A named service behind the gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "an upstream"))]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Where it is. At least one.
    pub targets: Vec<Target>,
    /// Deadlines of every request to it.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// The protocol that its targets speak.
    #[serde(default)]
    pub protocol: UpstreamProtocol,
    /// The `Host` that it is told.
    #[serde(default)]
    pub host: UpstreamHost,
    /// TLS towards it (native only; Workers and Spin bring their own).
    #[serde(default)]
    pub tls: Option<UpstreamTls>,
    /// How requests to it are signed (RFC 9421). Left out: they are not.
    #[serde(default)]
    pub sign: Option<Signing>,
}

/// One place where an upstream is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a target"))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// `http://` or `https://`, host, port if not the default, and a path that every request starts with if there is one.
    pub url: String,
}

/// Deadlines. A duration is a number with a unit: `250ms`, `5s`, `2m`, `1h`; `0s` means none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "timeouts"))]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Until a connection stands, TLS included. Default `5s`.
    pub connect: Option<String>,
    /// From the request sent to the response head. Default `30s`.
    pub first_byte: Option<String>,
    /// Between two pieces of a body. Default `60s`.
    pub idle: Option<String>,
    /// For the whole exchange, bodies included. Default none.
    pub total: Option<String>,
}

/// The protocol that the targets of an upstream speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum UpstreamProtocol {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only; without TLS with prior knowledge (native only).
    Http2,
}

/// The `Host` that an upstream is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum UpstreamHost {
    /// That of the target.
    #[default]
    Target,
    /// The one that the client sent (native only: Workers and Spin do not let a program set `Host`).
    Client,
    /// This one (native only).
    Name(String),
}

/// TLS towards an upstream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "tls"))]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTls {
    /// A PEM file with the authorities that are trusted, instead of the system's.
    pub ca: Option<String>,
    /// A PEM file with the gateway's own certificate chain.
    pub certificate: Option<String>,
    /// A PEM file with the key of `certificate`.
    pub key: Option<String>,
    /// The name that the upstream's certificate must have, instead of the target's host.
    pub server_name: Option<String>,
}

/// What every upstream is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "dispatch"))]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// How the client's address, host and scheme are told.
    pub forwarded: ForwardedHeaders,
}

/// How the client's address, host and scheme are told to the upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ForwardedHeaders {
    /// In `Forwarded` (RFC 7239) and in `X-Forwarded-For`, `-Host`, `-Proto`.
    #[default]
    Both,
    /// In `Forwarded` only.
    Standard,
    /// In `X-Forwarded-For`, `-Host`, `-Proto` only.
    XForwarded,
    /// Not at all.
    None,
}
