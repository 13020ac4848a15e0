//! What a route asks of who asks.

use super::authorize::Condition;
use super::forward::Forward;
use crate::filter::Mode;

/// What a route asks of who asks.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What becomes of the verdict.
    pub mode: Mode,
    /// Which authenticators must know the sender.
    pub need: Need,
    /// Whether a request without any credential may pass.
    pub optional: bool,
    /// All of these.
    pub scopes: Vec<String>,
    /// One of these.
    pub roles: Vec<String>,
    /// The condition.
    pub condition: Option<Condition>,
    /// What the upstream learns.
    pub forward: Forward,
}

/// Which authenticators must know the sender, by their index in [`crate::Gateway::authenticators`]. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// One of them.
    Any(Vec<usize>),
    /// Each of them.
    All(Vec<usize>),
}

impl Need {
    /// The indices.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        match self {
            Self::Any(indices) | Self::All(indices) => indices,
        }
    }
}
