//! HMAC keys (RFC 7518 sections 3.2 and 6.4).

use hmac::Hmac;
use sha2::{Sha256, Sha384, Sha512};

use super::{
    InvalidKey,
    material::{Material, Read},
};
use crate::authenticate::jose::{
    Algorithm, base64, equal,
    verify::{keyed, mac},
};

/// The shortest key: the hash of HS256 (RFC 7518 section 3.2).
const MIN_BYTES: usize = 32;

/// A key that both sides know, with the two blocks of HMAC that depend on the key alone already hashed.
pub(in super::super) struct Shared {
    secret: Vec<u8>,
    sha256: Hmac<Sha256>,
    sha384: Hmac<Sha384>,
    sha512: Hmac<Sha512>,
}

impl Shared {
    pub(super) fn read(secret: &[u8]) -> Result<Read, InvalidKey> {
        if secret.len() < MIN_BYTES {
            return Err(InvalidKey(format!(
                "the HMAC key has {} bytes; it needs {MIN_BYTES} or more, and as many as the hash has (RFC 7518 section 3.2)",
                secret.len()
            )));
        }
        let shared =
            Self { secret: secret.to_vec(), sha256: keyed(secret), sha384: keyed(secret), sha512: keyed(secret) };
        let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, base64::encode_url(secret));
        Ok(Read { material: Material::Shared(shared), jwk })
    }

    pub(in super::super) fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        algorithm.is_symmetric() && self.secret.len() >= algorithm.digest().len()
    }

    /// The MAC of `message`; none for an algorithm that is no HMAC.
    fn mac(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        match algorithm {
            Algorithm::Hs256 => Some(mac(self.sha256.clone(), message)),
            Algorithm::Hs384 => Some(mac(self.sha384.clone(), message)),
            Algorithm::Hs512 => Some(mac(self.sha512.clone(), message)),
            _ => None,
        }
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.mac(algorithm, message).is_some_and(|mac| equal(&mac, signature))
    }
}
