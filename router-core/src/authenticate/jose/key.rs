//! A key that verifies.

use serde_json::{Map, Value};

use super::Algorithm;

/// A key that verifies signatures or MACs: a JWK (RFC 7517) that has been checked. Never printed with what is secret in it.
#[derive(Clone, Debug)]
pub struct Key {
    // TODO(helper A): material, prepared for verifying; `kid`; what `alg`, `use` and `key_ops` allow; thumbprint (RFC 7638).
}

/// Why a JWK is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey(pub String);

impl Key {
    /// Reads a JWK. Refused: RSA below 2048 or above 8192 bits, an even or tiny exponent, points that are not on their curve, HMAC keys below 32 bytes,
    /// `use` other than `sig`, `key_ops` without `verify`, `alg` that does not fit the key type. The public part of a private key is taken.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence that holds nothing secret.
    pub fn from_jwk(_jwk: &Map<String, Value>) -> Result<Self, InvalidKey> {
        Err(InvalidKey("TODO".into()))
    }

    /// An HMAC key of these bytes.
    ///
    /// # Errors
    /// Below 32 bytes.
    pub fn from_secret(_secret: &[u8]) -> Result<Self, InvalidKey> {
        Err(InvalidKey("TODO".into()))
    }

    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        None
    }

    /// Whether it may verify signatures of `algorithm`: the key type fits, `alg` allows it, an HMAC key is as long as the hash.
    #[must_use]
    pub fn fits(&self, _algorithm: Algorithm) -> bool {
        false
    }

    /// Its thumbprint (RFC 7638) with SHA-256. Names imported keys on hosts that keep them.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Its public part as JWK text, for hosts that import keys themselves; for an HMAC key the key.
    #[must_use]
    pub fn jwk(&self) -> &str {
        ""
    }

    /// The bytes of an HMAC key.
    #[must_use]
    pub fn secret(&self) -> Option<&[u8]> {
        None
    }
}
