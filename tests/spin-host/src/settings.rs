//! What one app is started with.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// Requests an instance serves before it is dropped: Spin's `--max-instance-reuse-count`.
const MAX_REUSE: usize = 128;
/// Requests an instance serves at a time: Spin's `--max-instance-concurrent-reuse-count`.
const MAX_CONCURRENT: usize = 16;
/// How long an instance waits for its next request: Spin's `--idle-instance-timeout`.
const IDLE_TIMEOUT_MS: u64 = 1_000;
/// Spin has no request timeout by default. A test host that waits for ever helps nobody, and a minute is longer than any
/// deadline of a gateway.
const REQUEST_TIMEOUT_MS: u64 = 60_000;

/// The settings of an app. The defaults are those of Spin 4.1, except for the request timeout.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The component's variables.
    pub variables: BTreeMap<String, String>,
    /// What the key-value store `default` holds at the start.
    pub key_value: BTreeMap<String, String>,
    /// The labels of the stores which the component may open; they all name the same store.
    pub key_value_stores: Vec<String>,
    /// `allowed_outbound_hosts`: patterns such as `http://127.0.0.1:*` or `https://*.example.com`.
    pub allow_outbound: Vec<String>,
    /// Authorities spoken to in HTTP/2 without TLS: Spin's `SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE`, but any number.
    pub outbound_h2c: Vec<String>,
    /// Requests an instance serves in its life.
    pub max_instance_reuse: usize,
    /// Requests an instance serves at a time.
    pub max_instance_concurrency: usize,
    /// How long an idle instance lives, in milliseconds.
    pub idle_timeout_ms: u64,
    /// How long the component may take to begin its answer, in milliseconds; 0 is for ever.
    pub request_timeout_ms: u64,
    /// Stops the component's clocks at this Unix time, in milliseconds; only [`App::advance`](crate::App::advance) moves
    /// them then. Timers still run in real time.
    pub clock_ms: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            key_value: BTreeMap::new(),
            key_value_stores: vec!["default".into()],
            allow_outbound: Vec::new(),
            outbound_h2c: Vec::new(),
            max_instance_reuse: MAX_REUSE,
            max_instance_concurrency: MAX_CONCURRENT,
            idle_timeout_ms: IDLE_TIMEOUT_MS,
            request_timeout_ms: REQUEST_TIMEOUT_MS,
            clock_ms: None,
        }
    }
}

impl Settings {
    /// How long an idle instance lives.
    pub(crate) fn idle_timeout(&self) -> Duration {
        Duration::from_millis(self.idle_timeout_ms)
    }

    /// How long the component may take to begin its answer.
    pub(crate) fn request_timeout(&self) -> Option<Duration> {
        (self.request_timeout_ms > 0).then(|| Duration::from_millis(self.request_timeout_ms))
    }
}
