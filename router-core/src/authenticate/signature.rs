//! Signatures over requests: HTTP Message Signatures (RFC 9421), with Content-Digest (RFC 9530) for the body.
//!
//! [`Rules::find`] judges everything about the signatures of a request but the cryptography, the body and what was used before; the host does the rest
//! with a [`Candidate`]. [`Signing`] signs what goes to an upstream.
//!
//! Components that name a response, a related request (`;req`) or trailers (`;tr`) are not known here: they are refused, never left out.

mod component;
mod content_digest;
mod find;
mod message;
mod signing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

pub use component::{Component, InvalidComponent};
pub use find::Candidate;
pub use message::Message;
pub use signing::Signing;

use super::jose::{self, Key};

/// The field with what was signed (RFC 9421 section 4.1).
pub const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
/// The field with the signatures (RFC 9421 section 4.2).
pub const SIGNATURE: HeaderName = HeaderName::from_static("signature");
/// The field with hashes of the body (RFC 9530 section 2).
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// Whether there is something that looks like a signature.
#[must_use]
pub fn is_presented(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE_INPUT) || headers.contains_key(SIGNATURE)
}

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The keys by `keyid`. Never empty.
    pub keys: BTreeMap<String, KnownKey>,
    /// The components that must be covered.
    pub components: Vec<Component>,
    /// Whether `content-digest` must be covered where there is a body.
    pub digest: bool,
    /// How old a signature may be.
    pub window: Duration,
    /// Whether a nonce is needed. One that is there is claimed in any case.
    pub nonce: bool,
    /// What `tag` must be. Signatures with another one are for somebody else.
    pub tag: Option<String>,
    /// The largest body that is held, in bytes.
    pub max_body: u64,
}

/// A key that signs requests.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// The algorithm that it is used with, and no other.
    pub algorithm: Algorithm,
    /// The key, which fits.
    pub key: Key,
    /// Whose it is.
    pub consumer: String,
    /// What its owner may do.
    pub scopes: Vec<String>,
    /// What its owner is.
    pub roles: Vec<String>,
}

/// A signature algorithm (RFC 9421 section 6.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the registry")]
pub enum Algorithm {
    Ed25519,
    EcdsaP256Sha256,
    EcdsaP384Sha384,
    RsaPssSha512,
    RsaV15Sha256,
    HmacSha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Ed25519,
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::RsaPssSha512,
        Self::RsaV15Sha256,
        Self::HmacSha256,
    ];

    /// Its name in the registry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::EcdsaP384Sha384 => "ecdsa-p384-sha384",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::RsaV15Sha256 => "rsa-v1_5-sha256",
            Self::HmacSha256 => "hmac-sha256",
        }
    }

    /// The algorithm of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The same under its JOSE name: both registries mean the same primitives with the same parameters and encodings.
    #[must_use]
    pub fn jose(self) -> jose::Algorithm {
        match self {
            Self::Ed25519 => jose::Algorithm::EdDsa,
            Self::EcdsaP256Sha256 => jose::Algorithm::Es256,
            Self::EcdsaP384Sha384 => jose::Algorithm::Es384,
            Self::RsaPssSha512 => jose::Algorithm::Ps512,
            Self::RsaV15Sha256 => jose::Algorithm::Rs256,
            Self::HmacSha256 => jose::Algorithm::Hs256,
        }
    }
}
