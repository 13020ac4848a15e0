//! The keys of `vectors/keys.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use ring::{digest, hmac};
use serde::Deserialize;
use serde_json::{Value, json};

use super::makes::standard_bytes;

/// A key that cases sign with.
#[derive(Debug, Deserialize)]
pub struct Key {
    /// Its algorithm.
    pub alg: String,
    #[serde(default)]
    pkcs8: String,
    #[serde(default)]
    secret: Option<String>,
    /// Its public part; null for a shared secret.
    #[serde(default)]
    pub jwk: Value,
    /// With its private part, where a gateway signs with it.
    #[serde(default)]
    pub private_jwk: Value,
    /// The thumbprint of its public part (RFC 7638).
    #[serde(default)]
    pub thumbprint: String,
}

static KEYS: LazyLock<BTreeMap<String, Key>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../vectors/keys.json")).unwrap_or_default());

/// The key of this name.
///
/// # Errors
/// The names that there are.
pub fn key(name: &str) -> Result<&'static Key, String> {
    let known = || KEYS.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    KEYS.get(name).ok_or_else(|| format!("there is no key `{name}`; there are {}", known()))
}

/// The key set (RFC 7517) of the public parts of these keys.
///
/// # Errors
/// A key that does not exist.
pub fn public_set(names: &[&str]) -> Result<Value, String> {
    let keys: Vec<&Value> = names.iter().map(|name| key(name).map(|key| &key.jwk)).collect::<Result<_, _>>()?;
    Ok(json!({ "keys": keys }))
}

impl Key {
    /// The signature over `message` by the algorithm `alg`, which is the key's but for a case that lies.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn sign(&self, alg: &str, message: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(secret) = &self.secret {
            return Ok(mac(alg, secret.as_bytes(), message)?.as_ref().to_vec());
        }
        let der = standard_bytes(&self.pkcs8).ok_or("the key is not base64")?;
        let random = SystemRandom::new();
        let failed = |why: &dyn std::fmt::Display| format!("it cannot be signed: {why}");
        let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der, &random).map_err(|why| failed(&why))?;
            pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(|why| failed(&why))
        };
        let rsa = |padding: &'static dyn RsaEncoding| {
            let pair = RsaKeyPair::from_pkcs8(&der).map_err(|why| failed(&why))?;
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(padding, &random, message, &mut signature).map_err(|why| failed(&why))?;
            Ok(signature)
        };
        match alg {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "ES256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "EdDSA" => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|why| failed(&why))?;
                Ok(pair.sign(message).as_ref().to_vec())
            }
            "HS256" => {
                // With a public key in the place of the secret: the confusion of algorithms.
                let text = serde_json::to_string(&self.jwk).map_err(|why| failed(&why))?;
                Ok(mac(alg, text.as_bytes(), message)?.as_ref().to_vec())
            }
            "none" => Ok(Vec::new()),
            other => Err(format!("cases cannot sign by `{other}`")),
        }
    }
}

fn mac(alg: &str, secret: &[u8], message: &[u8]) -> Result<hmac::Tag, String> {
    let algorithm = match alg {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        other => return Err(format!("a shared secret cannot sign by `{other}`")),
    };
    Ok(hmac::sign(&hmac::Key::new(algorithm, secret), message))
}

/// HMAC with SHA-256 of a secret of the case's own.
pub(super) fn hmac_sha256(secret: &str, message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message).as_ref().to_vec()
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}
