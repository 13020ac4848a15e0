//! The host's own limiter: there is none.

use edge::platform::{AtomicFailure, RateLimiter};

use crate::platform::Native;

impl RateLimiter for Native {
    async fn within(&self, _: &str, _: &str) -> Result<bool, AtomicFailure> {
        Err(AtomicFailure::Absent)
    }
}
