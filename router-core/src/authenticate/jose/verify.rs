//! Verifying, portably: RustCrypto.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::{Algorithm, Digest, Key};

/// Whether `signature` is one of `key` over `message`. False, too, for a key that does not fit the algorithm, and for RSA and ECDSA where they are
/// left to the host (without the cargo feature `portable-crypto`).
///
/// An ECDSA signature (R, S) has a twin (R, n − S) that everybody can compute and that verifies too: what may be used once is named by what is signed
/// (`jti`), never by the hash of the whole token.
#[must_use]
pub fn verify(algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
    key.fits(algorithm) && key.material().verify(algorithm, message, signature)
}

/// HMAC (RFC 2104) of `message`.
#[must_use]
pub fn hmac(digest: Digest, key: &[u8], message: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha256 => mac::<Sha256>(keyed(key), message),
        Digest::Sha384 => mac::<Sha384>(keyed(key), message),
        Digest::Sha512 => mac::<Sha512>(keyed(key), message),
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
#[must_use]
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    left.ct_eq(right).into()
}

/// HMAC with its key taken in, ready for a message.
pub(super) fn keyed<D: EagerHash + hmac::digest::Digest>(key: &[u8]) -> Hmac<D> {
    // RFC 2104 section 2: a key longer than a block is hashed, a shorter one is filled up with zeros. Done here, since this way nothing can fail.
    let mut block = hmac::digest::Key::<Hmac<D>>::default();
    let fill = |block: &mut [u8], key: &[u8]| block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    if key.len() > block.len() {
        fill(&mut block, &D::digest(key))
    } else {
        fill(&mut block, key)
    }
    Hmac::new(&block)
}

/// The MAC of `message`.
pub(super) fn mac<D: EagerHash>(mut keyed: Hmac<D>, message: &[u8]) -> Vec<u8> {
    keyed.update(message);
    keyed.finalize().into_bytes().to_vec()
}
