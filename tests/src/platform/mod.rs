//! The platforms, as the runner drives them.

mod host;
mod memory;
mod native;
mod places;
mod redis;
mod session;
mod spin;
mod spin_program;
mod wired;
mod workers;

use std::rc::Rc;

use crate::case::Case;
use crate::case::exchange::PlatformWord;

pub use session::{Failed, Outcome, Waiting};

/// A platform that is ready to run cases.
pub enum Platform {
    /// In this process, without sockets.
    Memory,
    /// In this process.
    Native,
    /// In workerd.
    Workers(workers::Workers),
    /// In wasmtime.
    Spin(Box<spin::Spin>),
}

impl Platform {
    /// Makes `word` ready to run `cases`.
    ///
    /// # Errors
    /// Why it cannot be started, and what to do.
    pub async fn start(word: PlatformWord, cases: &[Rc<Case>]) -> Result<Self, String> {
        match word {
            PlatformWord::Memory => Ok(Self::Memory),
            PlatformWord::Native => Ok(Self::Native),
            PlatformWord::Workers => workers::Workers::start(cases).await.map(Self::Workers),
            PlatformWord::Spin => spin::Spin::start().await.map(|spin| Self::Spin(Box::new(spin))),
        }
    }

    /// What people should know about where the cases run.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Spin(spin) => Some(spin.program().sentence()),
            Self::Memory | Self::Native | Self::Workers(_) => None,
        }
    }

    /// Why what runs the cases today has no way to run `case`, though the platform has.
    #[must_use]
    pub fn sets_apart(&self, case: &Case) -> Option<&'static str> {
        match self {
            Self::Spin(spin) => spin.program().sets_apart(case),
            Self::Memory | Self::Native | Self::Workers(_) => None,
        }
    }

    /// Runs one case.
    pub async fn run(&self, case: &Case, waiting: &Waiting) -> Outcome {
        match self {
            Self::Memory => memory::run(case, waiting).await,
            Self::Native => native::run(case, waiting).await,
            Self::Workers(workers) => workers.run(case, waiting).await,
            Self::Spin(spin) => spin.run(case, waiting).await,
        }
    }

    /// Ends what was started.
    pub async fn stop(self) {
        match self {
            Self::Memory | Self::Native => {}
            Self::Workers(workers) => workers.stop().await,
            Self::Spin(spin) => spin.stop().await,
        }
    }
}
