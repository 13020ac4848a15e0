//! What Tidegate decides, and nothing that it does.
//!
//! Every function here is a pure function of its arguments: no clock, no randomness, no I/O, no globals, no panic on any input. `now` and
//! random bytes are handed in. The modules carry the names of the stages of a request's journey (see ARCHITECTURE.md), beside [`config`],
//! which turns a document into a checked [`config::Gateway`].
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod atomic;
pub mod authenticate;
pub mod balance;
pub mod breaker;
pub mod cache;
pub mod config;
pub mod dispatch;
pub mod edits;
mod elapsed;
pub mod filter;
pub mod head;
pub mod hex;
pub mod limit;
pub mod metrics;
pub mod receive;
pub mod recent;
pub mod rejection;
pub mod respond;
pub mod route;
pub mod time;

pub use config::Gateway;
pub use edits::HeaderEdits;
pub use head::RequestHead;
pub use rejection::Rejection;
