//! Text with references to the groups of a regular expression: `$1`, `${1}`, `$name`, `${name}`, and `$$` for a dollar sign.
//!
//! References are resolved when the configuration is compiled, so a name that no group has is an error there and not an empty string
//! at run time.

use std::fmt;

use regex_lite::{Captures, Regex};

/// What a regular expression's match is replaced with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    text: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Group(usize),
}

/// A substitution that refers to what is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidSubstitution {
    /// No such group; holds the reference, its byte position and the names that exist.
    UnknownGroup {
        /// The name or number that was asked for.
        reference: String,
        /// Where, in bytes.
        at: usize,
        /// The names there are.
        known: Vec<String>,
    },
    /// `$` without a name, at this byte.
    LoneDollar(usize),
    /// `${` without `}`, at this byte.
    Unclosed(usize),
}

impl Substitution {
    /// Reads a substitution for the matches of `regex`.
    pub fn parse(text: &str, regex: &Regex) -> Result<Self, InvalidSubstitution> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            literal.push_str(before);
            let at = text.len() - after.len() - 1;
            if let Some(tail) = after.strip_prefix('$') {
                literal.push('$');
                rest = tail;
                continue;
            }
            let (reference, tail) = match after.strip_prefix('{') {
                Some(braced) => braced.split_once('}').ok_or(InvalidSubstitution::Unclosed(at))?,
                None => {
                    after.split_at(after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len()))
                }
            };
            if reference.is_empty() {
                return Err(InvalidSubstitution::LoneDollar(at));
            }
            let group = group(reference, regex).ok_or_else(|| InvalidSubstitution::UnknownGroup {
                reference: reference.to_owned(),
                at,
                known: regex.capture_names().flatten().map(str::to_owned).collect(),
            })?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal).into()));
            }
            parts.push(Part::Group(group));
            rest = tail;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        Ok(Self { text: text.into(), parts: parts.into() })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text between the references.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(&**text),
            Part::Group(_) => None,
        })
    }

    pub(super) fn expand(&self, captures: &Captures<'_>, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                // A group that took no part in the match stands for nothing.
                Part::Group(group) => out.push_str(captures.get(*group).map_or("", |found| found.as_str())),
            }
        }
    }
}

fn group(reference: &str, regex: &Regex) -> Option<usize> {
    match reference.parse::<usize>() {
        Ok(number) => (number < regex.captures_len()).then_some(number),
        Err(_) => regex.capture_names().position(|name| name == Some(reference)),
    }
}

impl fmt::Display for InvalidSubstitution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownGroup { reference, at, known } => {
                write!(f, "`{reference}` at byte {at} is no group of the regular expression")?;
                if let Some(name) = known.iter().find(|name| reference.starts_with(name.as_str())) {
                    return write!(f, "; write `${{{name}}}` where more text follows the name");
                }
                if reference.starts_with(|c: char| c.is_ascii_digit()) && reference.parse::<usize>().is_err() {
                    return f.write_str("; write `${1}` where more text follows the number");
                }
                match known.as_slice() {
                    [] => f.write_str(", which has no named groups; name one with `(?<name>…)`"),
                    names => write!(f, "; its names are `{}`", names.join("`, `")),
                }
            }
            Self::LoneDollar(at) => {
                write!(f, "`$` at byte {at} is not followed by a name; write a dollar sign as `$$`")
            }
            Self::Unclosed(at) => write!(f, "`${{` at byte {at} is not closed by `}}`"),
        }
    }
}

impl std::error::Error for InvalidSubstitution {}
