//! Brings a server up and takes it down.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use router_core::config::Gateway;
use serde_json::json;

use crate::atomic::Ledger;
use crate::cache::Store;
use crate::coalesce::Leads;
use crate::control::Control;
use crate::drain::{Tide, tide};
use crate::kv::{RedbStore, StoreError};
use crate::listen::{Share, listen, listen_for};
use crate::loaded::{Loaded, Unusable};
use crate::log::{Logger, Writer};
use crate::metrics::Meters;
use crate::options::{ConfigSource, Options};
use crate::reload::{Reloaded, Steward, Watch, watch};
use crate::signal::{Signals, Wanted};
use crate::worker::{Shared, Worker};

/// A server that runs. Dropped without [`Server::join`] it ends at once.
pub struct Server {
    /// Where clients connect, in the order of the configuration; ports are the real ones.
    pub addresses: Vec<SocketAddr>,
    /// Where operators connect.
    pub admin: SocketAddr,
    /// How many threads serve.
    pub threads: usize,
    loaded: Arc<ArcSwap<Loaded>>,
    steward: Arc<Steward>,
    tide: Tide,
    workers: Vec<JoinHandle<()>>,
    control: Option<JoinHandle<()>>,
    writer: Option<Writer>,
    watch: Option<Watch>,
}

/// Why a server did not start.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened on.
    Address {
        /// The setting.
        setting: String,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        why: io::Error,
    },
    /// The configuration cannot be served.
    Config(Unusable),
    /// The key-value store cannot be opened.
    Store(StoreError),
    /// The system gives no threads or no event queue.
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { setting, address, why } => {
                let help = match why.kind() {
                    io::ErrorKind::AddrInUse => "another program listens there: stop it, or choose another port",
                    io::ErrorKind::AddrNotAvailable => {
                        "this machine does not have that address: name one of its own, or `0.0.0.0` for all"
                    }
                    io::ErrorKind::PermissionDenied => {
                        "ports below 1024 need a privilege: choose a higher one, or grant CAP_NET_BIND_SERVICE"
                    }
                    _ => "choose another address",
                };
                write!(f, "cannot listen on {address} (`{setting}`): {why}\n{help}")
            }
            Self::Config(why) => why.fmt(f),
            Self::Store(why) => write!(f, "cannot open the key-value store (`native.store`): {why}"),
            Self::System(why) => write!(f, "the system does not let the gateway start: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Loads the configuration, binds every address and starts all threads. When this returns, clients can connect.
///
/// # Errors
/// The first thing that stands in the way; nothing is left running.
pub fn start(options: Options) -> Result<Server, StartError> {
    let Options { config, log, observer } = options;
    let loaded = Loaded::load(&config).map_err(StartError::Config)?;
    let rules = loaded.gateway.native.clone();
    let memory = loaded.gateway.caches.memory;
    let threads = rules.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let (mut sockets, addresses) = bind(&loaded, threads)?;
    let unlistened = |why| StartError::Address { setting: "native.admin".into(), address: rules.admin, why };
    let admin_socket = listen(rules.admin, Share::Alone).map_err(unlistened)?;
    let admin = admin_socket.local_addr().map_err(StartError::System)?;
    let store = RedbStore::open(rules.store.as_deref().map(Path::new)).map_err(StartError::Store)?;
    let (logger, writer) = Logger::open(log).map_err(StartError::System)?;
    let loaded = Arc::new(ArcSwap::from_pointee(loaded));
    let (tide, gauge) = tide();
    let shared = Shared {
        loaded: Arc::clone(&loaded),
        logger: logger.clone(),
        store,
        ledger: Ledger::default(),
        cache: Store::new(memory),
        leads: Leads::default(),
        observer,
        gauge: gauge.clone(),
        metrics: Meters::default(),
    };
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the door is a Unix socket"))]
    let mut control = Control::new(admin_socket, shared.clone(), gauge).map_err(StartError::System)?;
    #[cfg(unix)]
    if let Some(path) = &rules.store
        && let Err(why) = control.open_door(Path::new(path), shared.store.clone())
    {
        // The gateway serves without; keys can be changed while it is stopped.
        logger.line(json!({"event": "key_socket_failed", "reason": why.to_string()}).to_string());
    }
    let watched = matches!(config, ConfigSource::File { .. });
    let steward = Arc::new(Steward::new(config, Arc::clone(&loaded), logger.clone()));
    // From here on dropping the server takes down what runs already.
    let mut server = Server {
        addresses,
        admin,
        threads,
        loaded,
        steward,
        tide,
        workers: Vec::with_capacity(threads),
        control: None,
        writer: Some(writer),
        watch: None,
    };
    for number in 0..threads {
        let own = sockets.iter_mut().filter_map(Vec::pop).collect();
        let worker = Worker::new(shared.clone(), own).map_err(StartError::System)?;
        server.workers.push(spawn(format!("tidegate-{number}"), move || worker.run())?);
    }
    server.control = Some(spawn("tidegate-control".into(), move || control.run())?);
    if watched {
        match watch(Arc::clone(&server.steward)) {
            Ok(watch) => server.watch = Some(watch),
            // The server can do without: SIGHUP still reloads.
            Err(why) => logger.line(json!({"event": "watch_failed", "reason": why}).to_string()),
        }
    }
    Ok(server)
}

type Sockets = Vec<Vec<std::net::TcpListener>>;

/// The sockets of every listener, one for each thread, and their addresses.
fn bind(loaded: &Loaded, threads: usize) -> Result<(Sockets, Vec<SocketAddr>), StartError> {
    let (mut all, mut addresses) = (Vec::new(), Vec::new());
    for (index, shore) in loaded.listeners.iter().enumerate() {
        let address = shore.address;
        let unlistened = |why| StartError::Address { setting: format!("native.listeners[{index}]"), address, why };
        let sockets = listen_for(address, threads).map_err(unlistened)?;
        if let Some(first) = sockets.first() {
            addresses.push(first.local_addr().map_err(StartError::System)?);
        }
        all.push(sockets);
    }
    Ok((all, addresses))
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    std::thread::Builder::new().name(name).spawn(work).map_err(StartError::System)
}

impl Server {
    /// The configuration that serves now.
    #[must_use]
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.load_full()
    }

    /// Reads the configuration again from where it came. What comes of it is logged as well.
    pub fn reread(&self) -> Reloaded {
        self.steward.reread()
    }

    /// Serves `gateway` from now on.
    pub fn reload(&self, gateway: Gateway) -> Reloaded {
        self.steward.hand_over(gateway)
    }

    /// Stops to take connections and lets open requests end, as long as the configuration grants. Returns at once.
    pub fn shutdown(&self) {
        self.tide.drain(self.loaded.load().gateway.native.drain);
    }

    /// Serves until a signal says stop: `SIGHUP` reads the configuration again, the first `SIGTERM` or `SIGINT` drains, the second ends at once.
    pub fn run(self, mut signals: Signals) {
        while signals.wait() == Wanted::Reload {
            // What comes of it stands in the log.
            drop(self.reread());
        }
        self.shutdown();
        let tide = self.tide.clone();
        // Nobody waits for this thread: it ends with the process.
        let impatient = std::thread::Builder::new().name("tidegate-signals".into()).spawn(move || {
            while signals.wait() == Wanted::Reload {}
            tide.end();
        });
        // Without it only the second signal has no effect.
        drop(impatient);
        self.join();
    }

    /// Waits until the server has ended, which is after [`Server::shutdown`] only. All log lines are written then.
    pub fn join(mut self) {
        for worker in self.workers.drain(..) {
            // A thread that panicked has ended as well; the panic was shown when it happened.
            drop(worker.join());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.watch = None;
        self.tide.end();
        for thread in self.workers.drain(..).chain(self.control.take()) {
            drop(thread.join());
        }
        if let Some(writer) = self.writer.take() {
            writer.finish();
        }
    }
}
