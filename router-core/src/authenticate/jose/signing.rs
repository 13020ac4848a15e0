//! A key that signs.

use std::{fmt, sync::Arc};

use ed25519_dalek::Signer;
use serde_json::{Map, Value};

use super::{
    Algorithm, InvalidKey, Key, base64, hmac,
    key::{Material, Members},
};

/// An Ed25519 or HMAC key with its private part. Cheap to clone. `Debug` shows nothing secret.
#[derive(Clone)]
pub struct SigningKey {
    inner: Arc<Inner>,
}

struct Inner {
    public: Key,
    secret: Secret,
}

enum Secret {
    Edwards(Box<ed25519_dalek::SigningKey>),
    Shared(Algorithm, Vec<u8>),
}

impl SigningKey {
    /// Reads a private JWK: `OKP` with `Ed25519`, `x` and `d`, or `oct`. `alg` of an HMAC key says which hash, `HS256` if it is not there; `key_ops`,
    /// if there, must have `sign`.
    ///
    /// # Errors
    /// What is wrong with it, without anything secret.
    pub fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, InvalidKey> {
        let public = Key::of_signer(jwk)?;
        let members = Members(jwk);
        let secret = match public.material() {
            Material::Edwards(point) => {
                let key = ed25519_dalek::SigningKey::from_bytes(&members.sized("d")?);
                // Signing with a point that is not the key's gives the key away (RFC 8032 section 5.1.6 hashes it in).
                if !point.belongs_to(&key) {
                    return Err(InvalidKey(
                        "\"x\" and \"d\" are of different keys; export both from one private key".into(),
                    ));
                }
                Secret::Edwards(Box::new(key))
            }
            Material::Shared(shared) => {
                let algorithm = members.algorithm()?.unwrap_or(Algorithm::Hs256);
                Secret::Shared(algorithm, shared.secret().to_vec())
            }
            other @ (Material::Rsa(_) | Material::Curve(_)) => {
                return Err(InvalidKey(format!(
                    "this is {}; keys that sign are Ed25519 (\"kty\": \"OKP\") or HMAC (\"kty\": \"oct\")",
                    other.kind()
                )));
            }
        };
        Ok(Self { inner: Arc::new(Inner { public, secret }) })
    }

    /// `EdDSA`, or `HS256`, `HS384` or `HS512`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.inner.secret {
            Secret::Edwards(_) => Algorithm::EdDsa,
            Secret::Shared(algorithm, _) => *algorithm,
        }
    }

    /// The signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.inner.secret {
            Secret::Edwards(key) => key.sign(message).to_bytes().to_vec(),
            Secret::Shared(algorithm, secret) => hmac(algorithm.digest(), secret, message),
        }
    }

    /// A signed token in compact form (RFC 7515 section 7.1). `alg` is set to that of the key, whatever `header` says.
    #[must_use]
    pub fn compact(&self, header: &Map<String, Value>, payload: &[u8]) -> String {
        let mut header = header.clone();
        header.insert("alg".into(), self.algorithm().as_str().into());
        let header = base64::encode_url(Value::Object(header).to_string().as_bytes());
        let mut token = header + "." + &base64::encode_url(payload);
        let signature = base64::encode_url(&self.sign(token.as_bytes()));
        token.push('.');
        token.push_str(&signature);
        token
    }

    /// The part of it that verifies. For an HMAC key it is the key.
    #[must_use]
    pub fn public(&self) -> &Key {
        &self.inner.public
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", self.public()).finish_non_exhaustive()
    }
}
