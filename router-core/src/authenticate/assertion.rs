//! The gateway's own statement of who asks.

use serde_json::json;

use crate::config::FixedAnswer;
use crate::route::well_known;

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where the keys are published: a normalised path.
    pub keys_path: String,
}

impl Rules {
    /// The key set, and where it is published.
    #[must_use]
    pub fn document(&self) -> (String, FixedAnswer) {
        (self.keys_path.clone(), well_known::document("application/jwk-set+json", &json!({"keys": []})))
    }
}
