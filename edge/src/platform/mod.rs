//! What a host has to provide. Small traits without default bodies: what is required is required by type.
//!
//! A platform value belongs to one request where the host wants it so (a Workers context), and to an instance elsewhere. It is cheap to clone,
//! because work that goes on after the answer takes a copy.

mod atomic;
mod background;
mod cache;
mod clock;
mod crypto;
mod fetch;
mod kv;
mod log;
mod random;
mod rate_limiter;
mod settings;
mod single_flight;
mod sleep;
mod upstream;

pub use atomic::{Atomic, AtomicFailure};
pub use background::Background;
pub use cache::{Cache, CacheFailure, Coalesce, Found};
pub use clock::Clock;
pub use crypto::Crypto;
pub use fetch::{Errand, Fetch, Fetched};
pub use kv::{Kv, KvFailure};
pub use log::Log;
pub use random::Random;
pub use rate_limiter::RateLimiter;
pub use settings::Settings;
pub use single_flight::SingleFlight;
pub use sleep::Sleep;
pub use upstream::{Answer, Body, Failure, Question, Read, Upstreams};

use std::rc::Rc;

use router_core::config::PlatformName;

use crate::Instance;

/// All that a host has to provide. What it cannot do stands in [`PlatformName::capabilities`], so that `check` can tell before it matters.
pub trait Platform:
    Atomic
    + Background
    + Cache
    + Clock
    + Coalesce
    + Crypto
    + Fetch
    + Kv
    + Log
    + Random
    + RateLimiter
    + Settings
    + SingleFlight
    + Sleep
    + Upstreams
    + Clone
    + 'static
{
    /// Which one it is.
    const NAME: PlatformName;

    /// What the stages remember between the requests of this instance.
    fn instance(&self) -> Rc<Instance>;
}
