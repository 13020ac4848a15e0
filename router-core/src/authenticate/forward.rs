//! What the upstream learns of who asks, and what it does not get to see.
//!
//! Three promises: a field in which the gateway tells of identity never holds what a client wrote ([`claimed`]); what is told is what was proven, or the
//! request is refused; the credentials end here unless they are wanted behind ([`Withheld`]).

mod claimed;
mod value;
mod withheld;

use http::{HeaderName, HeaderValue};

pub use claimed::{claimed, folded};
pub use value::{Unusable, header_value};
pub use withheld::Withheld;

use super::assertion::Statement;
use super::certificate::ClientCertificate;
use super::claims::ClaimPath;
use super::{Consumer, Identity};
use crate::edits::HeaderEdits;
use crate::rejection::Missing;

/// The client's certificate for an upstream (RFC 9440 section 2.2).
pub const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
/// The certificates between it and its authority (RFC 9440 section 2.3). The gateway does not tell them, and nobody else may.
pub const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// What the upstream learns of the consumer, compiled.
#[derive(Clone, Debug, Default)]
pub struct Forward {
    /// Fields, and what they tell.
    pub headers: Vec<(HeaderName, Source)>,
    /// What is taken out of the request.
    pub withheld: Withheld,
    /// Whether it gets the gateway's signed statement.
    pub assertion: bool,
    /// Whether it gets the client's certificate.
    pub certificate: bool,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The claim at this path. Without it the request is refused.
    Claim(ClaimPath),
    /// The claim at this path. Without it the field is left out.
    OptionalClaim(ClaimPath),
    /// The consumer's name.
    Id,
    /// The authenticator's name.
    Authenticator,
    /// The scopes; left out where there are none.
    Scopes,
    /// The roles; left out where there are none.
    Roles,
    /// The plan; left out where there is none.
    Plan,
}

/// What the upstream is told of one request.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    /// Edits of its header fields.
    pub edits: HeaderEdits,
    /// What is signed once it is known what the upstream is asked.
    pub statement: Option<Statement>,
}

impl Forward {
    /// The fields for this identity and certificate. Nobody has no claims, so that of nobody nothing is told.
    ///
    /// # Errors
    /// [`Missing::Claim`] where a claim is absent, or where no field can hold it: an object, a list in a list, control characters, 8 KiB.
    pub fn edits(&self, identity: &Identity, certificate: Option<&ClientCertificate>) -> Result<HeaderEdits, Missing> {
        let mut edits = HeaderEdits::new();
        if let Some(consumer) = identity.consumer() {
            for (name, source) in &self.headers {
                if let Some(value) = source.read(consumer).map_err(|Unusable| Missing::Claim)? {
                    edits.set(name.clone(), value);
                }
            }
        }
        // Base64 between colons is a field value, always.
        let certificate = certificate.filter(|_| self.certificate);
        if let Some(value) = certificate.and_then(|certificate| HeaderValue::from_str(&certificate.to_field()).ok()) {
            edits.set(CLIENT_CERT, value);
        }
        Ok(edits)
    }
}

impl Source {
    fn read(&self, consumer: &Consumer) -> Result<Option<HeaderValue>, Unusable> {
        match self {
            Self::Claim(path) => match path.find(&consumer.claims) {
                Some(claim) => header_value(claim)?.map(Some).ok_or(Unusable),
                None => Err(Unusable),
            },
            Self::OptionalClaim(path) => path.find(&consumer.claims).map_or(Ok(None), header_value),
            Self::Id => value::text(&consumer.id).map(Some),
            Self::Authenticator => value::text(&consumer.authenticator).map(Some),
            Self::Scopes => value::list(consumer.scopes.iter().map(String::as_str)),
            Self::Roles => value::list(consumer.roles.iter().map(String::as_str)),
            Self::Plan => consumer.plan.as_deref().map(value::text).transpose(),
        }
    }
}
