//! The members of a JWK, read strictly.

use serde_json::{Map, Value};

use super::InvalidKey;
use crate::authenticate::jose::{Algorithm, base64};

/// How much of a foreign text a message shows.
const SHOWN: usize = 32;

/// The members of a JWK (RFC 7517 section 4).
#[derive(Clone, Copy)]
pub(in super::super) struct Members<'j>(pub(in super::super) &'j Map<String, Value>);

impl<'j> Members<'j> {
    /// The member of this name, a text that must be there.
    pub(super) fn text(self, name: &str) -> Result<&'j str, InvalidKey> {
        self.optional(name)?.ok_or_else(|| InvalidKey(format!("\"{name}\" is missing")))
    }

    /// The bytes of this member.
    pub(super) fn bytes(self, name: &str) -> Result<Vec<u8>, InvalidKey> {
        base64::decode_url(self.text(name)?).ok_or_else(|| {
            InvalidKey(format!(
                "\"{name}\" is no base64url without padding (RFC 7515 section 2); write it with A-Z, a-z, 0-9, - and _ only"
            ))
        })
    }

    /// The bytes of a number: at least one, the first not zero (RFC 7518 section 2, Base64urlUInt).
    pub(super) fn number(self, name: &str) -> Result<Vec<u8>, InvalidKey> {
        let bytes = self.bytes(name)?;
        match bytes.first() {
            Some(1..) => Ok(bytes),
            Some(0) => Err(InvalidKey(format!(
                "\"{name}\" begins with a zero byte; RFC 7518 section 2 wants as few bytes as there can be"
            ))),
            None => Err(InvalidKey(format!("\"{name}\" is empty"))),
        }
    }

    /// The bytes of a member that has exactly `length` of them.
    pub(in super::super) fn sized<const N: usize>(self, name: &str) -> Result<[u8; N], InvalidKey> {
        let bytes = self.bytes(name)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| InvalidKey(format!("\"{name}\" has {length} bytes instead of {N}")))
    }

    /// `kid`.
    pub(super) fn id(self) -> Result<Option<String>, InvalidKey> {
        Ok(self.optional("kid")?.map(str::to_owned))
    }

    /// `alg`.
    pub(in super::super) fn algorithm(self) -> Result<Option<Algorithm>, InvalidKey> {
        self.optional("alg")?
            .map(|name| {
                Algorithm::from_name(name).ok_or_else(|| {
                    let known: Vec<_> = Algorithm::ALL.into_iter().map(Algorithm::as_str).collect();
                    let known = known.join(", ");
                    InvalidKey(format!("\"alg\" is \"{}\", which is none of {known}", shown(name)))
                })
            })
            .transpose()
    }

    /// Whether `use` and `key_ops` allow `operation`: `verify` or `sign` (RFC 7517 sections 4.2 and 4.3).
    pub(super) fn check_purpose(self, operation: &str) -> Result<(), InvalidKey> {
        if let Some(purpose) = self.optional("use")?.filter(|purpose| *purpose != "sig") {
            return Err(InvalidKey(format!("\"use\" is \"{}\"; a key for signatures has \"sig\"", shown(purpose))));
        }
        let Some(operations) = self.0.get("key_ops") else { return Ok(()) };
        let operations: Option<Vec<_>> =
            operations.as_array().and_then(|operations| operations.iter().map(Value::as_str).collect());
        let Some(operations) = operations else {
            return Err(InvalidKey("\"key_ops\" is no list of texts".into()));
        };
        if operations.iter().enumerate().any(|(at, one)| operations.iter().skip(at + 1).any(|other| other == one)) {
            return Err(InvalidKey("\"key_ops\" has an operation twice, which RFC 7517 section 4.3 forbids".into()));
        }
        if !operations.contains(&operation) {
            return Err(InvalidKey(format!("\"key_ops\" is there without \"{operation}\"")));
        }
        Ok(())
    }

    fn optional(self, name: &str) -> Result<Option<&'j str>, InvalidKey> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InvalidKey(format!("\"{name}\" is no text"))),
        }
    }
}

/// The beginning of a foreign text, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut beginning: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        beginning.push('…');
    }
    beginning
}
