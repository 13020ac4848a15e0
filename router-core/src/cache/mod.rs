//! Do we have the answer already? The rules of HTTP caching (RFC 9111), without a store.

pub mod asked;
pub mod conditions;
pub mod directives;
pub mod entry;
#[cfg(test)]
mod examples;
pub mod freshness;
pub mod key;
pub mod posted;
pub mod purge;
pub mod range;
pub mod reuse;
pub mod rule;
pub mod status;
pub mod storable;
pub mod tags;
pub mod vary;

pub use entry::{Entry, Item, Variants};
pub use key::Key;
pub use rule::{Caches, Rule};
