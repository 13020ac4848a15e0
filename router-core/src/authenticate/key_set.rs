//! The keys of an issuer: where they come from, and how long they are believed.

mod source;

pub use source::{Remote, Source};

/// What an instance remembers of key sets.
#[derive(Debug, Default)]
pub struct Memory {}
