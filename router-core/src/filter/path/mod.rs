//! One path, decided once.
//!
//! A gateway that matches one spelling of a path and forwards another can be walked around: `/public/%2e%2e/admin` matches a rule for
//! `/public` and reaches `/admin`. So the raw path of a request is brought into one normal form before anything looks at it, and that
//! form alone is matched, logged, rewritten and sent on. The type [`NormalPath`] is the proof.
//!
//! # The rules
//!
//! 1. The path ends where a query or a fragment begins. An empty path is `/` (RFC 3986 §6.2.3); any other must start with `/`.
//! 2. Refused: control characters, space and `"` `<` `>` as such; `%` without two hexadecimal digits; `%00` in any case.
//! 3. A raw `\` is a `/`.
//! 4. Escapes of unreserved characters are decoded (`%7E` is `~`, `%2e` is `.`), the others get upper-case digits (RFC 3986 §6.2.2).
//! 5. Characters that may not stand in a path are escaped: all beyond ASCII, and ``^ ` { | }``.
//! 6. Dot segments are removed (RFC 3986 §5.2.4); `..` at the root stays at the root.
//! 7. `%2F` and `%5C` follow [`PathRules`]: kept, refused, unescaped or redirected. Unescaping happens after rule 6, and rule 6 is then
//!    applied again.
//! 8. Runs of `/` become one, unless the rules say otherwise.
//!
//! # Why exactly these
//!
//! Cloudflare Workers hand over a path that the WHATWG URL parser has been through: it has applied rules 1, 3 and 6 and a part of 5
//! (it escapes ``^ ` { }`` and lets `|` be), and refused the characters of rule 2. Spin and native hand over the path as it was sent.
//! Equal answers everywhere therefore need those same steps in that order on every platform. This is also why slashes are merged *after*
//! dot segments (`/a//../b` is `/a/b`), and why unescaping comes after a first removal of dot segments.
//!
//! The result is a fixed point: normalising it again, under the same rules, changes nothing.

mod configured;
mod invalid;
mod normalise;
mod percent;
mod prefix;
mod rewrite;
mod substitution;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

pub use configured::{NotNormal, configured};
pub use invalid::InvalidPath;
pub use prefix::Prefix;
pub use rewrite::{InvalidRewrite, PathEscape, Rewrite, join_base};
pub use substitution::{InvalidSubstitution, Substitution};

pub(crate) use normalise::literal;
pub use percent::form_bytes;

/// What the operator decides about paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathRules {
    /// What becomes of `%2F`.
    pub encoded_slash: Encoded,
    /// What becomes of `%5C`.
    pub encoded_backslash: Encoded,
    /// Whether `//` is `/`.
    pub merge_slashes: bool,
}

impl Default for PathRules {
    fn default() -> Self {
        Self { encoded_slash: Encoded::Auto, encoded_backslash: Encoded::Auto, merge_slashes: true }
    }
}

/// What becomes of an encoded separator, which servers behind the gateway may or may not take for a real one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoded {
    /// Kept here; the route stage refuses it where the route has rules that a second reading of the path could get around.
    #[default]
    Auto,
    /// Kept as it is: part of a segment.
    Keep,
    /// The request is refused.
    Reject,
    /// Taken for the separator itself.
    Unescape,
    /// The client is sent to the path with the separator itself.
    Redirect,
}

/// What normalising came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Normalised<'a> {
    /// Go on with this path.
    Path(NormalPath<'a>),
    /// Answer 308 with this path, since a rule says [`Encoded::Redirect`]. Write `Location` with [`NormalPath::reference`].
    Redirect(NormalPath<'a>),
}

/// A path in normal form: starts with `/`, holds ASCII only, no dot segment, no `\`, no `?`, no `#`, only whole escapes.
///
/// Borrows what was already normal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NormalPath<'a> {
    text: Cow<'a, str>,
    separators: Separators,
}

/// Which encoded separators a path holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Separators {
    slash: bool,
    backslash: bool,
}

impl<'a> NormalPath<'a> {
    /// Brings the path of a request target (without its query) into normal form.
    pub fn parse(raw: &'a str, rules: &PathRules) -> Result<Normalised<'a>, InvalidPath> {
        normalise::normalise(raw, rules)
    }

    /// The path `/`.
    #[must_use]
    pub fn root() -> Self {
        Self { text: Cow::Borrowed("/"), separators: Separators::default() }
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same path, independent of what it was read from.
    #[must_use]
    pub fn into_owned(self) -> NormalPath<'static> {
        NormalPath { text: Cow::Owned(self.text.into_owned()), separators: self.separators }
    }

    /// Whether the path still holds `%2F`.
    #[must_use]
    pub fn has_encoded_slash(&self) -> bool {
        self.separators.slash
    }

    /// Whether the path still holds `%5C`.
    #[must_use]
    pub fn has_encoded_backslash(&self) -> bool {
        self.separators.backslash
    }

    /// Whether the path still holds `%2F` or `%5C`.
    #[must_use]
    pub fn has_encoded_separator(&self) -> bool {
        self.separators.slash || self.separators.backslash
    }

    /// The segments: `/a/b` has `a` and `b`; `/a/` has `a` and an empty one; `/` has an empty one.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.strip_prefix('/').unwrap_or(&self.text).split('/')
    }

    /// What is left below a prefix, or `None` where the path is not below it. Below `/api`, `/api` and `/api/` are both `/`.
    #[must_use]
    pub fn strip_prefix_segments(&self, prefix: &Prefix) -> Option<NormalPath<'_>> {
        let rest = prefix.rest_of(&self.text)?;
        if rest.is_empty() {
            return Some(NormalPath::root());
        }
        // A cut at a slash of a normal path leaves a normal path; only the flags may go from true to false.
        Some(NormalPath { text: Cow::Borrowed(rest), separators: normalise::separators(rest) })
    }

    /// The same path with a slash at its end, or without. `None` for `/`, which cannot lose its own.
    #[must_use]
    pub fn toggle_trailing_slash(&self) -> Option<NormalPath<'static>> {
        let text = match self.text.strip_suffix('/') {
            Some("") => return None,
            Some(without) => without.to_owned(),
            None => format!("{}/", self.text),
        };
        Some(NormalPath { text: Cow::Owned(text), separators: self.separators })
    }

    /// The path and query as a relative reference for `Location`.
    ///
    /// A path that starts with `//` would be read as the name of another host (RFC 3986 §4.2), so it is written as `/.//`, which
    /// every client resolves to the same path on this host.
    #[must_use]
    pub fn reference(&self, query: Option<&str>) -> String {
        let guard = if self.text.starts_with("//") { "/." } else { "" };
        match query {
            Some(query) => format!("{guard}{}?{query}", self.text),
            None => format!("{guard}{}", self.text),
        }
    }
}

impl fmt::Display for NormalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for NormalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}
