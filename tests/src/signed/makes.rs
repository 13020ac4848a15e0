//! What a case has signed, and the texts that stand for it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::case::Texts;
use crate::case::exchange::Exchange;

use super::keys::{self, hmac_sha256, key, sha256};

/// A signed token: a JWT, or a proof of DPoP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a token")]
pub struct Token {
    /// The key of `vectors/keys.json` that signs.
    pub key: String,
    /// Members of the header. `alg` and `kid` are the key's unless they are given; null leaves one out. `${jwk:KEY}` becomes the public key.
    #[serde(default)]
    pub header: Map<String, Value>,
    /// The claims. `now`, `now+60` and `now-60` become seconds since 1970.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// The payload, byte for byte, instead of `claims`.
    #[serde(default)]
    pub payload: Option<String>,
}

/// A signed text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a signed text")]
pub struct SignedText {
    /// The key of `vectors/keys.json` that signs.
    #[serde(default)]
    pub key: Option<String>,
    /// A secret for HMAC with SHA-256, instead of `key`.
    #[serde(default)]
    pub secret: Option<String>,
    /// What is signed.
    pub text: String,
    /// How the signature is written. Default `base64`.
    #[serde(default)]
    pub encoding: TextEncoding,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextEncoding {
    /// Base64.
    #[default]
    Base64,
    /// Hexadecimal.
    Hex,
}

/// What a case makes. Each thing is made once, so that a token can be sent twice.
#[derive(Debug)]
pub struct Makes {
    tokens: BTreeMap<String, Token>,
    signed: BTreeMap<String, SignedText>,
    now: u64,
    pub(super) texts: Texts,
    made: RefCell<BTreeMap<String, String>>,
}

impl Makes {
    /// Of a case that begins at `now`, in seconds since 1970, with its upstreams where `texts` says.
    #[must_use]
    pub fn new(exchange: &Exchange, now: u64, texts: Texts) -> Self {
        let Exchange { tokens, signed, .. } = exchange;
        Self { tokens: tokens.clone(), signed: signed.clone(), now, texts, made: RefCell::default() }
    }

    /// What the text between `${` and `}` stands for; `None` if it is none of ours.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn meaning(&self, text: &str) -> Option<Result<String, String>> {
        if let Some(made) = self.made.borrow().get(text) {
            return Some(Ok(made.clone()));
        }
        let made = match text.split_once(':') {
            None => time(text, self.now).map(|time| Ok(time.to_string())),
            Some(("token", name)) => Some(self.token(name)),
            Some(("signed", name)) => Some(self.signature(name)),
            Some(("ath", name)) => Some(self.token(name).map(|token| url(&sha256(token.as_bytes())))),
            Some(("sha256", body)) => Some(Ok(Base64::encode_string(&sha256(body.as_bytes())))),
            Some(("thumbprint", name)) => Some(key(name).map(|key| key.thumbprint.clone())),
            Some(("jwk", name)) => Some(key(name).map(|key| key.jwk.to_string())),
            Some(("private_jwk", name)) => Some(key(name).map(|key| key.private_jwk.to_string())),
            Some(("jwks", names)) => {
                let names: Vec<&str> = names.split(',').map(str::trim).collect();
                Some(keys::public_set(&names).map(|set| set.to_string()))
            }
            Some(_) => None,
        }?;
        if let Ok(made) = &made {
            self.made.borrow_mut().insert(text.to_owned(), made.clone());
        }
        Some(made)
    }

    fn token(&self, name: &str) -> Result<String, String> {
        let memory = format!("token:{name}");
        if let Some(made) = self.made.borrow().get(&memory) {
            return Ok(made.clone());
        }
        let token = self.tokens.get(name).ok_or_else(|| format!("the case has no token `{name}`"))?;
        let signer = key(&token.key)?;
        let mut header = Map::from_iter([("alg".to_owned(), Value::from(signer.alg.as_str()))]);
        if let Some(kid) = signer.jwk.get("kid") {
            header.insert("kid".to_owned(), kid.clone());
        }
        for (name, value) in &token.header {
            header.insert(name.clone(), self.filled(value)?);
        }
        header.retain(|_, value| !value.is_null());
        let payload = match &token.payload {
            Some(payload) => payload.clone(),
            None => self.filled(&Value::Object(token.claims.clone()))?.to_string(),
        };
        let signed =
            format!("{}.{}", url(Value::Object(header.clone()).to_string().as_bytes()), url(payload.as_bytes()));
        let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let alg = if alg.eq_ignore_ascii_case("none") { "none" } else { alg };
        let made = format!("{signed}.{}", url(&signer.sign(alg, signed.as_bytes())?));
        self.made.borrow_mut().insert(memory, made.clone());
        Ok(made)
    }

    fn signature(&self, name: &str) -> Result<String, String> {
        let asked = self.signed.get(name).ok_or_else(|| format!("the case has no signed text `{name}`"))?;
        let text = super::replace::text(&asked.text, self)?;
        let signature = match (&asked.key, &asked.secret) {
            (Some(name), None) => key(name).and_then(|key| key.sign(&key.alg, text.as_bytes()))?,
            (None, Some(secret)) => hmac_sha256(secret, text.as_bytes()),
            _ => return Err(format!("`{name}` is signed by a `key` or a `secret`, and by one of them")),
        };
        Ok(match asked.encoding {
            TextEncoding::Base64 => Base64::encode_string(&signature),
            TextEncoding::Hex => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// A member of a token with all that stands for something else in it.
    fn filled(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match (time(text, self.now), super::replace::jwk_of(text)) {
                (Some(time), _) => Value::from(time),
                (None, Some(jwk)) => jwk?,
                (None, None) => Value::String(super::replace::text(text, self)?),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.filled(item)).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let filled = |(name, value): (&String, &Value)| Ok((name.clone(), self.filled(value)?));
                Value::Object(members.iter().map(filled).collect::<Result<_, String>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }
}

/// `now`, `now+60`, `now-60` in seconds since 1970.
fn time(text: &str, now: u64) -> Option<i64> {
    let now = i64::try_from(now).ok()?;
    match text.strip_prefix("now")? {
        "" => Some(now),
        shift => shift.strip_prefix('+').unwrap_or(shift).parse::<i64>().ok().map(|shift| now + shift),
    }
}

fn url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub(super) fn standard_bytes(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_made_once_and_holds_the_time_of_its_case() {
        let exchange = json!({"steps": [], "tokens": {"t": {"key": "hs256", "claims": {"exp": "now+60"}}}});
        let makes = Makes::new(&serde_json::from_value(exchange).unwrap(), 1000, Texts::sample());
        let made = makes.meaning("token:t").unwrap().unwrap();
        assert_eq!(makes.meaning("token:t").unwrap().unwrap(), made);
        let payload = made.split('.').nth(1).unwrap();
        assert_eq!(Base64UrlUnpadded::decode_vec(payload).unwrap(), br#"{"exp":1060}"#);
        assert_eq!(makes.meaning("now-1").unwrap().unwrap(), "999");
        assert!(makes.meaning("env:UPSTREAM").is_none());
        assert!(makes.meaning("token:x").unwrap().is_err());
    }
}
