//! Randomness from Web Crypto, written straight into the bytes that want it.

use edge::platform::Random;

use crate::js;
use crate::platform::Workers;

/// The most that `crypto.getRandomValues` fills at once.
const MOST_AT_ONCE: usize = 65_536;

impl Random for Workers {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(MOST_AT_ONCE) {
            // It fails for longer parts and outside of a request only, and this is neither.
            js::fill(part).ok();
        }
    }
}
