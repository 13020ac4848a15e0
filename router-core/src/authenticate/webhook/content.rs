//! What is signed: text, the time and the body, one behind the other.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// A part of what is signed. A body is not copied for it.
pub(super) type Piece<'a> = &'a [u8];

/// How the content of a form of one's own is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(pub(super) Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Time,
    Body,
}

/// Why a text does not say what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidContent {
    /// Something in braces that is neither `{body}` nor `{timestamp}`.
    Unknown(String),
    /// A `{` without its `}`, or a `}` without its `{`.
    Brace,
    /// `{body}` is not there, or twice.
    Body,
    /// `{timestamp}` is there twice.
    Time,
}

impl fmt::Display for InvalidContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "expected `{{body}}` or `{{timestamp}}`, found `{{{name}}}`"),
            Self::Brace => f.write_str("a brace has no partner; only `{body}` and `{timestamp}` have braces"),
            Self::Body => {
                f.write_str("expected `{body}` exactly once: a signature that leaves it out says nothing of it")
            }
            Self::Time => f.write_str("expected `{timestamp}` at most once"),
        }
    }
}

impl Content {
    /// Reads `v0:{timestamp}:{body}`.
    ///
    /// # Errors
    /// See [`InvalidContent`].
    pub fn parse(text: &str) -> Result<Self, InvalidContent> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (before, after) = match rest.split_once('{') {
                None => (rest, None),
                Some((before, after)) => (before, Some(after)),
            };
            if before.contains('}') {
                return Err(InvalidContent::Brace);
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some(after) = after else { break };
            let (name, behind) = after.split_once('}').ok_or(InvalidContent::Brace)?;
            parts.push(match name {
                "body" => Part::Body,
                "timestamp" => Part::Time,
                other => return Err(InvalidContent::Unknown(other.chars().take(40).collect())),
            });
            rest = behind;
        }
        let count = |wanted: &Part| parts.iter().filter(|part| *part == wanted).count();
        match (count(&Part::Body), count(&Part::Time)) {
            (1, 0 | 1) => Ok(Self(parts)),
            (1, _) => Err(InvalidContent::Time),
            _ => Err(InvalidContent::Body),
        }
    }

    /// Whether the time is signed.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.0.contains(&Part::Time)
    }
}

/// HMAC with SHA-256 over the pieces.
pub(super) fn mac(secret: &[u8], pieces: &[Piece<'_>]) -> Vec<u8> {
    // HMAC takes a key of any length (RFC 2104 section 2). An empty MAC equals no signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return Vec::new() };
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().to_vec()
}

/// A hash that names the content.
pub(super) fn digest(name: &str, pieces: &[Piece<'_>]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    // No name of an authenticator holds this byte.
    hash.update([0]);
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_text_with_a_body_and_perhaps_a_time() {
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(Content::parse("{body}").unwrap().0, [Part::Body]);
        let slack = Content::parse("v0:{timestamp}:{body}").unwrap();
        assert_eq!(slack.0, [text("v0:"), Part::Time, text(":"), Part::Body]);
        assert!(slack.has_time());
        for (bad, why) in [
            ("", InvalidContent::Body),
            ("{timestamp}", InvalidContent::Body),
            ("{body}{body}", InvalidContent::Body),
            ("{timestamp}{body}{timestamp}", InvalidContent::Time),
            ("{body", InvalidContent::Brace),
            ("body}", InvalidContent::Brace),
            ("{body}{id}", InvalidContent::Unknown("id".into())),
        ] {
            assert_eq!(Content::parse(bad), Err(why), "{bad}");
        }
    }
}
