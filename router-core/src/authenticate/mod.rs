//! Who asks, and may they?
//!
//! No way to authenticate can be configured yet, so every client is anonymous and may go on.

/// The identity behind a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// Nobody asked who it is.
    #[default]
    Anonymous,
}
