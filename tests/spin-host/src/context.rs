//! What belongs to one instance: its WASI state, its tables, and the way to its app.

use std::sync::Arc;

use http::{HeaderName, header};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::app::AppState;
use crate::key_value::KeyValueView;
use crate::output::Source;
use crate::redis::RedisView;
use crate::variables::VariablesView;

/// The data of an instance's store.
pub(crate) struct Context {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    guest_made: GuestMade,
    inbound: Inbound,
    pub(crate) app: Arc<AppState>,
}

/// The rule for fields which the component makes: wasmtime's list of forbidden names.
struct GuestMade;

impl WasiHttpHooks for GuestMade {}

/// The rule for fields of a request from a client. Spin strips `Connection` and lets the rest through, where wasmtime 48
/// would strip its whole list: a gateway must be seen to do that itself.
struct Inbound;

impl WasiHttpHooks for Inbound {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        *name == header::CONNECTION
    }
}

/// The rule for fields of a response from an upstream: Spin hands them over as they came.
pub(crate) struct FromUpstream;

impl WasiHttpHooks for FromUpstream {
    fn is_forbidden_header(&mut self, _: &HeaderName) -> bool {
        false
    }
}

impl Context {
    pub(crate) fn new(app: Arc<AppState>) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(app.output.stream(Source::Stdout)).stderr(app.output.stream(Source::Stderr));
        if let Some(clock) = &app.clock {
            wasi.wall_clock(clock.clone()).monotonic_clock(clock.clone());
        }
        Self {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            guest_made: GuestMade,
            inbound: Inbound,
            app,
        }
    }

    /// The view with which a client's request enters the instance.
    pub(crate) fn inbound(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.inbound, table: &mut self.table, ctx: &mut self.http }
    }

    pub(crate) fn key_value(&mut self) -> KeyValueView<'_> {
        KeyValueView {
            table: &mut self.table,
            entries: &self.app.key_value,
            labels: &self.app.settings.key_value_stores,
        }
    }

    pub(crate) fn redis(&mut self) -> RedisView<'_> {
        RedisView { table: &mut self.table, allowed: &self.app.allowed }
    }

    pub(crate) fn variables(&mut self) -> VariablesView<'_> {
        VariablesView(&self.app.settings.variables)
    }
}

impl WasiView for Context {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Context {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.guest_made, table: &mut self.table, ctx: &mut self.http }
    }
}
