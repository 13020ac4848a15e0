//! Tidegate on Fermyon Spin: a component for `wasm32-wasip2` that exports `wasi:http/handler@0.3.0`. Needs Spin 4.1 or newer.
//!
//! It speaks the raw `wasi:http` types, because only those let a body pass from one side to the other without entering the component.
#![cfg(target_family = "wasm")]

mod atomic;
mod background;
mod body;
mod cache;
mod clock;
mod coalesce;
mod config;
mod crypto;
mod fetch;
mod kv;
mod log;
#[cfg(feature = "test-routes")]
#[path = "../../shared/probe.rs"]
mod probe;
#[cfg(feature = "test-routes")]
#[path = "../../shared/probe_cache.rs"]
mod probe_cache;
mod random;
mod rate_limiter;
mod redis;
mod request;
mod response;
#[path = "../../shared/scripts.rs"]
mod scripts;
mod settings;
mod single_flight;
mod sleep;
mod upstream;

use std::rc::Rc;

use edge::Instance;
use edge::platform::Platform;
use router_core::config::PlatformName;
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

/// The host, as an instance sees it. Everything of it is reached by imports, so there is nothing to carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spin;

impl Platform for Spin {
    const NAME: PlatformName = PlatformName::Spin;

    fn instance(&self) -> Rc<Instance> {
        thread_local! {
            static INSTANCE: Rc<Instance> = Rc::default();
        }
        INSTANCE.with(Rc::clone)
    }
}

struct Component;

spin_sdk::wasip3::http::service::export!(Component);

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let gateway = match config::current().await {
            Ok(current) => current.gateway(&Spin).await,
            Err(unusable) => return Ok(unusable),
        };
        let reply = match request::read(request).await {
            Ok(request) => {
                #[cfg(feature = "test-routes")]
                if let Some(told) = probe::probe(&Spin, &request.head).await {
                    return Ok(response::made(http::StatusCode::OK, &http::HeaderMap::new(), told.into()));
                }
                #[cfg(feature = "test-routes")]
                if let Some(reply) = probe_cache::probe(&Spin, &gateway, &request.head, ()).await {
                    return response::write(reply);
                }
                edge::journey(&gateway, &Spin, request).await
            }
            Err((head, rejection)) => edge::refuse(&gateway, &Spin, head, rejection),
        };
        response::write(reply)
    }
}
