//! May they? Scopes, roles, and a condition.
//!
//! All of it judges the consumer: of several identities (`all`), that of the first authenticator. Scopes that one credential grants never make up for
//! what another one lacks; a condition that wants the others looks at `identities`.

mod cel;
mod condition;
mod number;
mod variables;

pub use cel::{Failure, InvalidCondition, MAX_HEIGHT, MAX_LENGTH, MAX_STEPS};
pub use condition::Condition;
pub use number::Number;
pub use variables::Scope;

use super::{Identity, Policy};
use crate::config::Route;
use crate::filter::path::NormalPath;
use crate::head::RequestHead;
use crate::receive::Facts;
use crate::rejection::Missing;
use crate::route::Params;

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
    /// The parameters of its path.
    pub params: &'a Params,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// What the client may know.
    pub missing: Missing,
    /// Why a condition could not be decided, for the log.
    pub reason: Option<String>,
}

/// Whether `policy` lets them: all scopes, one of the roles, then the condition. Whatever is not plainly so is a refusal.
///
/// # Errors
/// The first thing that is missing.
pub fn authorize(policy: &Policy, asked: &Asked<'_>) -> Result<(), Denied> {
    let denied = |missing| Err(Denied { missing, reason: None });
    let consumer = asked.identity.consumer();
    let has = |scope: &&String| consumer.is_some_and(|consumer| consumer.scopes.contains(scope));
    let lacking: Vec<String> = policy.scopes.iter().filter(|scope| !has(scope)).cloned().collect();
    if !lacking.is_empty() {
        return denied(Missing::Scopes(lacking));
    }
    let is = |role: &String| consumer.is_some_and(|consumer| consumer.roles.contains(role));
    if !policy.roles.is_empty() && !policy.roles.iter().any(is) {
        return denied(Missing::Role);
    }
    match policy.condition.as_ref().map(|condition| condition.holds(asked)) {
        None | Some(Ok(true)) => Ok(()),
        Some(Ok(false)) => denied(Missing::Permission),
        Some(Err(failure)) => {
            let reason = format!("the condition `allow` could not be decided: {failure}");
            Err(Denied { missing: Missing::Permission, reason: Some(reason) })
        }
    }
}

#[cfg(test)]
mod tests;
