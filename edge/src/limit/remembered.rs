//! The instance's memory of limits.

use router_core::limit::key::Seed;
use router_core::limit::{Limits, Memory};

use crate::platform::Platform;

/// Does something with the memory, which is made at the first request, and anew when another configuration wants another size. It must not wait: a borrow
/// never lives across an `.await`.
pub(super) fn with<P: Platform, T>(platform: &P, limits: &Limits, work: impl FnOnce(&mut Memory) -> T) -> T {
    let instance = platform.instance();
    let mut memory = instance.limits.borrow_mut();
    if memory.as_ref().is_some_and(|memory| memory.most_keys() != limits.max_keys) {
        *memory = None;
    }
    work(memory.get_or_insert_with(|| {
        let mut seed = [0; 16];
        platform.fill(&mut seed);
        Memory::new(Seed(seed), limits.max_keys, platform.unix_ms())
    }))
}
