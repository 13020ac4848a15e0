//! Paths that an operator writes.
//!
//! They are brought into the same normal form as those of requests, or they could never match. Spelling (`%7e`, `é`) is simply
//! normalised; a path that would turn into another one (`/a/../b`) is more likely a mistake, so it is refused with what it would be.

use std::fmt;

use super::{
    InvalidPath, NormalPath,
    normalise::{characters_of, separators, with_slashes_merged, without_dot_segments},
};

/// A configured path that no request could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotNormal {
    /// It is no path at all.
    Invalid(InvalidPath),
    /// It holds dot segments, `\` or empty segments.
    WouldBe(String),
    /// It holds `?` or `#`, at this byte.
    NotOnlyAPath(usize),
    /// It holds `{` or `}`, at this byte, where no parameter can stand.
    Brace(usize),
}

impl fmt::Display for NotNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(InvalidPath::NotAbsolute) => f.write_str("a path starts with `/`"),
            Self::Invalid(InvalidPath::BadPercent) => {
                f.write_str("`%` is not followed by two hexadecimal digits; write a percent sign as `%25`")
            }
            Self::Invalid(InvalidPath::ForbiddenCharacter) => f.write_str(
                "a space, `\"`, `<` or `>` cannot stand in a path; write `%20`, `%22`, `%3C` or `%3E`",
            ),
            Self::Invalid(InvalidPath::ControlCharacter) => f.write_str("a control character cannot stand in a path"),
            Self::Invalid(InvalidPath::EncodedNul) => f.write_str("`%00` is always refused in a path"),
            Self::Invalid(InvalidPath::EncodedSlash | InvalidPath::EncodedBackslash) => {
                f.write_str("an encoded separator (`%2F`, `%5C`) cannot stand here")
            }
            Self::WouldBe(path) => write!(f, "paths are matched in normal form, in which this one is `{path}`; write that"),
            Self::NotOnlyAPath(_) => f.write_str("`?` and `#` are not part of a path; match a query with `query`"),
            Self::Brace(_) => {
                f.write_str("`{` and `}` stand for parameters, which only a template has; for the characters themselves write `%7B` and `%7D`")
            }
        }
    }
}

impl std::error::Error for NotNormal {}

/// Reads a path from a configuration.
pub fn configured(text: &str) -> Result<NormalPath<'static>, NotNormal> {
    if let Some(at) = text.find(['?', '#']) {
        return Err(NotNormal::NotOnlyAPath(at));
    }
    if let Some(at) = text.find(['{', '}']) {
        return Err(NotNormal::Brace(at));
    }
    if text.is_empty() {
        return Err(NotNormal::Invalid(InvalidPath::NotAbsolute));
    }
    let spelled = characters_of(text).map_err(NotNormal::Invalid)?;
    let normal = with_slashes_merged(&without_dot_segments(&spelled));
    if normal != spelled || text.contains('\\') {
        return Err(NotNormal::WouldBe(normal));
    }
    let separators = separators(&normal);
    Ok(NormalPath { text: normal.into(), separators })
}
