//! Building the gateway for its platforms.

mod budget;
mod names;
pub(crate) mod native;
pub(crate) mod spin;
pub(crate) mod workers;
