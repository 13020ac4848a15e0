//! Ed25519 keys (RFC 8037).

use ed25519_dalek::{Signature, VerifyingKey};

use super::{
    InvalidKey,
    material::{Material, Read},
    members::{Members, shown},
};
use crate::authenticate::jose::base64;

/// A point of Ed25519.
pub(in super::super) struct Edwards {
    key: VerifyingKey,
}

impl Edwards {
    pub(super) fn read(members: Members<'_>) -> Result<Read, InvalidKey> {
        let curve = members.text("crv")?;
        if curve != "Ed25519" {
            return Err(InvalidKey(format!("\"crv\" is \"{}\"; an OKP key that verifies has Ed25519", shown(curve))));
        }
        let x = members.sized("x")?;
        let key = VerifyingKey::from_bytes(&x)
            .map_err(|_| InvalidKey("\"x\" is no point of Ed25519; export the key again".into()))?;
        if key.is_weak() {
            // Anybody can make signatures that verify with such a point.
            return Err(InvalidKey("\"x\" is a point of small order, which protects nothing; make a new key".into()));
        }
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64::encode_url(&x));
        Ok(Read { material: Material::Edwards(Self { key }), jwk })
    }

    /// Strict: one signature for one message and key (RFC 8032 section 5.1.7, with points of small order refused).
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }

    /// Whether this is the point that belongs to `key`.
    pub(in super::super) fn belongs_to(&self, key: &ed25519_dalek::SigningKey) -> bool {
        self.key == key.verifying_key()
    }
}
