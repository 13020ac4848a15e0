//! What the stages remember between the requests of one instance: best effort, bounded, and nothing that a decision could not do without.

use std::cell::RefCell;

use router_core::authenticate::{api_key, introspection, jwt, key_set};

/// The memory of an instance. A borrow never lives across an `.await`.
#[derive(Debug, Default)]
pub struct Instance {
    /// API keys that were looked up.
    pub(crate) api_keys: RefCell<api_key::Memory>,
    /// Opaque tokens that were explained.
    pub(crate) introspections: RefCell<introspection::Memory>,
    /// The key sets of issuers.
    pub(crate) key_sets: RefCell<key_set::Memory>,
    /// Tokens that were verified.
    pub(crate) tokens: RefCell<jwt::Memory>,
}
