//! What a key is made of, by key type.

use super::{
    InvalidKey,
    curve::Curve,
    edwards::Edwards,
    members::{Members, shown},
    rsa::Rsa,
    shared::Shared,
};
use crate::authenticate::jose::Algorithm;

/// A checked key, prepared for verifying. There is one `verify` for each type, so that no key is ever read as one of another type.
#[allow(clippy::large_enum_variant, reason = "each stands on the heap by itself, behind the `Arc` of its key")]
pub(in super::super) enum Material {
    Rsa(Rsa),
    Curve(Curve),
    Edwards(Edwards),
    Shared(Shared),
}

/// A key that has just been read.
pub(super) struct Read {
    pub(super) material: Material,
    /// The required members in lexicographic order (RFC 7638 section 3.2).
    pub(super) jwk: String,
}

impl Material {
    /// Reads what `kty` says it is.
    pub(super) fn read(members: Members<'_>) -> Result<Read, InvalidKey> {
        match members.text("kty")? {
            "RSA" => Rsa::read(members),
            "EC" => Curve::read(members),
            "OKP" => Edwards::read(members),
            "oct" => Shared::read(&members.bytes("k")?),
            other => Err(InvalidKey(format!("\"kty\" is \"{}\"; keys are RSA, EC, OKP or oct", shown(other)))),
        }
    }

    /// Whether the type and size of the key fit `algorithm`.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa(_) => Rsa::fits(algorithm),
            Self::Curve(curve) => curve.fits(algorithm),
            Self::Edwards(_) => algorithm == Algorithm::EdDsa,
            Self::Shared(shared) => shared.fits(algorithm),
        }
    }

    /// Whether `signature` is one over `message`. False for an algorithm that does not fit.
    pub(in super::super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(rsa) => rsa.verify(algorithm, message, signature),
            Self::Curve(curve) => curve.verify(algorithm, message, signature),
            Self::Edwards(edwards) => algorithm == Algorithm::EdDsa && edwards.verify(message, signature),
            Self::Shared(shared) => shared.verify(algorithm, message, signature),
        }
    }

    /// For people.
    pub(in super::super) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "an RSA key",
            Self::Curve(curve) => curve.kind(),
            Self::Edwards(_) => "an Ed25519 key",
            Self::Shared(_) => "an HMAC key",
        }
    }
}
