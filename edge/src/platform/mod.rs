//! What a host has to provide. Small traits without default bodies: what is required is required by type.
//!
//! A platform value belongs to one request where the host wants it so (a Workers context), and to an instance elsewhere. It is cheap to clone,
//! because work that goes on after the answer takes a copy.

mod background;
mod clock;
mod kv;
mod log;
mod random;
mod settings;
mod upstream;

pub use background::Background;
pub use clock::Clock;
pub use kv::{Kv, KvFailure};
pub use log::Log;
pub use random::Random;
pub use settings::Settings;
pub use upstream::{Answer, Body, Failure, Question, Read, Upstreams};

use router_core::config::PlatformName;

/// All that a host has to provide. What it cannot do stands in [`PlatformName::capabilities`], so that `check` can tell before it matters.
pub trait Platform: Background + Clock + Kv + Log + Random + Settings + Upstreams + Clone + 'static {
    /// Which one it is.
    const NAME: PlatformName;
}
