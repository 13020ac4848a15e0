//! Waiting: tokio's timer.

use std::time::Duration;

use edge::platform::Sleep;

use crate::platform::Native;

impl Sleep for Native {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
