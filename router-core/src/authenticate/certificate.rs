//! TODO

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {}
