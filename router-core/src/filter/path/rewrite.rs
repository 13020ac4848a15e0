//! From the path that was asked for to the path that the upstream is asked for.
//!
//! A rewrite puts together text of the operator and text of the client, and what comes out must not be able to leave the place the
//! operator chose. Two promises are kept by [`Rewrite::apply`], whatever the client sends:
//!
//! * the result is a [`NormalPath`], so it holds no dot segment and, joined to a target's base path, stays below it;
//! * a rewrite that *makes* a dot segment or an encoded separator out of harmless parts is refused, never repaired: the regular expression
//!   `^/files` with nothing put in its place would turn `/files../secret` into `/../secret`.

use std::fmt;

use regex_lite::Regex;

use super::{
    InvalidPath, InvalidSubstitution, NormalPath, NotNormal, Prefix, Separators, Substitution, configured, literal,
    normalise::{characters_of, separators, without_dot_segments},
};
use crate::route::{InvalidRegex, Params, braces, compile_regex};

/// How a route changes the path.
#[derive(Clone, Debug)]
pub enum Rewrite {
    /// Takes a prefix away. A path that is not below it stays as it is.
    StripPrefix(Prefix),
    /// Puts one prefix in the place of another. A path that is not below it stays as it is.
    ReplacePrefix {
        /// The prefix that is taken away.
        from: Prefix,
        /// What takes its place.
        to: Prefix,
    },
    /// Replaces every match of a regular expression, which is free to match any part of the path.
    Regex {
        /// What is looked for.
        pattern: Regex,
        /// What takes its place.
        substitution: Substitution,
    },
    /// A path with the route's parameters put in. Made by [`Rewrite::template`].
    Template(PathTemplate),
}

/// A path to be filled in, such as `/users/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    parts: Box<[Part]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Parameter(Box<str>),
}

/// A rewrite that an operator wrote wrongly.
#[derive(Clone, Debug, PartialEq)]
pub enum InvalidRewrite {
    /// The regular expression cannot be read.
    Regex(InvalidRegex),
    /// The substitution cannot be read.
    Substitution(InvalidSubstitution),
    /// The text put into the path cannot stand in one.
    Text(NotNormal),
    /// A brace without its partner, at this byte.
    UnclosedBrace(usize),
    /// `{}`, at this byte.
    UnnamedParameter(usize),
}

/// A rewrite whose result, for this one request, is not a path below its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathEscape {
    /// It holds a dot segment.
    DotSegment,
    /// It holds an encoded separator that the path of the request did not hold.
    EncodedSeparator,
    /// It is not a path at all, such as one with half an escape.
    Invalid(InvalidPath),
    /// The route has no parameter of this name.
    NoParameter(Box<str>),
}

impl Rewrite {
    /// Replaces every match of `pattern` by `substitution`.
    pub fn regex(pattern: &str, substitution: &str) -> Result<Self, InvalidRewrite> {
        let pattern = compile_regex(pattern).map_err(InvalidRewrite::Regex)?;
        let substitution = Substitution::parse(substitution, &pattern).map_err(InvalidRewrite::Substitution)?;
        substitution.literals().try_for_each(insertable)?;
        Ok(Self::Regex { pattern, substitution })
    }

    /// A path with parameters: `/users/{id}`. `{{` and `}}` are the characters themselves.
    pub fn template(text: &str) -> Result<Self, InvalidRewrite> {
        let (mut parts, mut piece) = (Vec::new(), String::new());
        // A sketch of the path with a plain letter for each parameter, to be checked like any configured path.
        let mut sketch = String::new();
        for found in braces::pieces(text) {
            let (name, at) = match found.map_err(InvalidRewrite::UnclosedBrace)? {
                braces::Piece::Text(text) => {
                    piece.push_str(text);
                    continue;
                }
                braces::Piece::Brace(brace) => {
                    piece.push_str(if brace == '{' { "%7B" } else { "%7D" });
                    continue;
                }
                braces::Piece::Parameter { name, at } => (name, at),
            };
            let name = name.strip_prefix('*').unwrap_or(name);
            if name.is_empty() {
                return Err(InvalidRewrite::UnnamedParameter(at));
            }
            sketch.push_str(&piece);
            sketch.push('x');
            parts.push(Part::Literal(spelled(&std::mem::take(&mut piece))?));
            parts.push(Part::Parameter(name.into()));
        }
        sketch.push_str(&piece);
        parts.push(Part::Literal(spelled(&piece)?));
        let sketch = configured(&sketch).map_err(InvalidRewrite::Text)?;
        if sketch.has_encoded_separator() {
            return Err(InvalidRewrite::Text(NotNormal::Invalid(InvalidPath::EncodedSlash)));
        }
        Ok(Self::Template(PathTemplate { parts: parts.into() }))
    }

    /// The parameters that the route's path must have.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Template(template) => &*template.parts,
            Self::StripPrefix(_) | Self::ReplacePrefix { .. } | Self::Regex { .. } => &[],
        };
        parts.iter().filter_map(|part| match part {
            Part::Parameter(name) => Some(&**name),
            Part::Literal(_) => None,
        })
    }

    /// The prefix that is taken away, for `X-Forwarded-Prefix`.
    #[must_use]
    pub fn stripped_prefix(&self) -> Option<&Prefix> {
        match self {
            Self::StripPrefix(prefix) | Self::ReplacePrefix { from: prefix, .. } => Some(prefix),
            Self::Regex { .. } | Self::Template(_) => None,
        }
    }

    /// The path to ask the upstream for.
    pub fn apply(&self, path: &NormalPath<'_>, params: &Params) -> Result<NormalPath<'static>, PathEscape> {
        match self {
            Self::StripPrefix(prefix) => {
                Ok(path.strip_prefix_segments(prefix).unwrap_or_else(|| path.clone()).into_owned())
            }
            Self::ReplacePrefix { from, to } => {
                let Some(rest) = from.rest_of(path.as_str()) else { return Ok(path.clone().into_owned()) };
                renormalised(format!("{}{rest}", to.stem()), path, to.as_str())
            }
            Self::Regex { pattern, substitution } => {
                let mut out = String::with_capacity(path.as_str().len());
                let mut copied = 0;
                for captures in pattern.captures_iter(path.as_str()) {
                    let Some(found) = captures.get(0) else { continue };
                    out.push_str(path.as_str().get(copied..found.start()).unwrap_or_default());
                    substitution.expand(&captures, &mut out);
                    copied = found.end();
                }
                out.push_str(path.as_str().get(copied..).unwrap_or_default());
                renormalised(out, path, "")
            }
            Self::Template(template) => {
                let mut out = String::new();
                for part in &template.parts {
                    match part {
                        Part::Literal(text) => out.push_str(text),
                        Part::Parameter(name) => {
                            let value = params.get(path, name);
                            out.push_str(value.ok_or_else(|| PathEscape::NoParameter(name.clone()))?);
                        }
                    }
                }
                renormalised(out, path, "")
            }
        }
    }
}

/// The path below a target's base path (`/v1` and `/users` is `/v1/users`).
///
/// A normal path has no dot segment, so whatever the client sent, what comes out starts with the base.
#[must_use]
pub fn join_base(base: &str, path: &NormalPath<'_>) -> String {
    let stem = base.strip_suffix('/').unwrap_or(base);
    format!("{stem}{path}")
}

/// Makes a path of a rewrite's result, or tells what is wrong with it. `allowed` is text of the operator's own.
fn renormalised(text: String, from: &NormalPath<'_>, allowed: &str) -> Result<NormalPath<'static>, PathEscape> {
    let text = if text.starts_with('/') { text } else { format!("/{text}") };
    // Substituted text never holds these; regular expressions cannot make them either, since nothing is decoded but unreserved characters.
    if text.contains(['?', '#', '\\']) {
        return Err(PathEscape::Invalid(InvalidPath::ForbiddenCharacter));
    }
    let text = characters_of(&text).map_err(PathEscape::Invalid)?;
    if without_dot_segments(&text) != text {
        return Err(PathEscape::DotSegment);
    }
    let (found, allowed) = (separators(&text), separators(allowed));
    let is_new = |found: bool, before: bool, allowed: bool| found && !before && !allowed;
    if is_new(found.slash, from.has_encoded_slash(), allowed.slash)
        || is_new(found.backslash, from.has_encoded_backslash(), allowed.backslash)
    {
        return Err(PathEscape::EncodedSeparator);
    }
    let separators: Separators = found;
    Ok(NormalPath { text: text.into(), separators })
}

/// A literal piece of a template in normal spelling.
fn spelled(piece: &str) -> Result<Box<str>, InvalidRewrite> {
    insertable(piece)?;
    literal(piece).map(Into::into).map_err(|invalid| InvalidRewrite::Text(NotNormal::Invalid(invalid)))
}

/// Whether an operator's text may be put into a path.
fn insertable(piece: &str) -> Result<(), InvalidRewrite> {
    if let Some(at) = piece.find(['?', '#']) {
        return Err(InvalidRewrite::Text(NotNormal::NotOnlyAPath(at)));
    }
    if piece.contains('\\') {
        return Err(InvalidRewrite::Text(NotNormal::WouldBe(piece.replace('\\', "/"))));
    }
    Ok(())
}

impl fmt::Display for InvalidRewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex(invalid) => invalid.fmt(f),
            Self::Substitution(invalid) => invalid.fmt(f),
            Self::Text(invalid) => invalid.fmt(f),
            Self::UnclosedBrace(at) => {
                write!(f, "the brace at byte {at} has no partner; write the character itself as `{{{{` or `}}}}`")
            }
            Self::UnnamedParameter(at) => write!(f, "the parameter at byte {at} has no name"),
        }
    }
}

impl std::error::Error for InvalidRewrite {}

impl fmt::Display for PathEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DotSegment => f.write_str("the rewritten path would hold a dot segment"),
            Self::EncodedSeparator => f.write_str("the rewritten path would gain an encoded separator"),
            Self::Invalid(invalid) => write!(f, "the rewritten path would be invalid: {invalid}"),
            Self::NoParameter(name) => write!(f, "the route's path has no parameter `{name}`"),
        }
    }
}

impl std::error::Error for PathEscape {}
