//! Texts and bodies of a case, as they are on the wire.

use serde_json::Value;

use super::exchange::{Answers, Client};
use crate::signed::jwk_of;

/// What `${env:…}` stands for in a case: the addresses of its upstreams.
#[derive(Clone, Debug)]
pub struct Texts {
    /// Host and port of the upstream.
    pub upstream: String,
    /// Host and port of the second one.
    pub second: String,
    /// Host and port where nobody listens.
    pub refused: String,
}

impl Texts {
    /// Addresses that nobody will use, for reading a case.
    #[must_use]
    pub fn sample() -> Self {
        Self { upstream: "127.0.0.1:1".into(), second: "127.0.0.1:2".into(), refused: "127.0.0.1:3".into() }
    }

    /// Replaces the addresses in every text of `value`, and a text that is `${jwk:KEY}` by the public key.
    #[must_use]
    pub fn put_into(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match jwk_of(text) {
                Some(Ok(jwk)) => jwk,
                Some(Err(_)) | None => Value::String(self.replace(text)),
            },
            Value::Array(items) => items.iter().map(|item| self.put_into(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, member)| (key.clone(), self.put_into(member))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Replaces the addresses in a text.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        text.replace("${env:UPSTREAM}", &format!("http://{}", self.upstream))
            .replace("${env:UPSTREAM_AUTHORITY}", &self.upstream)
            .replace("${env:SECOND}", &format!("http://{}", self.second))
            .replace("${env:REFUSED}", &format!("http://{}", self.refused))
    }
}

/// The first `length` bytes of the pattern. Its period shares no factor with any usual size of a buffer, so that lost or doubled pieces show.
#[must_use]
pub fn pattern(length: usize) -> Vec<u8> {
    (b'a'..=b'z').chain(b'0'..=b'8').cycle().take(length).collect()
}

/// A body as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// No body, and no word about it.
    None,
    /// With its length.
    Whole(Vec<u8>),
    /// In pieces.
    Chunks(Vec<Vec<u8>>),
}

/// Pieces of this size are what `chunked` makes of `body_bytes`.
const CHUNK: usize = 16 * 1024;

impl Client {
    /// The body.
    #[must_use]
    pub fn content(&self) -> Content {
        match (&self.body, self.body_bytes, &self.chunks) {
            (Some(text), ..) => Content::Whole(text.clone().into_bytes()),
            (None, Some(length), _) if self.chunked => {
                Content::Chunks(pattern(length).chunks(CHUNK).map(<[u8]>::to_vec).collect())
            }
            (None, Some(length), _) => Content::Whole(pattern(length)),
            (None, None, Some(chunks)) => {
                Content::Chunks(chunks.iter().map(|text| text.clone().into_bytes()).collect())
            }
            (None, None, None) => Content::None,
        }
    }
}

impl Answers {
    /// The body. Texts that are no hexadecimal digits were refused when the case was loaded.
    #[must_use]
    pub fn content(&self) -> Content {
        match (&self.body, self.body_bytes, &self.hex, &self.chunks) {
            (Some(text), ..) => Content::Whole(text.clone().into_bytes()),
            (None, Some(length), ..) => Content::Whole(pattern(length)),
            (None, None, Some(digits), _) => Content::Whole(bytes_of(digits).unwrap_or_default()),
            (None, None, None, Some(chunks)) => {
                Content::Chunks(chunks.iter().map(|text| text.clone().into_bytes()).collect())
            }
            (None, None, None, None) => Content::None,
        }
    }
}

/// Reads hexadecimal digits; blanks between them mean nothing.
#[must_use]
pub(crate) fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    Some(pairs.map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// The bytes of a text with one byte a character.
#[must_use]
pub(crate) fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(bytes_of("1f 8B"), Some(vec![0x1f, 0x8b]));
        assert_eq!(bytes_of("1f8"), None);
        assert_eq!(bytes_of("xy"), None);
    }

    #[test]
    fn addresses_are_put_into_every_text() {
        let texts = Texts { upstream: "h:1".into(), second: "h:2".into(), refused: "h:3".into() };
        let found = texts.put_into(
            &serde_json::json!({"a": ["${env:UPSTREAM}/x", "${env:UPSTREAM_AUTHORITY}"], "b": "${env:OTHER}"}),
        );
        assert_eq!(found, serde_json::json!({"a": ["http://h:1/x", "h:1"], "b": "${env:OTHER}"}));
    }
}
