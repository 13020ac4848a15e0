//! Time. A step of zero or back is legal: on Workers the clock stands still while no I/O happens.

use std::time::Duration;

/// Reads the host's clocks.
pub trait Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_ms(&self) -> u64;

    /// Time since an arbitrary moment that stays the same for the instance. For differences only.
    fn monotonic(&self) -> Duration;
}
