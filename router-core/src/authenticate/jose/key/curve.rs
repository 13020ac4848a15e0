//! ECDSA keys (RFC 7518 sections 3.4 and 6.2).

use super::{
    InvalidKey,
    material::{Material, Read},
    members::{Members, shown},
};
use crate::authenticate::jose::{Algorithm, base64};

/// A point of one of the NIST curves.
pub(in super::super) enum Curve {
    P256(P256),
    P384(P384),
    P521(P521),
}

impl Curve {
    pub(super) fn read(members: Members<'_>) -> Result<Read, InvalidKey> {
        let curve = members.text("crv")?;
        let (material, x, y) = match curve {
            "P-256" => {
                let (x, y) = (members.sized::<32>("x")?, members.sized::<32>("y")?);
                (P256::prepared(&x, &y).map(Self::P256), x.to_vec(), y.to_vec())
            }
            "P-384" => {
                let (x, y) = (members.sized::<48>("x")?, members.sized::<48>("y")?);
                (P384::prepared(&x, &y).map(Self::P384), x.to_vec(), y.to_vec())
            }
            "P-521" => {
                let (x, y) = (members.sized::<66>("x")?, members.sized::<66>("y")?);
                (P521::prepared(&x, &y).map(Self::P521), x.to_vec(), y.to_vec())
            }
            other => {
                let other = shown(other);
                return Err(InvalidKey(format!("\"crv\" is \"{other}\"; an EC key has P-256, P-384 or P-521")));
            }
        };
        let material = material.ok_or_else(|| {
            InvalidKey(format!("\"x\" and \"y\" are no point of {curve}; export the key again, or correct \"crv\""))
        })?;
        let (x, y) = (base64::encode_url(&x), base64::encode_url(&y));
        let jwk = format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Ok(Read { material: Material::Curve(material), jwk })
    }

    /// Each algorithm has its curve.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::P256(_), Algorithm::Es256) | (Self::P384(_), Algorithm::Es384) | (Self::P521(_), Algorithm::Es512)
        )
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::P256(_) => "a P-256 key",
            Self::P384(_) => "a P-384 key",
            Self::P521(_) => "a P-521 key",
        }
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm)
            && match self {
                Self::P256(key) => key.verify(message, signature),
                Self::P384(key) => key.verify(message, signature),
                Self::P521(key) => key.verify(message, signature),
            }
    }
}

/// A curve: how a point is checked, and how a signature, R and S side by side in full length (RFC 7518 section 3.4).
macro_rules! curve {
    ($name:ident, $crate_name:ident, $doc:literal) => {
        #[doc = $doc]
        pub(in super::super) struct $name {
            #[cfg(feature = "portable-crypto")]
            key: $crate_name::ecdsa::VerifyingKey,
        }

        #[cfg(feature = "portable-crypto")]
        impl $name {
            fn prepared(x: &[u8], y: &[u8]) -> Option<Self> {
                // SEC 1 section 2.3.3: 4 says that both coordinates follow.
                let point = [&[4], x, y].concat();
                $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok().map(|key| Self { key })
            }

            fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
                use $crate_name::ecdsa::{Signature, signature::Verifier};
                Signature::from_slice(signature).is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
            }
        }

        #[cfg(not(feature = "portable-crypto"))]
        impl $name {
            /// Whether the point is on the curve, the host finds out when it imports the key.
            fn prepared(_x: &[u8], _y: &[u8]) -> Option<Self> {
                Some(Self {})
            }

            fn verify(&self, _message: &[u8], _signature: &[u8]) -> bool {
                false
            }
        }
    };
}

curve!(P256, p256, "P-256 with SHA-256.");
curve!(P384, p384, "P-384 with SHA-384.");
curve!(P521, p521, "P-521 with SHA-512.");
