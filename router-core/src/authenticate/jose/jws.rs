//! A signed token in compact form (RFC 7515 section 7.1).

use serde_json::{Map, Value};

use super::{Algorithm, base64, strict_json};

/// The longest header, in base64url: 8 KiB hold a certificate chain, and no header needs more.
const MAX_HEADER: usize = 8 * 1024;

/// A signed token that has been taken apart, and nothing more: its signature has not been looked at.
#[derive(Clone, Debug)]
pub struct Jws<'t> {
    /// The header, without duplicates and without anything critical that is not known.
    pub header: Map<String, Value>,
    /// `alg`, one that exists.
    pub algorithm: Algorithm,
    /// The payload, decoded.
    pub payload: Vec<u8>,
    /// What is signed: header and payload as they came, with the dot between.
    pub signed: &'t str,
    /// The signature, decoded.
    pub signature: Vec<u8>,
}

/// Why a text is no signed token that could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidJws {
    /// More bytes than allowed.
    TooLong,
    /// Not three parts of strict base64url with a JSON object in front.
    Form,
    /// `alg` is none of [`Algorithm::ALL`].
    Algorithm,
    /// `crit` is there: nothing that could stand in it is known here (RFC 7515 section 4.1.11). `b64` other than true is refused even without it
    /// (RFC 7797 section 6).
    Critical,
}

impl<'t> Jws<'t> {
    /// Takes `token` apart if it has at most `max` bytes.
    ///
    /// # Errors
    /// See [`InvalidJws`].
    pub fn parse(token: &'t str, max: usize) -> Result<Self, InvalidJws> {
        if token.len() > max {
            return Err(InvalidJws::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(InvalidJws::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(InvalidJws::Form)?;
        if header.len() > MAX_HEADER {
            return Err(InvalidJws::TooLong);
        }
        // A dot too many is no character of base64url.
        let decoded = |part| base64::decode_url(part).ok_or(InvalidJws::Form);
        let header = strict_json::object(&decoded(header)?).ok_or(InvalidJws::Form)?;
        let (payload, signature) = (decoded(payload)?, decoded(signature)?);

        let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::from_name);
        let algorithm = algorithm.ok_or(InvalidJws::Algorithm)?;
        if header.contains_key("crit") || header.get("b64").is_some_and(|b64| b64 != &Value::Bool(true)) {
            return Err(InvalidJws::Critical);
        }
        Ok(Self { header, algorithm, payload, signed, signature })
    }

    /// `kid`, if it is a text.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// `typ`, if it is a text.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.header.get("typ").and_then(Value::as_str)
    }
}
