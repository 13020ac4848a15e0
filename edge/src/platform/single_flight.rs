//! One of several equal jobs does the work.

use bytes::Bytes;

/// Lets one of several equal jobs of an instance do the work.
pub trait SingleFlight {
    /// Runs `work`, unless work of the same key is under way in this instance: then waits for its result. `work` is a future of its own and runs to
    /// its end even if whoever began it goes away. It must have a deadline of its own. `None`: the one who began it is gone without a result, and the
    /// caller may try again.
    async fn single_flight(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes>;
}
