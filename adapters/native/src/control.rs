//! The control thread: it answers operators. Apart from those that serve, so that it answers however busy they are.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::admin;
use crate::drain::Gauge;
use crate::loaded::Loaded;

/// The control thread, ready to run.
pub(crate) struct Control {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    loaded: Arc<ArcSwap<Loaded>>,
    gauge: Gauge,
}

impl Control {
    pub(crate) fn new(socket: TcpListener, loaded: Arc<ArcSwap<Loaded>>, gauge: Gauge) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(socket)?
        };
        Ok(Self { runtime, listener, loaded, gauge })
    }

    /// Answers until all is over.
    pub(crate) fn run(self) {
        let Self { runtime, listener, loaded, gauge } = self;
        LocalSet::new().block_on(&runtime, admin::serve(listener, loaded, gauge));
    }
}
