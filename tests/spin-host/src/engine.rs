//! Compiles the component, once, and links what it imports.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Cache, Config, Engine, Result};
use wasmtime_wasi_http::p3::bindings::{ServicePre, http};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

use crate::app::App;
use crate::bindings::spin;
use crate::client::Client;
use crate::context::Context;
use crate::key_value::KeyValue;
use crate::output::Output;
use crate::redis::Redis;
use crate::settings::Settings;
use crate::variables::Variables;

/// How often a component that computes must let others run.
const TICK: Duration = Duration::from_millis(10);

/// A compiled component, from which any number of apps can be started.
#[derive(Clone)]
pub struct Host {
    pub(crate) component: ServicePre<Context>,
    /// Stops the ticking when the last host is gone. Every app holds one.
    _ticking: Arc<Sender<()>>,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}

impl Host {
    /// Compiles the component at `path`. The machine code is kept in wasmtime's cache, so this is quick the second time.
    pub fn compile(path: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.wasm_component_model_async(true).epoch_interruption(true);
        // A cache that cannot be had, on a read-only home say, costs time and nothing else.
        config.cache(Cache::from_file(None).ok());
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, path)
            .with_context(|| format!("cannot load {} as a WebAssembly component", path.display()))?;

        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        http::types::add_to_linker::<Context, WasiHttp>(&mut linker, Context::http)?;
        http::client::add_to_linker::<Context, Client>(&mut linker, Context::http)?;
        spin::key_value::key_value::add_to_linker::<Context, KeyValue>(&mut linker, Context::key_value)?;
        spin::redis::redis::add_to_linker::<Context, Redis>(&mut linker, Context::redis)?;
        spin::variables::variables::add_to_linker::<Context, Variables>(&mut linker, Context::variables)?;
        let component = linker.instantiate_pre(&component).and_then(ServicePre::new).with_context(|| {
            format!(
                "{} does not fit this host: it must export wasi:http/handler@0.3.0 and may import WASI, \
                 spin:key-value@3.0.0, spin:redis@3.0.0 and spin:variables@3.0.0",
                path.display()
            )
        })?;
        Ok(Self { component, _ticking: Arc::new(tick(engine)) })
    }

    /// Starts an app on `listen`, such as `127.0.0.1:0`. It stops when the result is dropped.
    pub async fn start(&self, settings: Settings, output: Output, listen: &str) -> Result<App> {
        App::start(self.clone(), settings, output, listen).await
    }
}

/// Interrupts running components at every tick. It needs a thread of its own: the runtime's may all be held by components.
fn tick(engine: Engine) -> Sender<()> {
    let (ticking, stopped) = channel();
    std::thread::spawn(move || {
        while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            engine.increment_epoch();
        }
    });
    ticking
}
