//! The system's clocks. The only place that reads them.
#![expect(clippy::disallowed_methods, reason = "this is where the native platform reads its clocks")]

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use edge::platform::Clock;

use crate::platform::Native;

/// Milliseconds since 1970. A system whose clock stands before that gives 0.
#[must_use]
pub fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Clock for Native {
    fn unix_ms(&self) -> u64 {
        unix_ms()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        Instant::now().saturating_duration_since(*START.get_or_init(Instant::now))
    }
}
