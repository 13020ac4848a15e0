//! The control thread: it answers operators. Apart from those that serve, so that it answers however busy they are.

use std::io;
use std::net::TcpListener;
#[cfg(unix)]
use std::path::Path;

use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::admin;
use crate::drain::Gauge;
#[cfg(unix)]
use crate::kv::RedbStore;
use crate::worker::Shared;

/// The control thread, ready to run.
pub(crate) struct Control {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    shared: Shared,
    gauge: Gauge,
    #[cfg(unix)]
    keys: Option<crate::operate::Door>,
}

impl Control {
    pub(crate) fn new(socket: TcpListener, shared: Shared, gauge: Gauge) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(socket)?
        };
        Ok(Self {
            runtime,
            listener,
            shared,
            gauge,
            #[cfg(unix)]
            keys: None,
        })
    }

    /// Also lets an operator change the API keys in the file that `store` has open.
    #[cfg(unix)]
    pub(crate) fn open_door(&mut self, path: &Path, store: RedbStore) -> io::Result<()> {
        let _inside = self.runtime.enter();
        self.keys = Some(crate::operate::Door::open(path, store)?);
        Ok(())
    }

    /// Answers until all is over.
    pub(crate) fn run(self) {
        let Self { runtime, listener, shared, gauge, .. } = self;
        let tasks = LocalSet::new();
        #[cfg(unix)]
        if let Some(door) = self.keys {
            // Ends with the others: nothing waits for it.
            tasks.spawn_local(door.serve());
        }
        tasks.block_on(&runtime, admin::serve(listener, shared, gauge));
    }
}
