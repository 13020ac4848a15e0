//! Which document, with which secrets.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::authenticate::jose::base64;

/// Names a document together with the values of its references: a secret that is replaced in the same document makes another one of it. Never shown,
/// since a weak secret could be guessed from it.
#[derive(Clone, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// The name of what `document` has become when its references were replaced.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        struct Hashing(Sha256);
        impl std::io::Write for Hashing {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut text = Hashing(Sha256::new());
        // A hash takes everything, so that this cannot fail.
        let _ = serde_json::to_writer(&mut text, document);
        Self(base64::encode_url(&text.0.finalize()))
    }

    /// The name, to become part of a hash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revision")
    }
}
