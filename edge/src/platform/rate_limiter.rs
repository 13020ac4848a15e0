//! The platform's own limiter.

use super::AtomicFailure;

/// The limiter that the host brings: Workers has one, whose limit stands in `wrangler.toml`. Elsewhere it is absent, and `check` refuses to use it.
pub trait RateLimiter {
    /// Counts `key` (at most 256 bytes) at `binding` and says whether it is within the limit, as far as this place knows.
    async fn within(&self, binding: &str, key: &str) -> Result<bool, AtomicFailure>;
}
