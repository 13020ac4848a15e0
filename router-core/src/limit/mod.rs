//! May they ask now?

pub mod algorithm;
pub mod owner;
pub mod rule;
pub mod verdict;

pub use rule::Rule;
pub use verdict::{Standing, Verdict};

/// The verdict of all limits together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// No limit holds for this request.
    #[default]
    Unlimited,
}
