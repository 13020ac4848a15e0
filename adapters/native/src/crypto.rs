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
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
    };

    use super::*;

    const MESSAGE: &[u8] = b"what is signed";

    /// The key of this name among those of the cases, and its private part.
    fn key(name: &str) -> (Key, Vec<u8>) {
        let keys: Value = serde_json::from_str(include_str!("../../../tests/vectors/keys.json")).unwrap();
        let key = &keys[name];
        let private = jose::base64::decode_standard(key["pkcs8"].as_str().unwrap()).unwrap();
        (Key::from_jwk(key["jwk"].as_object().unwrap()).unwrap(), private)
    }

    fn rsa_signature(private: &[u8], encoding: &'static dyn RsaEncoding) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(private).unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), MESSAGE, &mut signature).unwrap();
        signature
    }

    /// A key, an algorithm and a signature for each way in which ring is used.
    fn signed() -> Vec<(Key, Algorithm, Vec<u8>)> {
        let random = SystemRandom::new();
        let mut all = Vec::new();
        let (rs256, private) = key("rs256");
        all.push((rs256, Algorithm::Rs256, rsa_signature(&private, &RSA_PKCS1_SHA256)));
        let (ps256, private) = key("ps256");
        all.push((ps256, Algorithm::Ps256, rsa_signature(&private, &RSA_PSS_SHA256)));
        for (name, algorithm, kind) in [
            ("es256", Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
            ("es384", Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        ] {
            let (public, private) = key(name);
            let pair = EcdsaKeyPair::from_pkcs8(kind, &private, &random).unwrap();
            all.push((public, algorithm, pair.sign(&random, MESSAGE).unwrap().as_ref().to_vec()));
        }
        let (ed25519, private) = key("ed25519");
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private).unwrap();
        all.push((ed25519, Algorithm::EdDsa, pair.sign(MESSAGE).as_ref().to_vec()));
        all
    }

    #[test]
    fn ring_and_the_portable_code_agree_on_signatures_and_on_what_is_none() {
        let keys = Keys::default();
        for (key, algorithm, signature) in signed() {
            let both = |algorithm, message: &[u8], signature: &[u8]| {
                let told = keys.verify(algorithm, &key, message, signature);
                assert_eq!(told, jose::verify(algorithm, &key, message, signature), "{algorithm:?}");
                told
            };
            assert!(both(algorithm, MESSAGE, &signature), "{algorithm:?}");
            assert!(!both(algorithm, b"something else", &signature));
            assert!(!both(algorithm, MESSAGE, &[]));
            assert!(!both(algorithm, MESSAGE, &vec![0; signature.len()]));
            assert!(!both(algorithm, MESSAGE, &[&signature[..], &[0]].concat()));
            for at in 0..signature.len() {
                let mut other = signature.clone();
                other[at] ^= 1;
                assert!(!keys.verify(algorithm, &key, MESSAGE, &other), "{algorithm:?}, byte {at}");
            }
            for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert!(!both(other, MESSAGE, &signature), "{algorithm:?} taken for {other:?}");
            }
        }
    }

    #[test]
    fn ring_does_what_the_portable_code_would_do_and_is_used_for_it() {
        for name in ["rs256", "es256", "es384", "ed25519"] {
            assert!(!matches!(prepare(key(name).0.jwk()), None | Some(Prepared::Portable)), "{name}");
        }
    }

    /// How long each takes; `cargo test -p tidegate-native --release -- --ignored --nocapture measure`.
    #[test]
    #[ignore = "a measurement, not a test"]
    #[expect(clippy::disallowed_methods, reason = "it measures")]
    fn measure() {
        let keys = Keys::default();
        for (key, algorithm, signature) in signed() {
            let time = |verify: &dyn Fn() -> bool| {
                assert!(verify());
                let begun = std::time::Instant::now();
                (0..200).for_each(|_| assert!(verify()));
                begun.elapsed().as_secs_f64() * 5000.0
            };
            let ring = time(&|| keys.verify(algorithm, &key, MESSAGE, &signature));
            let portable = time(&|| jose::verify(algorithm, &key, MESSAGE, &signature));
            println!("{}: ring {ring:.1} µs, portable {portable:.1} µs", algorithm.as_str());
        }
    }
}
