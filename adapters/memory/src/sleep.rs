//! Waiting moves the clock.

use std::time::Duration;

use edge::platform::Sleep;

use crate::Memory;

impl Sleep for Memory {
    async fn sleep(&self, time: Duration) {
        self.clock().forward(time);
    }
}
