//! The identity behind a request.

use std::sync::Arc;

use serde_json::{Map, Value};

/// The identity behind a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Identity {
    /// Nobody asked who it is, or the route lets in whoever does not say.
    #[default]
    Anonymous,
    /// These consumers, one for each authenticator that was needed. Never empty; the first one is the consumer.
    Known(Vec<Arc<Consumer>>),
}

impl Identity {
    /// The consumer, if it is known.
    #[must_use]
    pub fn consumer(&self) -> Option<&Consumer> {
        match self {
            Self::Anonymous => None,
            Self::Known(consumers) => consumers.first().map(AsRef::as_ref),
        }
    }
}

/// Whom an authenticator found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consumer {
    /// Its name: a token's subject, a key's owner. At most 256 bytes, without control characters.
    pub id: String,
    /// The name of the authenticator that found it.
    pub authenticator: String,
    /// Who vouches for it, if that is not the gateway.
    pub issuer: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What it is.
    pub roles: Vec<String>,
    /// Its plan.
    pub plan: Option<String>,
    /// All that was told about it: the claims of a token, the metadata of a key.
    pub claims: Map<String, Value>,
    /// Names the credential itself, where a consumer may have several: the hash of an API key.
    pub credential: Option<String>,
    /// When the credential ends, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
}
