//! Whether an operator's program asks.
//!
//! A port on loopback can be reached by every user of the machine and by web pages in its browsers. So a field is asked for that no page can send here
//! without being asked first, which nobody answers, and a `Host` that is no name, as a name could be made to lead here.

use std::net::IpAddr;

use http::{HeaderMap, StatusCode, header};

/// The field that an operator's program sends.
const OPERATOR: &str = "tidegate-operator";

/// What an operator is told, or the status and the sentence of a refusal.
pub(super) type Told<T> = Result<T, (StatusCode, String)>;

/// Refuses who is none.
pub(super) fn check(headers: &HeaderMap) -> Told<()> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
    let address = name == "localhost" || name.parse::<IpAddr>().is_ok();
    if headers.get(OPERATOR).is_some_and(|value| value == "1") && !headers.contains_key(header::ORIGIN) && address {
        return Ok(());
    }
    let why =
        format!("expected `{OPERATOR}: 1`, an address in `Host` and no `Origin`: the `tidegate` program sends them so");
    Err((StatusCode::FORBIDDEN, why))
}
