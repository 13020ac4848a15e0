//! Deadlines of an exchange with an upstream.

use std::time::Duration;

/// Deadlines; `None` means none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands, TLS included.
    pub connect: Option<Duration>,
    /// From the request sent to the response head.
    pub first_byte: Option<Duration>,
    /// Between two pieces of a body.
    pub idle: Option<Duration>,
    /// For the whole exchange, bodies included.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    /// 5 s to connect: three lost SYNs already cost 7 s, and a client will not wait for more. 30 s to the head: what browsers and load balancers
    /// in front commonly grant. 60 s between pieces, so that a stalled upstream ends while event streams with heartbeats go on. No total, because
    /// downloads and event streams may take any time.
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(5)),
            first_byte: Some(Duration::from_secs(30)),
            idle: Some(Duration::from_secs(60)),
            total: None,
        }
    }
}
