//! A key that verifies.

mod curve;
mod edwards;
mod material;
mod members;
mod rsa;
mod shared;

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use self::{material::Read, shared::Shared};
use super::{Algorithm, Digest};

pub(super) use self::{material::Material, members::Members};

/// A key that verifies signatures or MACs: a JWK (RFC 7517) that has been checked and prepared for verifying. Cheap to clone. Never printed with what
/// is secret in it.
#[derive(Clone)]
pub struct Key {
    inner: Arc<Inner>,
}

struct Inner {
    material: Material,
    id: Option<String>,
    /// What `alg` of the JWK says.
    algorithm: Option<Algorithm>,
    thumbprint: [u8; 32],
    /// The required members in lexicographic order, without white space: what RFC 7638 hashes.
    jwk: String,
}

/// Why a JWK is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey(pub String);

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidKey {}

impl Key {
    /// Reads a JWK (RFC 7517 section 4). The public part of a private key is taken, members that are not known are passed over. Refused are
    ///
    /// * RSA moduli below 2048 or above 8192 bits or even, exponents that are even, below 3 or above 2³² − 1 (no platform takes all of the larger ones);
    /// * points that are not on their curve (EC: with the cargo feature `portable-crypto`, else the host finds out), Ed25519 points of small order;
    /// * HMAC keys below 32 bytes;
    /// * numbers with leading zero bytes, coordinates of another length than the curve's, base64url that is not strict (RFC 7518 section 6);
    /// * `use` other than `sig`, `key_ops` without `verify`, `alg` that is unknown or does not fit the key type, `kid` that is no text.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence that holds nothing secret.
    pub fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, InvalidKey> {
        let members = Members(jwk);
        members.check_purpose("verify")?;
        Self::checked(Material::read(members)?, members.id()?, members.algorithm()?)
    }

    /// An HMAC key of these bytes.
    ///
    /// # Errors
    /// Below 32 bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, InvalidKey> {
        Self::checked(Shared::read(secret)?, None, None)
    }

    /// Whether a JWK has a private or secret part, which a public place must not show: `d` of RSA, EC and OKP, `k` of oct.
    #[must_use]
    pub fn is_secret(jwk: &Map<String, Value>) -> bool {
        // The others are factors of an RSA key (RFC 7518 section 6.3.2), each of which gives it away.
        ["d", "k", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|name| jwk.contains_key(*name))
    }

    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.inner.id.as_deref()
    }

    /// Whether it may verify signatures of `algorithm`: the key type fits, `alg` allows it, an HMAC key is as long as the hash (RFC 7518 section 3.2).
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.inner.material.fits(algorithm) && self.inner.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Its thumbprint (RFC 7638) with SHA-256. Names imported keys on hosts that keep them.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        self.inner.thumbprint
    }

    /// Its public part as JWK text, for hosts that import keys themselves; for an HMAC key the key. It has the required members only, so that an
    /// import meets no `use`, `alg` or `key_ops`.
    #[must_use]
    pub fn jwk(&self) -> &str {
        &self.inner.jwk
    }

    /// The bytes of an HMAC key.
    #[must_use]
    pub fn secret(&self) -> Option<&[u8]> {
        match &self.inner.material {
            Material::Shared(shared) => Some(shared.secret()),
            _ => None,
        }
    }

    pub(super) fn material(&self) -> &Material {
        &self.inner.material
    }

    /// The public part of a private JWK which says that it is for signing.
    pub(super) fn of_signer(jwk: &Map<String, Value>) -> Result<Self, InvalidKey> {
        let members = Members(jwk);
        members.check_purpose("sign")?;
        Self::checked(Material::read(members)?, members.id()?, members.algorithm()?)
    }

    fn checked(read: Read, id: Option<String>, algorithm: Option<Algorithm>) -> Result<Self, InvalidKey> {
        let Read { material, jwk } = read;
        if let Some(algorithm) = algorithm.filter(|algorithm| !material.fits(*algorithm)) {
            let algorithm = algorithm.as_str();
            return Err(InvalidKey(format!(
                "\"alg\" is {algorithm}, which {} cannot verify; name an algorithm of this key type, or leave \"alg\" out",
                material.kind()
            )));
        }
        let mut thumbprint = [0; 32];
        thumbprint.iter_mut().zip(Digest::Sha256.of(jwk.as_bytes())).for_each(|(to, from)| *to = from);
        Ok(Self { inner: Arc::new(Inner { material, id, algorithm, thumbprint, jwk }) })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { material, id, algorithm, .. } = &*self.inner;
        f.debug_struct("Key")
            .field("kind", &material.kind())
            .field("id", id)
            .field("algorithm", algorithm)
            .finish_non_exhaustive()
    }
}
