//! The journey of a request, stage by stage.
//!
//! Each file here is one stage, in the order of `journey.rs`. A stage gathers what a decision needs, calls the one pure function of
//! `router_core` that decides, and carries out the verdict. Everything a host has to provide is a trait in [`platform`].
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]
// Futures are not `Send` on purpose: on Workers and Spin there is one thread, natively each thread has its own runtime.
#![allow(async_fn_in_trait)]

pub mod platform;

mod authenticate;
mod balance;
mod cache;
mod dispatch;
mod exchange;
mod filter;
mod instance;
mod journey;
mod limit;
mod receive;
mod record;
pub mod reload;
mod respond;
mod route;

pub use cache::{LONGEST_ORDER, Refused, purge};
pub use exchange::{AtEnd, Made, Passed, Reply, Request, Stored, StoredBody};
pub use instance::Instance;
pub use journey::{journey, refuse};
pub use reload::Current;
