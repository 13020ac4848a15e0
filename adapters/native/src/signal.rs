//! Signals of the operating system.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Read the configuration again (`SIGHUP`).
    Reload,
    /// Finish and stop (`SIGTERM`, `SIGINT`).
    Stop,
}

/// Catches signals from when it is made.
pub struct Signals {
    runtime: Runtime,
    caught: Caught,
}

#[cfg(unix)]
struct Caught {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Caught {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Wanted {
        tokio::select! {
            _ = self.hangup.recv() => Wanted::Reload,
            _ = self.interrupt.recv() => Wanted::Stop,
            _ = self.terminate.recv() => Wanted::Stop,
        }
    }
}

#[cfg(not(unix))]
struct Caught;

#[cfg(not(unix))]
impl Caught {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Wanted {
        // Without a way to be told, stop: better than a program that cannot be ended.
        drop(tokio::signal::ctrl_c().await);
        Wanted::Stop
    }
}

impl Signals {
    /// Begins to catch signals: from here on they do not end the process by themselves.
    ///
    /// # Errors
    /// Where the operating system refuses a handler.
    pub fn catch() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let caught = {
            let _inside = runtime.enter();
            Caught::new()?
        };
        Ok(Self { runtime, caught })
    }

    /// Waits for the next signal. Blocks the calling thread.
    pub fn wait(&mut self) -> Wanted {
        self.runtime.block_on(self.caught.next())
    }
}
