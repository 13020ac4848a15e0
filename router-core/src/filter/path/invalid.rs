//! Why a path is refused. Each reason has a stable name for logs and metrics and a sentence that the client may read.

use std::fmt;

/// A path that cannot be brought into normal form, or that the rules refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvalidPath {
    /// `%00`.
    EncodedNul,
    /// `%` without two hexadecimal digits.
    BadPercent,
    /// A control character as such.
    ControlCharacter,
    /// No `/` at the start.
    NotAbsolute,
    /// `%2F`, where the rules refuse it.
    EncodedSlash,
    /// `%5C`, where the rules refuse it.
    EncodedBackslash,
    /// A space, `"`, `<` or `>` as such.
    ForbiddenCharacter,
}

impl InvalidPath {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 7] = [
        Self::EncodedNul,
        Self::BadPercent,
        Self::ControlCharacter,
        Self::NotAbsolute,
        Self::EncodedSlash,
        Self::EncodedBackslash,
        Self::ForbiddenCharacter,
    ];

    /// A name that never changes.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::EncodedNul => "encoded-nul",
            Self::BadPercent => "bad-percent",
            Self::ControlCharacter => "control-character",
            Self::NotAbsolute => "not-absolute",
            Self::EncodedSlash => "encoded-slash",
            Self::EncodedBackslash => "encoded-backslash",
            Self::ForbiddenCharacter => "forbidden-character",
        }
    }

    /// What the client is told.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::EncodedNul => "The path contains %00.",
            Self::BadPercent => "The path contains a % that is not followed by two hexadecimal digits.",
            Self::ControlCharacter => "The path contains a control character.",
            Self::NotAbsolute => "The path does not start with a slash.",
            Self::EncodedSlash => "The path contains an encoded slash (%2F), which is not accepted here.",
            Self::EncodedBackslash => "The path contains an encoded backslash (%5C), which is not accepted here.",
            Self::ForbiddenCharacter => {
                "The path contains a space, a quotation mark or an angle bracket that is not percent-encoded."
            }
        }
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for InvalidPath {}
