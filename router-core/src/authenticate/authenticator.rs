//! One configured way to learn who asks.

use super::dpop::ProofRules;
use super::{Place, api_key, certificate, introspection, jwt, signature, webhook};

/// One configured way to learn who asks.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// Its name.
    pub name: String,
    /// How it learns it.
    pub kind: Kind,
}

/// How an authenticator learns who asks.
#[derive(Clone, Debug)]
pub enum Kind {
    /// By a JSON Web Token.
    Jwt(Box<jwt::Rules>),
    /// By an opaque token that its issuer explains.
    Introspection(Box<introspection::Rules>),
    /// By a key that this gateway issued.
    ApiKey(Box<api_key::Rules>),
    /// By the client's certificate.
    Certificate(Box<certificate::Rules>),
    /// By a signature over the request.
    Signature(Box<signature::Rules>),
    /// By a signature over the body with a shared secret.
    Webhook(Box<webhook::Rules>),
}

impl Authenticator {
    /// Where its credential may stand; empty for one that is no text in one place.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        match &self.kind {
            Kind::Jwt(rules) => &rules.places,
            Kind::Introspection(rules) => &rules.places,
            Kind::ApiKey(rules) => &rules.places,
            Kind::Certificate(_) | Kind::Signature(_) | Kind::Webhook(_) => &[],
        }
    }

    /// Whether its credential is a token that an issuer gave.
    #[must_use]
    pub fn is_token(&self) -> bool {
        matches!(self.kind, Kind::Jwt(_) | Kind::Introspection(_))
    }

    /// Which proof of its owner a token needs.
    #[must_use]
    pub fn proof(&self) -> Option<&ProofRules> {
        match &self.kind {
            Kind::Jwt(rules) => Some(&rules.proof),
            Kind::Introspection(rules) => Some(&rules.proof),
            Kind::ApiKey(_) | Kind::Certificate(_) | Kind::Signature(_) | Kind::Webhook(_) => None,
        }
    }

    /// The largest body that must be held before it can decide, in bytes; `None` if it does not look at bodies.
    #[must_use]
    pub fn body_needed(&self) -> Option<u64> {
        match &self.kind {
            Kind::Signature(rules) => Some(rules.max_body),
            Kind::Webhook(rules) => Some(rules.max_body),
            Kind::Jwt(_) | Kind::Introspection(_) | Kind::ApiKey(_) | Kind::Certificate(_) => None,
        }
    }
}
