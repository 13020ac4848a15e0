//! Under what an instance remembers what it found out about a credential.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// Names a configuration together with its secrets: what was remembered under one is not there under another. A hash over secrets, some of which may be
/// short enough to be guessed, so that it is never shown and never leaves the instance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MemoryScope([u8; 32]);

/// Names a credential, and the authenticator and configuration that looked at it. Nobody can tell the credential from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryKey([u8; 32]);

impl MemoryScope {
    /// The scope of a document in which every variable has its value.
    #[must_use]
    pub fn of(document: &[u8]) -> Self {
        Self(Sha256::digest(document).into())
    }
}

impl MemoryKey {
    /// The key of `credential` with the authenticator of this name.
    #[must_use]
    pub fn of(scope: &MemoryScope, authenticator: &str, credential: &[u8]) -> Self {
        // Of a fixed length, or with its length in front: no two triples are written alike.
        let hash = Sha256::new().chain_update(scope.0).chain_update((authenticator.len() as u64).to_le_bytes());
        Self(hash.chain_update(authenticator).chain_update(credential).finalize().into())
    }
}

/// Hexadecimal digits, for the key of a job.
impl fmt::Display for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKey(…)")
    }
}

impl fmt::Debug for MemoryScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryScope(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_configuration_authenticator_or_credential_is_another_key() {
        let (one, other) = (MemoryScope::of(b"one"), MemoryScope::of(b"other"));
        let all = [
            MemoryKey::of(&one, "c", b"d"),
            MemoryKey::of(&other, "c", b"d"),
            MemoryKey::of(&one, "", b"cd"),
            MemoryKey::of(&one, "c", b"e"),
            MemoryKey::of(&one, "cd", b""),
        ];
        for (index, key) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != key));
        }
        assert_eq!(all[0], MemoryKey::of(&MemoryScope::of(b"one"), "c", b"d"));
    }

    #[test]
    fn neither_is_shown() {
        let scope = MemoryScope::of(b"one");
        assert_eq!(format!("{scope:?} {:?}", MemoryKey::of(&scope, "a", b"b")), "MemoryScope(…) MemoryKey(…)");
    }
}
