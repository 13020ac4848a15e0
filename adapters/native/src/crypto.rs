//! Cryptography.

use edge::platform::Crypto;
use router_core::authenticate::jose::{self, Algorithm, Digest, Key};

use crate::platform::Native;

impl Crypto for Native {
    async fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        jose::verify(algorithm, key, message, signature)
    }

    async fn digest(&self, digest: Digest, bytes: &[u8]) -> Vec<u8> {
        digest.of(bytes)
    }
}
