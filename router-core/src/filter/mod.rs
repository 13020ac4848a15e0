//! Does it pass the rules for everyone? Paths are normalised, addresses checked, preflights answered.

pub mod addresses;
pub mod cors;
pub mod path;

pub use addresses::{Access, AccessLists};
pub use cors::{Cors, CorsVerdict, OriginMatch};

/// What a policy does with its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Decide and act.
    #[default]
    Enforce,
    /// Decide and record, but let through.
    Shadow,
    /// Do nothing.
    Off,
}
