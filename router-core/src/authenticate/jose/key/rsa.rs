//! RSA keys (RFC 7518 sections 3.3, 3.5 and 6.3).

use super::{
    InvalidKey,
    material::{Material, Read},
    members::Members,
};
use crate::authenticate::jose::{Algorithm, base64};

/// The smallest modulus, in bits (RFC 7518 section 3.3).
const MIN_BITS: usize = 2048;
/// The largest modulus, in bits. Work grows with the square, and 8192 bits are beyond any issuer.
const MAX_BITS: usize = 8192;

/// A modulus and an exponent.
pub(in super::super) struct Rsa {
    #[cfg(feature = "portable-crypto")]
    key: rsa::RsaPublicKey,
}

impl Rsa {
    pub(super) fn read(members: Members<'_>) -> Result<Read, InvalidKey> {
        let (n, e) = (members.number("n")?, members.number("e")?);
        let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(InvalidKey(format!("this RSA key has {bits} bits; {MIN_BITS} to {MAX_BITS} are accepted")));
        }
        if is_even(&n) {
            return Err(InvalidKey(
                "\"n\" is even, so it is no product of two large primes; export the key again".into(),
            ));
        }
        // 1 makes every message its own signature; beyond four bytes platforms differ in what they import.
        if e.len() > 4 || is_even(&e) || e == [1] {
            return Err(InvalidKey(
                "\"e\" is not an odd number from 3 to 4294967295; usual is AQAB, which is 65537".into(),
            ));
        }
        let jwk = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64::encode_url(&e), base64::encode_url(&n));
        Ok(Read { material: Material::Rsa(Self::prepared(&n, &e)?), jwk })
    }

    /// Any size fits: 2048 bits hold the PSS encoding of SHA-512.
    pub(super) fn fits(algorithm: Algorithm) -> bool {
        use Algorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512)
    }

    #[cfg(feature = "portable-crypto")]
    fn prepared(n: &[u8], e: &[u8]) -> Result<Self, InvalidKey> {
        use rsa::BoxedUint;
        let number = BoxedUint::from_be_slice_vartime;
        rsa::RsaPublicKey::new_with_size_limits(number(n), number(e), MIN_BITS..=MAX_BITS)
            .map(|key| Self { key })
            .map_err(|why| InvalidKey(format!("this RSA key cannot be used: {why}")))
    }

    #[cfg(not(feature = "portable-crypto"))]
    fn prepared(_n: &[u8], _e: &[u8]) -> Result<Self, InvalidKey> {
        Ok(Self {})
    }

    #[cfg(feature = "portable-crypto")]
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        use rsa::{Pkcs1v15Sign, Pss};
        use sha2::{Digest, Sha256, Sha384, Sha512};

        let key = &self.key;
        // PSS: the salt is as long as the hash (RFC 7518 section 3.5).
        match algorithm {
            Algorithm::Rs256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature),
            Algorithm::Rs384 => key.verify(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message), signature),
            Algorithm::Rs512 => key.verify(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message), signature),
            Algorithm::Ps256 => key.verify(Pss::<Sha256>::new(), &Sha256::digest(message), signature),
            Algorithm::Ps384 => key.verify(Pss::<Sha384>::new(), &Sha384::digest(message), signature),
            Algorithm::Ps512 => key.verify(Pss::<Sha512>::new(), &Sha512::digest(message), signature),
            _ => return false,
        }
        .is_ok()
    }

    #[cfg(not(feature = "portable-crypto"))]
    pub(super) fn verify(&self, _algorithm: Algorithm, _message: &[u8], _signature: &[u8]) -> bool {
        false
    }
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last % 2 == 0)
}
