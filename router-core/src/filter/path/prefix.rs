//! A prefix is made of whole segments: `/foo` is a prefix of `/foo`, `/foo/` and `/foo/bar`, and not of `/foobar`.

use std::fmt;

use super::{NotNormal, configured};

/// A path prefix of whole segments, as an operator wrote it, in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    /// Without a slash at the end, so that the root is empty.
    text: Box<str>,
}

impl Prefix {
    /// Reads a prefix. A slash at its end means nothing: `/foo/` is `/foo`, as in the Gateway API.
    pub fn parse(text: &str) -> Result<Self, NotNormal> {
        let path = configured(text)?;
        let text = path.as_str();
        Ok(Self { text: text.strip_suffix('/').unwrap_or(text).into() })
    }

    /// The prefix as text; `/` for the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if self.text.is_empty() { "/" } else { &self.text }
    }

    /// Its segments; none for the root.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split('/').skip(1)
    }

    /// What follows this prefix in a normal path: nothing, or text that starts with a slash.
    pub(super) fn rest_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(&*self.text)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// The prefix without a slash at its end; empty for the root. For putting before a path.
    pub(super) fn stem(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
