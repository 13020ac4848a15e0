//! What of the cache needs no host. The component itself exists only as Wasm, where its unit tests could not run.

#[path = "../src/cache/gathering.rs"]
mod gathering;
#[path = "../src/cache/slot.rs"]
mod slot;
