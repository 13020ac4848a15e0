//! A tag: `product:{id}`.

use std::fmt;

use crate::cache::rule::{TagPart, TagTemplate};
use crate::config::grammar::shorten;
use crate::route::braces::{self, Piece};

/// The longest tag, in bytes of its text.
const LONGEST: usize = 128;

/// Why a text is no tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InvalidTag {
    /// It has no text.
    Empty,
    /// It has so many bytes.
    TooLong(usize),
    /// It holds this character, which ends a tag where tags are listed, or cannot be seen.
    Character(char),
    /// A brace without its partner, at this byte.
    UnclosedBrace(usize),
    /// What stands between braces is no name of a parameter.
    Name(String),
}

/// Reads a tag. `{{` and `}}` are the characters themselves.
pub(super) fn tag(text: &str) -> Result<TagTemplate, InvalidTag> {
    if text.is_empty() {
        return Err(InvalidTag::Empty);
    }
    if text.len() > LONGEST {
        return Err(InvalidTag::TooLong(text.len()));
    }
    if let Some(character) = text.chars().find(|character| character.is_whitespace() || character.is_control()) {
        return Err(InvalidTag::Character(character));
    }
    let (mut parts, mut literal) = (Vec::new(), String::new());
    for piece in braces::pieces(text) {
        let name = match piece.map_err(InvalidTag::UnclosedBrace)? {
            Piece::Text(text) => {
                literal.push_str(text);
                continue;
            }
            Piece::Brace(brace) => {
                literal.push(brace);
                continue;
            }
            Piece::Parameter { name, .. } => name.strip_prefix('*').unwrap_or(name),
        };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(InvalidTag::Name(name.to_owned()));
        }
        if !literal.is_empty() {
            parts.push(TagPart::Text(std::mem::take(&mut literal)));
        }
        parts.push(TagPart::Parameter(name.to_owned()));
    }
    if !literal.is_empty() {
        parts.push(TagPart::Text(literal));
    }
    Ok(TagTemplate(parts))
}

impl fmt::Display for InvalidTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("expected a tag, found an empty text"),
            Self::TooLong(length) => write!(f, "expected a tag of at most {LONGEST} bytes, found {length}"),
            Self::Character(character) => {
                write!(f, "a tag has no spaces and no control characters, found `{}`", character.escape_default())
            }
            Self::UnclosedBrace(at) => {
                write!(f, "the brace at byte {at} has no partner; write `{{{{` or `}}}}` for the character itself")
            }
            Self::Name(name) => {
                write!(f, "expected the name of a parameter between the braces, found `{}`", shorten(name))
            }
        }
    }
}
