//! Variables and secrets, from one map.

use router_core::config::Variables;
use router_core::config::variables::Kind;

use crate::Memory;

impl Variables for Memory {
    fn value(&self, _: Kind, name: &str) -> Option<String> {
        self.state.variables.get(name).cloned()
    }
}
