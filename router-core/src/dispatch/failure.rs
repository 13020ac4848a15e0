//! What a failed exchange with an upstream means.

use crate::rejection::{Rejection, UpstreamFault};

/// Why an exchange failed, as far as the platform tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The client's own body was longer than allowed; nothing is wrong with the upstream.
    BodyTooLarge,
    /// The client stopped sending its body.
    ClientBody,
    /// No connection: refused, unreachable.
    Connect,
    /// The platform forbids it.
    Denied,
    /// The name was not found.
    Dns,
    /// The answer was not HTTP.
    Protocol,
    /// The connection broke.
    Reset,
    /// A deadline passed.
    Timeout(Phase),
    /// TLS was not agreed.
    Tls,
    /// The platform does not say.
    Unknown,
}

/// The phase whose deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Until the connection stood.
    Connect,
    /// Until the response head came.
    FirstByte,
    /// Between two pieces of a body.
    Idle,
    /// The whole exchange.
    Total,
}

/// Whether the upstream may have seen the request: what decides if asking again is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestSent {
    /// Certainly not.
    No,
    /// The platform does not say.
    Unknown,
    /// At least a part.
    Yes,
}

impl FailureClass {
    /// The word for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::ClientBody => "client_body",
            Self::Connect => "connect",
            Self::Denied => "denied",
            Self::Dns => "dns",
            Self::Protocol => "protocol",
            Self::Reset => "reset",
            Self::Timeout(Phase::Connect) => "timeout_connect",
            Self::Timeout(Phase::FirstByte) => "timeout_first_byte",
            Self::Timeout(Phase::Idle) => "timeout_idle",
            Self::Timeout(Phase::Total) => "timeout_total",
            Self::Tls => "tls",
            Self::Unknown => "unknown",
        }
    }

    /// What the client is told. `max_body` is the limit that held for its body.
    #[must_use]
    pub fn rejection(self, max_body: u64) -> Rejection {
        match self {
            Self::BodyTooLarge => Rejection::BodyTooLarge { limit: max_body },
            Self::ClientBody => Rejection::BodyIncomplete,
            Self::Connect | Self::Dns | Self::Tls => Rejection::UpstreamFailed(UpstreamFault::Unreachable),
            Self::Denied => Rejection::UpstreamFailed(UpstreamFault::Denied),
            Self::Protocol => Rejection::UpstreamFailed(UpstreamFault::Protocol),
            Self::Reset => Rejection::UpstreamFailed(UpstreamFault::Reset),
            Self::Timeout(_) => Rejection::UpstreamTimeout,
            Self::Unknown => Rejection::UpstreamFailed(UpstreamFault::Unknown),
        }
    }
}
