//! Randomness, from the host's cryptographic generator.

use edge::platform::Random;
use spin_sdk::wasip3::random::random::get_random_bytes;

use crate::Spin;

impl Random for Spin {
    fn fill(&self, bytes: &mut [u8]) {
        // The host may give fewer bytes than asked for.
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let drawn = get_random_bytes(rest.len() as u64);
            let count = drawn.len().min(rest.len());
            for (to, from) in rest.iter_mut().zip(&drawn) {
                *to = *from;
            }
            filled += count;
        }
    }
}
