//! Who asks, and may they?
//!
//! An [`Authenticator`] is one configured way to learn who asks. It looks at the request and yields an [`Attempt`]; a [`Policy`] says which of them
//! a route needs, what the [`Consumer`] must be allowed, and what the upstream learns.

pub mod api_key;
pub mod assertion;
mod attempt;
mod authenticator;
pub mod authorize;
pub mod certificate;
pub mod challenge;
pub mod claims;
pub mod dpop;
mod endpoint;
pub mod forward;
mod identity;
pub mod introspection;
pub mod jose;
pub mod jwt;
pub mod key_set;
mod memory_key;
mod place;
mod policy;
pub mod resource;
pub mod signature;
pub mod webhook;

pub use attempt::{Attempt, Proven, Refusal, Tally, Verdict};
pub use authenticator::{Authenticator, Kind};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use identity::{Consumer, Identity};
pub use memory_key::{MemoryKey, MemoryScope};
pub use place::{Place, Presented, presented};
pub use policy::{Need, Policy};
