//! The host's own limiter: there is none.

use edge::platform::{AtomicFailure, RateLimiter};

use crate::Spin;

impl RateLimiter for Spin {
    async fn within(&self, _: &str, _: &str) -> Result<bool, AtomicFailure> {
        Err(AtomicFailure::Absent)
    }
}
