//! The life of a server in three phases, told to every thread.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Where in its life a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It takes connections.
    Serving,
    /// It takes none and finishes what is open, until the given moment.
    Draining(Instant),
    /// What is still open is dropped.
    Over,
}

/// Changes the phase.
#[derive(Clone)]
pub(crate) struct Tide(watch::Sender<Phase>);

/// Sees the phase change.
#[derive(Clone)]
pub(crate) struct Gauge(watch::Receiver<Phase>);

pub(crate) fn tide() -> (Tide, Gauge) {
    let (sender, receiver) = watch::channel(Phase::Serving);
    (Tide(sender), Gauge(receiver))
}

impl Tide {
    /// Begins to drain, if the server serves.
    pub(crate) fn drain(&self, patience: Duration) {
        self.0.send_if_modified(|phase| {
            let serving = *phase == Phase::Serving;
            if serving {
                *phase = Phase::Draining(Instant::now() + patience);
            }
            serving
        });
    }

    /// Ends it.
    pub(crate) fn end(&self) {
        self.0.send_replace(Phase::Over);
    }
}

impl Gauge {
    pub(crate) fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until the server does not serve any more. A server whose handle is gone goes on serving.
    pub(crate) async fn ebb(&mut self) {
        if self.0.wait_for(|phase| *phase != Phase::Serving).await.is_err() {
            std::future::pending().await
        }
    }

    /// Waits until all is over.
    pub(crate) async fn over(&mut self) {
        if self.0.wait_for(|phase| *phase == Phase::Over).await.is_err() {
            std::future::pending().await
        }
    }
}
