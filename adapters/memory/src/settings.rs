//! Variables and secrets, from one map.

use edge::platform::Settings;
use router_core::config::Variables;
use router_core::config::variables::Kind;

use crate::Memory;

impl Settings for Memory {
    async fn setting(&self, kind: Kind, name: &str) -> Option<String> {
        self.value(kind, name)
    }
}
