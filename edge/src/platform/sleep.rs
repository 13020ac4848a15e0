//! Waiting.

use std::time::Duration;

/// Waits.
pub trait Sleep {
    /// Returns when so much time has passed, not before.
    async fn sleep(&self, time: Duration);
}
