//! TODO

/// What the upstream learns of the consumer, compiled.
#[derive(Clone, Debug, Default)]
pub struct Forward {}
