//! A running app: its port, its state, its instances.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wasmtime::Result;
use wasmtime::error::Context as _;
use wasmtime_wasi_http::handler::ProxyHandler;

use crate::allowed::AllowedHosts;
use crate::clock::StoppedClock;
use crate::engine::Host;
use crate::instance::Instances;
use crate::key_value::Entries;
use crate::outbound::Outbound;
use crate::output::Output;
use crate::server::serve;
use crate::settings::Settings;
use crate::variables::is_name;

/// What the instances of an app share.
pub(crate) struct AppState {
    pub(crate) settings: Settings,
    pub(crate) key_value: Entries,
    pub(crate) allowed: AllowedHosts,
    pub(crate) outbound: Outbound,
    pub(crate) output: Output,
    pub(crate) clock: Option<StoppedClock>,
    /// Becomes true when the app stops, which ends its instances.
    pub(crate) stop: watch::Sender<bool>,
}

/// A running app. Dropping it closes the port, the connections and the instances.
pub struct App {
    address: SocketAddr,
    state: Arc<AppState>,
    server: JoinHandle<()>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("address", &self.address).finish_non_exhaustive()
    }
}

impl App {
    pub(crate) async fn start(host: Host, settings: Settings, output: Output, listen: &str) -> Result<Self> {
        if let Some(name) = settings.variables.keys().find(|name| !is_name(name)) {
            wasmtime::bail!("variable {name:?}: a name is lower-case words joined by \"_\", such as \"api_key\"");
        }
        let state = Arc::new(AppState {
            key_value: Entries::new(&settings.key_value),
            allowed: AllowedHosts::parse(&settings.allow_outbound)?,
            outbound: Outbound::new(settings.outbound_h2c.clone()),
            clock: settings.clock_ms.map(StoppedClock::at),
            stop: watch::Sender::new(false),
            output,
            settings,
        });
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let handler = ProxyHandler::new(Instances { host, app: state.clone() });
        let server = tokio::spawn(serve(listener, address, handler));
        Ok(Self { address, state, server })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A value of the key-value store.
    #[must_use]
    pub fn key_value(&self, key: &str) -> Option<Vec<u8>> {
        self.state.key_value.get(key)
    }

    /// Writes to the key-value store, or deletes.
    pub fn set_key_value(&self, key: String, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.state.key_value.set(key, value),
            None => self.state.key_value.delete(&key),
        }
    }

    /// Moves the component's clocks forward. False if they run by themselves.
    #[must_use]
    pub fn advance(&self, ms: u64) -> bool {
        self.state.clock.as_ref().inspect(|clock| clock.advance(ms)).is_some()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
        self.state.stop.send_replace(true);
    }
}
