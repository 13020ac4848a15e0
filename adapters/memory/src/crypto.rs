//! Cryptography, portable; how often it was asked is counted.

use std::cell::Cell;

use edge::platform::Crypto;
use router_core::authenticate::jose::{self, Algorithm, Digest, Key};

use crate::Memory;

/// How many signatures were verified.
#[derive(Debug, Default)]
pub(crate) struct Verified(Cell<u64>);

impl Memory {
    /// How many signatures the platform has been asked to verify. MACs are not its affair.
    #[must_use]
    pub fn verified(&self) -> u64 {
        self.state.verified.0.get()
    }
}

impl Crypto for Memory {
    async fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        let Verified(count) = &self.state.verified;
        count.set(count.get().saturating_add(1));
        jose::verify(algorithm, key, message, signature)
    }

    async fn digest(&self, digest: Digest, bytes: &[u8]) -> Vec<u8> {
        digest.of(bytes)
    }
}
