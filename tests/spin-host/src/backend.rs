//! What runs the apps: this process, or a real Spin.

use wasmtime::Result;

use crate::app::App;
use crate::engine::Host;
use crate::output::Lines;
use crate::settings::Settings;
use crate::through::{Spin, SpinApp};

/// Where apps run.
#[derive(Debug)]
pub enum Backend {
    /// In this process.
    Here(Host),
    /// In processes of a real Spin.
    Spin(Spin),
}

/// An app that runs there.
pub(crate) enum Running {
    Here(App),
    Spin(SpinApp),
}

impl Backend {
    /// Starts an app, on a port that it chooses.
    pub(crate) async fn start(&self, id: &str, settings: Settings, lines: &Lines) -> Result<Running> {
        match self {
            Self::Here(host) => Ok(Running::Here(host.start(settings, lines.output(id), "127.0.0.1:0").await?)),
            Self::Spin(spin) => Ok(Running::Spin(spin.start(id, &settings, lines)?)),
        }
    }
}

impl Running {
    /// Its port, unless it will tell it by itself.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Here(app) => Some(app.address().port()),
            Self::Spin(_) => None,
        }
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Self::Here(_) => true,
            Self::Spin(app) => app.is_alive(),
        }
    }

    /// Asks it to end, without an answer.
    pub(crate) fn end(&self) {
        match self {
            Self::Here(_) => {}
            Self::Spin(app) => app.end(),
        }
    }

    /// Waits until it has ended.
    pub(crate) fn join(self) {
        match self {
            Self::Here(app) => drop(app),
            Self::Spin(app) => app.join(),
        }
    }
}
