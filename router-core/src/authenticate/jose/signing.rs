//! A key that signs.

use serde_json::{Map, Value};

use super::{Algorithm, InvalidKey, Key};

/// An Ed25519 or HMAC key with its private part. `Debug` shows nothing secret.
#[derive(Clone)]
pub struct SigningKey {
    // TODO(helper A)
    public: Key,
}

impl SigningKey {
    /// Reads a private JWK: `OKP` with `Ed25519`, or `oct`.
    ///
    /// # Errors
    /// What is wrong with it, without anything secret.
    pub fn from_jwk(_jwk: &Map<String, Value>) -> Result<Self, InvalidKey> {
        Err(InvalidKey("TODO".into()))
    }

    /// `EdDSA` or `HS256`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        Algorithm::EdDsa
    }

    /// The signature over `message`.
    #[must_use]
    pub fn sign(&self, _message: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    /// The part of it that verifies.
    #[must_use]
    pub fn public(&self) -> &Key {
        &self.public
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.public.id()).finish_non_exhaustive()
    }
}
