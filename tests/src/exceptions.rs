//! `exceptions.toml`: where a platform truly differs, and why.

use std::path::Path;

use serde::Deserialize;

use crate::case::Case;
use crate::case::exchange::PlatformWord;

/// All exceptions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// Each of them.
    #[serde(default, rename = "exception")]
    pub list: Vec<Exception>,
}

/// One case that fails on one platform.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The platform.
    pub platform: PlatformWord,
    /// `stage/name`.
    pub case: String,
    /// The fact behind it.
    pub reason: String,
    /// Not run at all, because it would hang or kill the platform.
    #[serde(default)]
    pub skip: bool,
}

impl Exceptions {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong with it, with the place; also where it speaks of cases that do not exist, twice of one, or without a reason.
    pub fn load(file: &Path, cases: &[Case]) -> Result<Self, Vec<String>> {
        let text = std::fs::read_to_string(file).map_err(|why| vec![format!("{}: {why}", file.display())])?;
        let exceptions: Self = toml::from_str(&text).map_err(|why| vec![format!("{}: {why}", file.display())])?;
        let mut wrong = Vec::new();
        for (index, exception) in exceptions.list.iter().enumerate() {
            let Exception { platform, case, reason, .. } = exception;
            let mut say =
                |what: &str| wrong.push(format!("{}: {} on {}: {what}", file.display(), case, platform.as_str()));
            match cases.iter().find(|known| known.id == *case) {
                None => say("there is no such case"),
                Some(known) if !known.runs_on(*platform) => say("the case does not run there anyway"),
                Some(_) => {}
            }
            if reason.trim().is_empty() {
                say("an exception has a reason");
            }
            let others = exceptions.list.get(..index).unwrap_or_default();
            if others.iter().any(|other| other.platform == *platform && other.case == *case) {
                say("it is there twice");
            }
        }
        if wrong.is_empty() { Ok(exceptions) } else { Err(wrong) }
    }

    /// The exception for `case` on `platform`.
    #[must_use]
    pub fn find(&self, platform: PlatformWord, case: &str) -> Option<&Exception> {
        self.list.iter().find(|exception| exception.platform == platform && exception.case == case)
    }
}
