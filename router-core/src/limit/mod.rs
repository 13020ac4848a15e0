//! May they ask now?
//!
//! [`algorithm`] counts, [`owner`] decides where a shared count lives, [`memory`] is what an instance decides by itself with, and [`tally`] asks all limits
//! of a request together, all or nothing.

pub mod algorithm;
pub mod bound;
pub mod calendar;
pub mod denied;
pub mod fields;
pub mod key;
pub mod lease;
pub mod limits;
pub mod local;
pub mod memory;
pub mod owner;
pub mod part;
pub mod quota;
pub mod rule;
pub mod settle;
pub mod spread;
pub mod tally;
pub mod usage;
pub mod verdict;
pub mod wanted;

pub use limits::{Limit, Limits};
pub use memory::Memory;
pub use rule::Rule;
pub use tally::{Now, Tally};
pub use verdict::{Standing, Verdict};
