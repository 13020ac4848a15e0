//! A small host for Spin components, on wasmtime.
//!
//! The Spin program itself is in no package registry, so our tests and `cargo xtask dev spin` bring their own host. It
//! runs a component built with spin-sdk 7 (`wasm32-wasip2`, exporting `wasi:http/handler@0.3.0`) the way Spin 4.1 does
//! wherever a gateway can tell: instances are reused and die, header fields are added, refused and let through as there,
//! outbound calls are checked against `allowed_outbound_hosts` and fail with typed errors. `README.md` has the list of
//! what is emulated and what is not.
//!
//! One [`Host`] compiles one component. Each [`App`] started from it has its own port, variables, key-value store,
//! clock and instances, so a test suite pays for compilation once and still gets isolation.
//!
//! Where a real Spin is at hand, [`control`] can run the apps on it instead: see [`Spin`].
//!
//! ```no_run
//! # async fn example() -> wasmtime::Result<()> {
//! let host = spin_host::Host::compile("gateway.wasm".as_ref())?;
//! let settings = spin_host::Settings { allow_outbound: vec!["http://127.0.0.1:*".into()], ..Default::default() };
//! let app = host.start(settings, spin_host::Output::Inherit, "127.0.0.1:0").await?;
//! println!("http://{}", app.address());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod allowed;
mod app;
mod backend;
mod bindings;
mod client;
mod clock;
mod connector;
mod context;
pub mod control;
mod engine;
mod instance;
mod key_value;
pub mod manifest;
mod outbound;
mod output;
mod redis;
mod request;
mod resp;
mod server;
mod settings;
mod through;
mod variables;

pub use app::App;
pub use backend::Backend;
pub use engine::Host;
pub use output::{Lines, Output};
pub use settings::Settings;
pub use through::Spin;
