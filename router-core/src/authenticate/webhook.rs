//! TODO

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The largest body that is held, in bytes.
    pub max_body: u64,
}
