//! TODO

/// What an instance remembers of key sets.
#[derive(Debug, Default)]
pub struct Memory {}
