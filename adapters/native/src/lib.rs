//! Tidegate on hyper, tokio and rustls.
//!
//! Every core has a thread of its own with its own listeners, runtime and upstream connections, so no request waits for another thread: what all of
//! them share, such as counts and stored answers, is locked for a look or a change only. A control thread beside them answers operators and watches
//! the configuration. [`start`] brings all of it up; [`Server`] is the handle.
#![forbid(unsafe_code)]

mod admin;
mod atomic;
mod background;
mod cache;
mod clock;
mod coalesce;
mod connection;
mod control;
mod crypto;
mod drain;
mod exec;
mod fetch;
mod io;
mod kv;
mod listen;
mod loaded;
mod log;
mod metrics;
#[cfg(unix)]
mod operate;
mod options;
mod patience;
mod platform;
mod random;
mod rate_limiter;
mod refusal;
mod reload;
mod request;
mod response;
mod server;
mod signal;
mod single_flight;
mod sleep;
mod tls;
mod upgrade;
mod upstream;
mod variables;
mod worker;

pub use clock::unix_ms;
pub use kv::{RedbStore, StoreError};
pub use loaded::{Loaded, Unusable};
#[cfg(unix)]
pub use operate::{Operator, socket_of};
pub use options::{ConfigSource, LogSink, Observer, Options};
pub use reload::Reloaded;
pub use server::{Server, StartError, start};
pub use signal::{Signals, Wanted};
pub use variables::Environment;
