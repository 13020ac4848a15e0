//! A key set (RFC 7517 section 5).

use serde_json::Value;

use super::{Algorithm, Key, strict_json};

/// The longest key set, in bytes: 100 RSA keys of 4096 bits with their certificates.
const MAX_BYTES: usize = 256 * 1024;
/// How many keys are kept. Issuers have two to ten.
const MAX_KEYS: usize = 100;
/// How many keys one token may be tried with, so that a token without `kid` has a bounded cost.
const MAX_CANDIDATES: usize = 8;

/// The keys of an issuer: at most 100 that can be used. Others are left out, as RFC 7517 section 5 says.
#[derive(Clone, Debug, Default)]
pub struct KeyList {
    keys: Vec<Key>,
}

impl KeyList {
    /// These keys, the first 100.
    #[must_use]
    pub fn new(mut keys: Vec<Key>) -> Self {
        keys.truncate(MAX_KEYS);
        Self { keys }
    }

    /// Reads `{"keys": […]}` of at most 256 KiB. Keys that cannot be used are left out, those after 100 usable ones too; `None` if it is no key set or
    /// has duplicate members.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let set = strict_json::object(bytes)?;
        let keys = set.get("keys")?.as_array()?;
        let usable = keys.iter().filter_map(Value::as_object).filter_map(|jwk| Key::from_jwk(jwk).ok());
        Some(Self { keys: usable.take(MAX_KEYS).collect() })
    }

    /// Without HMAC keys. A set that was fetched is public, or nearly so, and what is public is no secret: an issuer that puts one there by mistake
    /// must not give its tokens away to whoever reads it.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        self.keys.retain(|key| key.secret().is_none());
        self
    }

    /// The keys that may have made a signature of `algorithm`, at most 8. With a `kid` those of that id; if no key has that id, those without an id,
    /// since they are the issuer's all the same and the id is a hint for choosing, not a proof. Without a `kid` all that fit.
    pub fn candidates<'k>(&'k self, kid: Option<&'k str>, algorithm: Algorithm) -> impl Iterator<Item = &'k Key> {
        let wanted = kid.map(|kid| if self.has(kid) { Some(kid) } else { None });
        self.keys
            .iter()
            .filter(move |key| key.fits(algorithm) && wanted.is_none_or(|wanted| key.id() == wanted))
            .take(MAX_CANDIDATES)
    }

    /// Whether a key has this id: if none has, a newer key set may.
    #[must_use]
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.id() == Some(kid))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}
