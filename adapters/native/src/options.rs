//! What a server is started with.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use router_core::RequestHead;
use router_core::config::{Gateway, Variables};

/// Where the configuration comes from.
#[derive(Clone)]
pub enum ConfigSource {
    /// A file, which is watched while the server runs.
    File {
        /// Where it is.
        path: PathBuf,
        /// What its references mean.
        variables: Arc<dyn Variables + Send + Sync>,
    },
    /// A gateway that is there already; nothing is watched.
    Gateway(Arc<Gateway>),
}

/// Where log lines go.
#[derive(Clone, Debug)]
pub enum LogSink {
    /// Standard output, one line each.
    Stdout,
    /// A channel, without line ends.
    Lines(mpsc::Sender<String>),
}

/// Sees the head of every request before the journey begins.
pub type Observer = Arc<dyn Fn(&RequestHead) + Send + Sync>;

/// What a server is started with.
#[derive(Clone)]
pub struct Options {
    /// The configuration.
    pub config: ConfigSource,
    /// The log.
    pub log: LogSink,
    /// Called with the head of every request, within what contains a panic of that request. Meant for tests.
    pub observer: Option<Observer>,
}

impl Options {
    /// Serves `config` and logs to standard output.
    #[must_use]
    pub fn new(config: ConfigSource) -> Self {
        Self { config, log: LogSink::Stdout, observer: None }
    }

    /// Logs to `log` instead.
    #[must_use]
    pub fn with_log(mut self, log: LogSink) -> Self {
        self.log = log;
        self
    }

    /// Shows every request to `observer`.
    #[must_use]
    pub fn with_observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }
}

impl fmt::Debug for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
            Self::Gateway(gateway) => f.debug_tuple("Gateway").field(&gateway.epoch).finish(),
        }
    }
}
