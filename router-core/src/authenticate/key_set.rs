//! The keys of an issuer: where they come from, and how long they are believed.
//!
//! A key set is fresh for as long as its server says, within bounds; it is fetched again in the background before that time is over, so that no request
//! waits for it. A token whose key is not in the set, or which no key without an id has signed, leads to a fetch too, but seldom: whoever makes up key ids
//! or signatures must not reach the issuer through the gateway. While a server cannot be asked, the keys that are known are used for a day.
//!
//! Everything here is decided by [`Memory`], which is told what happened and says what to do.

mod cached;
pub mod lifetime;
mod memory;
mod metadata;
mod source;
mod stored;

pub use cached::{COOLDOWN, STALE};
pub use memory::{Cause, Decision, Memory, Question, SHARED_FOR};
pub use metadata::MAX_METADATA;
pub use source::{Remote, Source};
pub use stored::MAX_KEY_SET;

#[cfg(test)]
mod tests;
