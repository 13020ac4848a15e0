//! What an upstream is asked, and what its failures mean.

pub mod compose;
pub mod echo;
pub mod failure;
pub mod forwarded;
pub mod hop_by_hop;
mod target;
mod timeouts;

pub use compose::{Asking, UpstreamHead, compose, upstream_path};
pub use failure::{FailureClass, Phase, RequestSent};
pub use forwarded::ForwardedHeaders;
pub use target::{InvalidTarget, Target};
pub use timeouts::Timeouts;

/// The protocol that the targets of an upstream speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpstreamProtocol {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
}

/// The `Host` that an upstream is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UpstreamHost {
    /// That of the target.
    #[default]
    Target,
    /// The client's.
    Client,
    /// This one.
    Name(http::HeaderValue),
}

/// TLS towards an upstream: files that the platform reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamTls {
    /// PEM file of trusted authorities; `None`: the system's.
    pub ca: Option<String>,
    /// PEM files of the gateway's own certificate chain and key.
    pub identity: Option<(String, String)>,
    /// The name that the certificate must have.
    pub server_name: Option<String>,
}

/// A named service behind the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Where it is. Never empty.
    pub targets: Vec<Target>,
    /// Deadlines of routes that say nothing else.
    pub timeouts: Timeouts,
    /// What its targets speak.
    pub protocol: UpstreamProtocol,
    /// What `Host` it is told.
    pub host: UpstreamHost,
    /// TLS towards it.
    pub tls: UpstreamTls,
    /// How requests to it are signed.
    pub sign: Option<crate::authenticate::signature::Signing>,
}
