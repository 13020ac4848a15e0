//! Cases: folders of `tests/cases/<stage>/<behaviour_as_a_sentence>/`.

pub mod exchange;
mod forms;
mod load;
mod places;
mod values;
pub mod websocket;

use serde_json::Value;

use exchange::{Exchange, PlatformWord};
pub use load::{Unloadable, load};
pub use values::{Content, Texts, pattern};
pub(crate) use values::{bytes_of, latin1};

/// The folders that cases may be in: the stages of the journey, and what happens between requests.
pub const STAGES: [&str; 10] =
    ["receive", "filter", "route", "authenticate", "limit", "cache", "balance", "dispatch", "respond", "reload"];

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// `stage/name`.
    pub id: String,
    /// What happens.
    pub exchange: Exchange,
    /// The configuration, before texts are replaced.
    pub document: Value,
    /// What `README.md` says, for those who see it fail.
    pub readme: Option<String>,
}

impl Case {
    /// Whether it is meant for `platform`.
    #[must_use]
    pub fn runs_on(&self, platform: PlatformWord) -> bool {
        self.exchange.platforms.is_empty() || self.exchange.platforms.contains(&platform)
    }
}

impl PlatformWord {
    /// All of them, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Native, Self::Workers, Self::Spin];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Native => "native",
            Self::Workers => "workers",
            Self::Spin => "spin",
        }
    }
}
