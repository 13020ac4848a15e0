//! Waiting on the host's clock.

use std::time::Duration;

use edge::platform::Sleep;

use crate::Spin;
use crate::body::wait;

impl Sleep for Spin {
    async fn sleep(&self, time: Duration) {
        wait(time).await;
    }
}
