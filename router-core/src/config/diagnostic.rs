//! What the configuration says wrong, said once for every reader.
//!
//! The shape check and the compiler both only collect [`Diagnostic`]s. A diagnostic names its place by [`Path`], so that
//! the same one can be shown with the source line (a terminal), as JSON (a tool) or bare (a Wasm build, whose document
//! came from a key-value store and has no lines).

mod list;
mod nearest;
mod path;
mod place;

use std::fmt;

pub use list::{Diagnostics, MOST_SHOWN};
pub use nearest::nearest;
pub use path::{Path, Step};
#[cfg(feature = "source")]
pub(crate) use place::Below;
pub(crate) use place::Place;

/// Whether the configuration can be used in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The configuration is taken; somebody should look at it.
    Warning,
}

impl Severity {
    /// The word that stands before the message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which part of the entry at a path the mark points to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum At {
    /// What stands there.
    #[default]
    Value,
    /// The name under which it stands; for an item of a list the item itself.
    Key,
    /// These bytes of the text. Only the reader of a text knows them: a place that has no path, such as a syntax error.
    Text {
        /// The first byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
}

/// One thing that is wrong or doubtful, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Whether it refuses the configuration.
    pub severity: Severity,
    /// A stable name in kebab-case, for tools and for searching: `unknown-key`.
    pub code: &'static str,
    /// Where it is in the document.
    pub path: Path,
    /// What of that place is meant.
    pub at: At,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places that have to do with it, each with a remark.
    pub related: Vec<(Path, String)>,
}

impl Diagnostic {
    /// A mistake that refuses the configuration.
    #[must_use]
    pub fn error(code: &'static str, path: Path, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, path, message.into())
    }

    /// A doubt that does not.
    #[must_use]
    pub fn warning(code: &'static str, path: Path, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, path, message.into())
    }

    fn new(severity: Severity, code: &'static str, path: Path, message: String) -> Self {
        Self { severity, code, path, at: At::Value, message, help: None, related: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place to look at, with a remark such as "also defined here".
    #[must_use]
    pub fn with_related(mut self, path: Path, remark: impl Into<String>) -> Self {
        self.related.push((path, remark.into()));
        self
    }

    /// Points to the key instead of the value.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        self.at = At::Key;
        self
    }

    /// Points to these bytes of the text.
    #[must_use]
    pub fn at_text(mut self, start: usize, end: usize) -> Self {
        self.at = At::Text { start, end };
        self
    }
}

/// Without a source: `error[unknown-key] at routes[2].math: …`, then help and other places, each on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] at {}: {}", self.severity, self.code, self.path, self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        for (path, remark) in &self.related {
            write!(f, "\n  at {path}: {remark}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_severity_code_place_and_message_on_the_first_line() {
        let place = Path::root().key("routes").index(2).key("math");
        let found = Diagnostic::error("unknown-key", place, "unknown key \"math\" in a route")
            .at_key()
            .with_help("did you mean \"match\"?")
            .with_related(Path::root().key("routes").index(1), "this route has it right");
        assert_eq!(
            found.to_string(),
            "error[unknown-key] at routes[2].math: unknown key \"math\" in a route\n  \
             help: did you mean \"match\"?\n  \
             at routes[1]: this route has it right"
        );
        assert_eq!(found.at, At::Key);
    }

    #[test]
    fn a_warning_says_so() {
        let doubt = Diagnostic::warning("unreachable-route", Path::root(), "never matches");
        assert_eq!(doubt.to_string(), "warning[unreachable-route] at (document): never matches");
    }
}
