//! TODO
use super::Place;

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where the credential may stand.
    pub places: Vec<Place>,
}

/// What an instance remembers.
#[derive(Debug, Default)]
pub struct Memory {}
