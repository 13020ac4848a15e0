//! Variables and secrets.

use router_core::config::variables::Kind;

/// Looks up what `${env:NAME}` and `${secret:NAME}` stand for. Asynchronous, because Spin asks a provider.
pub trait Settings {
    /// The value of `name`, if there is one.
    async fn setting(&self, kind: Kind, name: &str) -> Option<String>;
}
