//! Do we have the answer already?
//!
//! No cache rule can be configured yet, so there is never one.

/// What the cache has for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// No rule caches this request.
    #[default]
    Bypass,
}
