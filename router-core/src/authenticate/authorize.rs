//! TODO

use super::{Identity, Policy};
use crate::config::Route;
use crate::filter::path::NormalPath;
use crate::head::RequestHead;
use crate::receive::Facts;
use crate::rejection::Missing;

/// A condition, compiled.
#[derive(Clone, Debug)]
pub struct Condition {}

/// What a verdict is made of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub identity: &'a Identity,
    /// The client's head.
    pub head: &'a RequestHead,
    /// What is known of the request.
    pub facts: &'a Facts,
    /// The normalised path.
    pub path: &'a NormalPath<'static>,
    /// The route.
    pub route: &'a Route,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// Whether `policy` lets them.
///
/// # Errors
/// The first thing that is missing: scopes, a role, the condition.
pub fn authorize(_policy: &Policy, _asked: &Asked<'_>) -> Result<(), Missing> {
    Err(Missing::Permission)
}
