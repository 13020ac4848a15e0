//! The host, held against what is known of Spin 4.1. Each test starts apps of the component in `tests/component`.

mod control;
mod http;
mod instances;
mod outbound;
mod state;
mod support;
#[cfg(unix)]
mod through;
