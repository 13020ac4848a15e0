//! A thread that serves: its own runtime, its own listeners, its own connections.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use crate::atomic::{Ledger, Link};
use crate::cache::Store;
use crate::coalesce::Leads;
use crate::crypto::Keys;
use crate::drain::{Gauge, Phase, tide};
use crate::kv::RedbStore;
use crate::loaded::Loaded;
use crate::log::Logger;
use crate::metrics::Meters;
use crate::options::Observer;
use crate::platform::Thread;
use crate::single_flight::Flights;
use crate::upstream::Pools;
use crate::{connection, refusal};

/// How long no connection is taken after the system refused to give one, as when all file descriptors are used: trying again at once would only burn
/// the processor that has to finish the open ones.
const BACK_OFF: Duration = Duration::from_millis(50);
const BACK_OFF_MOST: Duration = Duration::from_secs(1);

/// What all threads share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) loaded: Arc<ArcSwap<Loaded>>,
    pub(crate) logger: Logger,
    pub(crate) store: RedbStore,
    pub(crate) ledger: Ledger,
    pub(crate) cache: Store,
    pub(crate) leads: Leads,
    pub(crate) observer: Option<Observer>,
    pub(crate) gauge: Gauge,
    /// What every thread counts.
    pub(crate) metrics: Meters,
}

impl Shared {
    /// What the requests of one thread share. `gauge` is the thread's own.
    pub(crate) fn thread(self, gauge: Gauge) -> Rc<Thread> {
        let instance = Rc::<edge::Instance>::default();
        self.metrics.enlist(instance.metrics());
        Rc::new(Thread {
            loaded: self.loaded,
            logger: self.logger,
            store: self.store,
            ledger: self.ledger,
            redis: Link::default(),
            flights: Flights::default(),
            cache: self.cache,
            leads: self.leads,
            instance,
            keys: Keys::default(),
            pools: Rc::new(RefCell::new(Pools::default())),
            gauge,
            observer: self.observer,
        })
    }
}

/// A thread that is ready to serve.
pub(crate) struct Worker {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    shared: Shared,
}

impl Worker {
    /// Takes `sockets`, in the order of the configuration's listeners.
    pub(crate) fn new(shared: Shared, sockets: Vec<std::net::TcpListener>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listeners = {
            let _inside = runtime.enter();
            sockets.into_iter().map(TcpListener::from_std).collect::<io::Result<_>>()?
        };
        Ok(Self { runtime, listeners, shared })
    }

    /// Serves until the server drains and every connection is over, or time is up.
    pub(crate) fn run(self) {
        let Self { runtime, listeners, shared } = self;
        LocalSet::new().block_on(&runtime, serve(listeners, shared));
        // A call to the store that still runs is left behind, rather than waited for beyond the time that was granted.
        runtime.shutdown_background();
    }
}

async fn serve(listeners: Vec<TcpListener>, shared: Shared) {
    let mut outer = shared.gauge.clone();
    // Every connection watches the phase, and threads are not to meet on one lock: so each has a copy.
    let (tide, mut gauge) = tide();
    let most = shared.loaded.load().gateway.native.max_connections;
    let thread = shared.thread(gauge.clone());
    refusal::settle(&thread);
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let berths = Arc::new(Semaphore::new(most as usize));
    for (index, listener) in listeners.into_iter().enumerate() {
        tokio::task::spawn_local(accept(Rc::clone(&thread), index, listener, Arc::clone(&berths)));
    }
    outer.ebb().await;
    if let Phase::Draining(until) = outer.phase() {
        tide.drain(until.saturating_duration_since(tokio::time::Instant::now()));
        gauge.ebb().await;
        tokio::select! {
            _ = berths.acquire_many(most) => {}
            () = tokio::time::sleep_until(until) => {}
            () = outer.over() => {}
        }
    }
    tide.end();
}

async fn accept(thread: Rc<Thread>, index: usize, listener: TcpListener, berths: Arc<Semaphore>) {
    let mut gauge = thread.gauge.clone();
    let mut back_off = BACK_OFF;
    loop {
        // Clients beyond the limit wait in the system's queue.
        let next = async {
            let berth = Arc::clone(&berths).acquire_owned().await;
            (berth, listener.accept().await)
        };
        let (berth, accepted) = tokio::select! {
            () = gauge.ebb() => return,
            next = next => next,
        };
        // The semaphore is never closed.
        let Ok(berth) = berth else { return };
        match accepted {
            Ok((stream, _)) => {
                back_off = BACK_OFF;
                tokio::task::spawn_local(connection::serve(Rc::clone(&thread), index, stream, berth));
            }
            Err(why) if of_one_client(&why) => {}
            Err(why) => {
                let line = json!({"event": "accept_failed", "reason": why.to_string(), "again_in_ms": back_off.as_millis() as u64});
                thread.logger.line(line.to_string());
                drop(berth);
                tokio::time::sleep(back_off).await;
                back_off = (back_off * 2).min(BACK_OFF_MOST);
            }
        }
    }
}

/// The client went away before it was accepted, or its network reported something: nothing that concerns the next one.
fn of_one_client(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    )
}
