//! `native:` listeners, TLS and life-cycle of the native platform. Workers and Spin bring their own and ignore it.

use serde::{Deserialize, Serialize};

/// Settings of the native platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "native"))]
#[serde(deny_unknown_fields, default)]
pub struct Native {
    /// Where clients connect. Default: `127.0.0.1:8080` without TLS.
    pub listeners: Vec<Listener>,
    /// Where operators connect: `/healthz` and `/readyz`. Default `127.0.0.1:9090`.
    pub admin: Option<String>,
    /// How many threads serve. Default: one per core.
    pub threads: Option<u32>,
    /// How long a stopping gateway waits for open requests. Default `30s`.
    pub drain: Option<String>,
    /// How long a client may take to send a request head. Default `10s`.
    pub head_timeout: Option<String>,
    /// How long an idle client connection is kept. Default `75s`.
    pub keep_alive: Option<String>,
    /// How many client connections one thread serves at a time; others wait. Default 10000.
    pub max_connections: Option<u32>,
    /// The file of the embedded key-value store. Left out: it lives in memory and is gone at the end.
    pub store: Option<String>,
    /// The Redis server where several gateways share counts of limits and what may be used once: `redis://user:password@host:6379/0`, or `rediss://`
    /// for TLS. Left out: each process keeps its own.
    pub redis: Option<String>,
}

/// Where clients connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "a listener"))]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Address and port, such as `0.0.0.0:8443` or `[::]:8443`.
    pub address: String,
    /// TLS; left out: clear text.
    #[serde(default)]
    pub tls: Option<ListenerTls>,
    /// The protocols that clients may speak.
    #[serde(default)]
    pub protocols: ListenerProtocols,
}

/// The protocols that clients may speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListenerProtocols {
    /// HTTP/1.1 and HTTP/2: by ALPN with TLS, by prior knowledge without.
    #[default]
    Both,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
}

/// TLS of a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "tls"))]
#[serde(deny_unknown_fields)]
pub struct ListenerTls {
    /// A PEM file with the certificate chain.
    pub certificate: String,
    /// A PEM file with its key.
    pub key: String,
    /// Certificates of clients.
    #[serde(default)]
    pub client_certificates: Option<ClientCertificates>,
}

/// Certificates of clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "client_certificates"))]
#[serde(deny_unknown_fields)]
pub struct ClientCertificates {
    /// A PEM file with the authorities that issue them.
    pub ca: String,
    /// Whether a client without one is let in.
    #[serde(default)]
    pub optional: bool,
}
