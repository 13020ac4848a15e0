//! The configuration: from a document to a [`Gateway`] in which nothing can be invalid.
//!
//! ```text
//! text ──source──▶ value + positions ──shape──▶ raw::Document ──compile──▶ Gateway
//! ```
//!
//! Reading text (`source`) is left out of Wasm builds: they get a document that a program or a build script has read and checked. Every step
//! reports all it finds at once as [`Diagnostics`], each with the path of the value it is about.

pub mod api_keys;
pub mod capabilities;
pub mod compile;
pub mod diagnostic;
mod gateway;
mod grammar;
pub mod limit_bounds;
pub mod raw;
mod redis_address;
#[cfg(feature = "source")]
pub mod source;
pub mod variables;

pub use capabilities::{Capabilities, PlatformName};
pub use compile::{Checked, Purpose, compile, compile_value};
pub use diagnostic::{Diagnostic, Diagnostics, Path, Severity, Step, nearest};
pub use gateway::{
    Action, ClientCertificates, FixedAnswer, Gateway, Listener, ListenerProtocols, ListenerTls, NativeRules, Redirect,
    Route, Upgrade,
};
pub use redis_address::{InvalidRedisAddress, RedisAddress, RedisTransport};
pub use variables::{NoVariables, Variables};

/// The JSON Schema of the document (draft 2020-12), from which editors complete.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::Document).to_value()
}

/// The key of a newer document in the platform's key-value store. Its value is JSON.
pub const DOCUMENT_KEY: &str = "tidegate/gateway";
