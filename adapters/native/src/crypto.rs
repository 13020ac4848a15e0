//! Cryptography by ring, which is here for TLS anyway: its assembly verifies several times as fast as portable code does. What ring has not, which is
//! P-521, and MACs are left to the portable code.

use std::cell::RefCell;
use std::rc::Rc;

use edge::platform::Crypto;
use ring::signature::{self, EcdsaVerificationAlgorithm, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use router_core::authenticate::jose::base64::decode_url;
use router_core::authenticate::jose::{self, Algorithm, Digest, Key};
use router_core::recent::Recent;
use serde_json::Value;

use crate::platform::Native;

/// How many keys a thread keeps as ring wants them: more than a gateway's issuers have.
const KEYS: usize = 512;

/// The keys of a thread that have been used, by thumbprint.
pub(crate) struct Keys(RefCell<Recent<[u8; 32], Rc<Prepared>>>);

/// A key as ring wants it.
enum Prepared {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// SEC 1 section 2.3.3, uncompressed.
    Point(Vec<u8>),
    Edwards(Vec<u8>),
    /// One that ring cannot use.
    Portable,
}

impl Default for Keys {
    fn default() -> Self {
        Self(RefCell::new(Recent::new(KEYS)))
    }
}

impl Keys {
    fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        if algorithm.is_symmetric() {
            return jose::verify(algorithm, key, message, signature);
        }
        if !key.fits(algorithm) {
            return false;
        }
        match (&*self.prepared(key), rsa(algorithm), ecdsa(algorithm)) {
            (Prepared::Rsa(public), Some(parameters), _) => public.verify(parameters, message, signature).is_ok(),
            (Prepared::Point(point), _, Some(curve)) => {
                UnparsedPublicKey::new(curve, point).verify(message, signature).is_ok()
            }
            (Prepared::Edwards(point), None, None) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature).is_ok()
            }
            _ => jose::verify(algorithm, key, message, signature),
        }
    }

    fn prepared(&self, key: &Key) -> Rc<Prepared> {
        let thumbprint = key.thumbprint();
        let mut keys = self.0.borrow_mut();
        if let Some(known) = keys.get(&thumbprint) {
            return Rc::clone(known);
        }
        let prepared = Rc::new(prepare(key.jwk()).unwrap_or(Prepared::Portable));
        keys.insert(thumbprint, Rc::clone(&prepared));
        prepared
    }
}

fn prepare(jwk: &str) -> Option<Prepared> {
    let jwk: Value = serde_json::from_str(jwk).ok()?;
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| decode_url(text(name)?);
    match (text("kty")?, text("crv")) {
        ("RSA", _) => Some(Prepared::Rsa(RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? })),
        ("EC", Some("P-256" | "P-384")) => Some(Prepared::Point([vec![4], bytes("x")?, bytes("y")?].concat())),
        ("OKP", Some("Ed25519")) => Some(Prepared::Edwards(bytes("x")?)),
        _ => None,
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

fn ecdsa(algorithm: Algorithm) -> Option<&'static EcdsaVerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        _ => None,
    }
}

impl Crypto for Native {
    async fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        self.thread.keys.verify(algorithm, key, message, signature)
    }

    async fn digest(&self, digest: Digest, bytes: &[u8]) -> Vec<u8> {
        digest.of(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
