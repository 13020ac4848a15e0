//! Randomness of the operating system.

use edge::platform::Random;

use crate::platform::Native;

impl Random for Native {
    /// # Panics
    /// Where the operating system has no randomness, which no supported one does once it has started. The panic is contained and answered with 500:
    /// better than going on with bytes that can be guessed.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
