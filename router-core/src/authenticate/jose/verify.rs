//! Verifying, portably: RustCrypto.

use super::{Algorithm, Digest, Key};

/// Whether `signature` is one of `key` over `message`. False, too, for a key that does not fit the algorithm.
#[must_use]
pub fn verify(_algorithm: Algorithm, _key: &Key, _message: &[u8], _signature: &[u8]) -> bool {
    false
}

/// HMAC (RFC 2104) of `message`.
#[must_use]
pub fn hmac(_digest: Digest, _key: &[u8], _message: &[u8]) -> Vec<u8> {
    Vec::new()
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
#[must_use]
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    left.ct_eq(right).into()
}
