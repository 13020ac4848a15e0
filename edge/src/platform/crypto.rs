//! Cryptography that a host may do better than portable code.

use router_core::authenticate::jose::{Algorithm, Digest, Key};

/// Verifies and hashes: WebCrypto on Workers, RustCrypto elsewhere. MACs with a shared key are not here, since the portable code is faster than asking
/// a host.
pub trait Crypto {
    /// Whether `signature` is one of `key` over `message`. False for a key that does not fit, and for a host that cannot tell.
    async fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool;

    /// The hash of `bytes`, of a body for example.
    async fn digest(&self, digest: Digest, bytes: &[u8]) -> Vec<u8>;
}
