//! Do we have the answer already? The rules of RFC 9111, without a store.

pub mod entry;
pub mod key;
pub mod rule;

pub use entry::{Entry, Item, Variants};
pub use key::Key;
pub use rule::{Caches, Rule};
