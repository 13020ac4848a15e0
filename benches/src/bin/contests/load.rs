//! Load by `wrk`, and what it reports.

use std::net::SocketAddr;
use std::process::Stdio;

use crate::process::{LOAD, pinned};

/// What one round came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Requests per second.
    pub(crate) throughput: f64,
    /// The median latency, in milliseconds.
    pub(crate) p50: f64,
    /// The latency of the slowest hundredth, in milliseconds.
    pub(crate) p99: f64,
}

/// Asks for `path` over so many connections, for so many seconds. Any answer but a 2xx or 3xx and any error of a socket fails the round.
pub(crate) fn round(
    wrk: &str,
    address: SocketAddr,
    path: &str,
    connections: u32,
    seconds: u32,
) -> Result<Round, String> {
    let (connections, seconds) = (format!("-c{connections}"), format!("-d{seconds}s"));
    let url = format!("http://{address}{path}");
    let mut command = pinned(LOAD, wrk, &["-t1", &connections, &seconds, "--latency", &url]);
    let output = command.stdin(Stdio::null()).output().map_err(|why| format!("wrk could not be started: {why}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |name: &str| said.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    for trouble in ["Socket errors:", "Non-2xx or 3xx responses:"] {
        if let Some(found) = line(trouble) {
            return Err(format!("{url}: {trouble} {found}"));
        }
    }
    let parsed = || {
        Some(Round {
            throughput: line("Requests/sec:")?.parse().ok()?,
            p50: milliseconds(line("50%")?)?,
            p99: milliseconds(line("99%")?)?,
        })
    };
    parsed().ok_or_else(|| {
        format!("wrk said nothing that could be read:\n{said}{}", String::from_utf8_lossy(&output.stderr))
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let (number, factor) = match text {
        text if text.ends_with("us") => (text.strip_suffix("us")?, 0.001),
        text if text.ends_with("ms") => (text.strip_suffix("ms")?, 1.0),
        text => (text.strip_suffix('s')?, 1000.0),
    };
    Some(number.parse::<f64>().ok()? * factor)
}
