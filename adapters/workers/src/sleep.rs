//! Waiting, by a timer of the request's own.

use std::time::Duration;

use edge::platform::Sleep;

use crate::js;
use crate::platform::Workers;
use crate::upstream::LONGEST;

impl Sleep for Workers {
    async fn sleep(&self, time: Duration) {
        // Whole milliseconds, rounded up: not before. The host's longest timer, 24 days, outlives every request.
        let milliseconds = time.as_nanos().div_ceil(1_000_000).min(u128::from(LONGEST));
        // A promise that only waits cannot fail.
        js::sleep(milliseconds as f64).await.ok();
    }
}
