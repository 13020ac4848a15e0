//! The limiter that Cloudflare brings, by the name of its binding: `[[ratelimits]]` in wrangler.toml. Each data centre counts for itself.

use edge::platform::{AtomicFailure, RateLimiter};

use crate::js;
use crate::platform::Workers;

impl RateLimiter for Workers {
    async fn within(&self, binding: &str, key: &str) -> Result<bool, AtomicFailure> {
        let within = js::limit(&self.env, binding, key).await;
        let within = within.map_err(|thrown| AtomicFailure::Failed(js::thrown(&thrown)))?;
        within.as_bool().ok_or(AtomicFailure::Absent)
    }
}
