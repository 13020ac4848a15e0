//! `WWW-Authenticate` (RFC 9110 section 11.6.1): how a client can say who it is, one line for each challenge.
//!
//! | authenticator | challenge |
//! | --- | --- |
//! | `jwt`, `introspection` in `Authorization` | `Bearer` (RFC 6750 section 3), and `DPoP` beside it (RFC 9449 section 7.1) |
//! | anything as the password of Basic | `Basic` (RFC 7617) |
//! | a token in a field, a cookie or the query | `Token`, with `in` and `name` |
//! | an API key in a field, a cookie or the query | `ApiKey`, with `in` and `name` |
//! | `certificate` | `Certificate` |
//! | `signature` | `Signature` |
//! | `webhook` | `Webhook` |
//!
//! The last five are this gateway's own names: a 401 must have a challenge (RFC 9110 section 15.5.2), and no registered scheme fits.

mod line;

use http::HeaderValue;

use super::{Authenticator, Kind, Place, Policy, Refusal};
use crate::Gateway;
use crate::rejection::{Missing, refusal_sentence};
use line::Line;

/// The lines that tell a client how to say who it is, after `refusal` (`None`: there was no credential). At least one.
#[must_use]
pub fn unauthenticated(gateway: &Gateway, policy: &Policy, refusal: Option<&Refusal>) -> Vec<HeaderValue> {
    let fault = refusal.map(Fault::of);
    lines(gateway, policy, fault.as_ref(), policy.need.indices())
}

/// The lines that tell a client which scopes to ask for: all that are needed here, so that one new token will do (RFC 6750 section 3.1). Nothing where
/// no token could have them, or where something else is missing.
#[must_use]
pub fn forbidden(gateway: &Gateway, policy: &Policy, missing: &Missing) -> Vec<HeaderValue> {
    match missing {
        Missing::Scopes(_) => {
            let description = "The token does not have the scopes that are needed here.";
            let fault = Fault { bearer: Some("insufficient_scope"), dpop: Some("insufficient_scope"), description };
            let tokens = policy.need.indices().iter().copied().filter(|index| {
                let is_token = |authenticator: &Authenticator| {
                    authenticator.is_token() && authenticator.places().contains(&Place::Bearer)
                };
                gateway.authenticators.get(*index).is_some_and(is_token)
            });
            lines(gateway, policy, Some(&fault), &tokens.collect::<Vec<_>>())
        }
        Missing::Role | Missing::Permission | Missing::Claim => Vec::new(),
    }
}

/// What a challenge says of the credential that was sent.
struct Fault {
    /// `error` of `Bearer` (RFC 6750 section 3.1).
    bearer: Option<&'static str>,
    /// `error` of `DPoP` (RFC 9449 section 7.1).
    dpop: Option<&'static str>,
    description: &'static str,
}

impl Fault {
    fn of(refusal: &Refusal) -> Self {
        let (bearer, dpop) = match refusal {
            Refusal::Ambiguous => (Some("invalid_request"), Some("invalid_request")),
            Refusal::Malformed | Refusal::Invalid | Refusal::Expired | Refusal::NotYetValid | Refusal::ProofMissing => {
                (Some("invalid_token"), Some("invalid_token"))
            }
            Refusal::ProofInvalid | Refusal::ProofReplayed => (None, Some("invalid_dpop_proof")),
            Refusal::NonceNeeded(_) => (None, Some("use_dpop_nonce")),
            // Only a signature is refused so, and no token was.
            Refusal::Replayed | Refusal::DigestMismatch => (None, None),
        };
        Self { bearer, dpop, description: refusal_sentence(refusal) }
    }
}

/// The challenges of some authenticators of a policy, each once.
fn lines(gateway: &Gateway, policy: &Policy, fault: Option<&Fault>, indices: &[usize]) -> Vec<HeaderValue> {
    let mut lines: Vec<HeaderValue> = Vec::new();
    for authenticator in indices.iter().filter_map(|index| gateway.authenticators.get(*index)) {
        for line in of_authenticator(gateway, policy, fault, authenticator) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

fn of_authenticator(
    gateway: &Gateway,
    policy: &Policy,
    fault: Option<&Fault>,
    authenticator: &Authenticator,
) -> Vec<HeaderValue> {
    let line = |scheme| Line::new(scheme).with("realm", &gateway.name);
    match &authenticator.kind {
        Kind::Certificate(_) => return vec![line("Certificate").value()],
        Kind::Signature(_) => return vec![line("Signature").value()],
        Kind::Webhook(_) => return vec![line("Webhook").value()],
        Kind::Jwt(_) | Kind::Introspection(_) | Kind::ApiKey(_) => {}
    }
    let own = if authenticator.is_token() { "Token" } else { "ApiKey" };
    let mut lines = Vec::new();
    for place in authenticator.places() {
        match place {
            Place::Bearer => {
                let error = fault.and_then(|fault| fault.bearer);
                lines.push(token(line("Bearer"), gateway, policy, fault, error).value());
                if let Some(rules) = authenticator.proof() {
                    let names: Vec<_> = rules.dpop.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
                    let error = fault.and_then(|fault| fault.dpop);
                    let dpop = token(line("DPoP"), gateway, policy, fault, error);
                    lines.push(dpop.with("algs", &names.join(" ")).value());
                }
            }
            Place::Basic => lines.push(line("Basic").with("charset", "UTF-8").value()),
            Place::Header(name) => lines.push(line(own).with("in", "header").with("name", name.as_str()).value()),
            Place::Cookie(name) => lines.push(line(own).with("in", "cookie").with("name", name).value()),
            Place::Query(name) => lines.push(line(own).with("in", "query").with("name", name).value()),
        }
    }
    lines
}

/// What `Bearer` and `DPoP` have in common. Nothing of an error is said where no credential was sent (RFC 6750 section 3.1).
fn token(
    mut line: Line,
    gateway: &Gateway,
    policy: &Policy,
    fault: Option<&Fault>,
    error: Option<&'static str>,
) -> Line {
    if let (Some(fault), Some(error)) = (fault, error) {
        line = line.with("error", error).with("error_description", fault.description);
    }
    if !policy.scopes.is_empty() {
        line = line.with("scope", &policy.scopes.join(" "));
    }
    match &gateway.resource {
        Some(resource) => line.with("resource_metadata", &resource.metadata_url),
        None => line,
    }
}

#[cfg(test)]
mod tests;
