//! A clock that stands still until it is moved.

use std::cell::Cell;
use std::time::Duration;

use edge::platform::Clock;

use crate::Memory;

/// 2026-01-01T00:00:00Z: any moment will do, as long as it is always the same.
const START_UNIX_MS: u64 = 1_767_225_600_000;

/// Both clocks of a host. Hosts promise little about them, so every step is legal here: none, and back.
#[derive(Debug)]
pub struct ManualClock {
    unix_ms: Cell<u64>,
    monotonic: Cell<Duration>,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { unix_ms: Cell::new(START_UNIX_MS), monotonic: Cell::default() }
    }
}

impl ManualClock {
    /// Lets time pass on both clocks.
    pub fn forward(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.unix_ms.set(self.unix_ms.get().saturating_add(ms));
        self.monotonic.set(self.monotonic.get().saturating_add(by));
    }

    /// Sets both clocks back, as no host should and some do.
    pub fn back(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.unix_ms.set(self.unix_ms.get().saturating_sub(ms));
        self.monotonic.set(self.monotonic.get().saturating_sub(by));
    }

    /// Sets the time of day alone, as an operator or NTP does.
    pub fn set_unix_ms(&self, unix_ms: u64) {
        self.unix_ms.set(unix_ms);
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn unix_ms(&self) -> u64 {
        self.unix_ms.get()
    }
}

impl Clock for Memory {
    fn unix_ms(&self) -> u64 {
        self.state.clock.unix_ms.get()
    }

    fn monotonic(&self) -> Duration {
        self.state.clock.monotonic.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_it_is_moved_and_may_go_back() {
        let memory = Memory::default();
        assert_eq!((memory.unix_ms(), memory.monotonic()), (START_UNIX_MS, Duration::ZERO));
        memory.clock().forward(Duration::from_millis(1500));
        assert_eq!((memory.unix_ms(), memory.monotonic()), (START_UNIX_MS + 1500, Duration::from_millis(1500)));
        memory.clock().back(Duration::from_secs(10));
        assert_eq!((memory.unix_ms(), memory.monotonic()), (START_UNIX_MS - 8500, Duration::ZERO));
        memory.clock().set_unix_ms(7);
        assert_eq!((memory.unix_ms(), memory.monotonic()), (7, Duration::ZERO));
    }
}
