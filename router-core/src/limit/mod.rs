//! May they ask now?
//!
//! No limit can be configured yet, so everyone may.

/// The verdict of all limits together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// No limit holds for this request.
    #[default]
    Unlimited,
}
