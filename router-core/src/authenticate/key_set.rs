//! TODO

/// What an instance remembers of key sets.
#[derive(Debug, Default)]
pub struct Memory {}

/// Where keys come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The configuration.
    Inline(super::jose::KeyList),
}
