//! Randomness.

/// Draws random bytes.
pub trait Random {
    /// Fills `bytes` from the host's generator, which is cryptographic everywhere but on the memory platform.
    fn fill(&self, bytes: &mut [u8]);
}
