//! The host's clocks. Both tell the time of the last I/O and stand still while the gateway computes.

use std::time::Duration;

use edge::platform::Clock;

use crate::js;
use crate::platform::Workers;

impl Clock for Workers {
    fn unix_ms(&self) -> u64 {
        // A cast of a float saturates, and makes zero of what is no number.
        js::milliseconds() as u64
    }

    fn monotonic(&self) -> Duration {
        Duration::try_from_secs_f64(js::monotonic() / 1000.0).unwrap_or_default()
    }
}
