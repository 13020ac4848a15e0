//! Keys: hashes, so that they are short and tell nobody what was counted.

use std::borrow::Cow;
use std::fmt;

use sha2::{Digest, Sha256};
use siphasher::sip128::{Hasher128, SipHasher13};

use super::part::{Part, Seen};

/// What requests that are counted together have in common: the parts of their key, each with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition(Vec<u8>);

/// The partition of a key, by which every instance knows it: the first half of a SHA-256, so that nobody can make up another partition that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartitionHash([u8; 16]);

/// The key of a count within an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalKey(u128);

/// What the hash of an instance's keys depends on: drawn by chance, so that nobody can choose keys that meet.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 16]);

impl Partition {
    /// The partition of a request. `share_missing`: whether all that lack a part are counted together.
    ///
    /// # Errors
    /// The first part that the request lacks.
    pub fn of<'p>(parts: &'p [Part], seen: &Seen<'_>, share_missing: bool) -> Result<Self, &'p Part> {
        let mut partition = Self::default();
        for part in parts {
            match part.of(seen) {
                Some(value) => partition.push(part, Some(&value)),
                None if share_missing => partition.push(part, None),
                None => return Err(part),
            }
        }
        Ok(partition)
    }

    /// The partition that an operator writes down; `None` for a part is that of all requests without it.
    #[must_use]
    pub fn written(parts: &[(&Part, Option<&str>)]) -> Self {
        let mut partition = Self::default();
        for (part, value) in parts {
            let value: Option<Cow<'_, [u8]>> = value.map(|text| part.written(text));
            partition.push(part, value.as_deref());
        }
        partition
    }

    /// Each text with its length in front, so that no two partitions are written alike.
    fn push(&mut self, part: &Part, value: Option<&[u8]>) {
        let mut text = |bytes: &[u8]| {
            self.0.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
            self.0.extend_from_slice(bytes);
        };
        text(part.name().as_bytes());
        match value {
            Some(value) => text(value),
            None => self.0.extend_from_slice(&u32::MAX.to_le_bytes()),
        }
    }

    /// The hash by which every instance knows it.
    #[must_use]
    pub fn hash(&self) -> PartitionHash {
        let hash: [u8; 32] = Sha256::digest(&self.0).into();
        let (half, _) = hash.split_at(16);
        PartitionHash(half.try_into().unwrap_or_default())
    }

    /// The key of a count of this partition. `count` tells the limit and its rule.
    #[must_use]
    pub fn local(&self, seed: &Seed, count: u64) -> LocalKey {
        let mut hasher = SipHasher13::new_with_key(&seed.0);
        std::hash::Hasher::write_u64(&mut hasher, count);
        std::hash::Hasher::write(&mut hasher, &self.0);
        LocalKey(hasher.finish128().as_u128())
    }
}

impl PartitionHash {
    /// The key in a store: at most 256 bytes, as a limit's name has at most 64.
    #[must_use]
    pub fn store_key(&self, limit: &str) -> String {
        format!("limit/{limit}/{self}")
    }

    /// The hash of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The hash of these 32 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| fits)?;
        Some(Self(number.to_be_bytes()))
    }

    /// The first bytes, for people and for `pk`: enough to tell partitions of one client apart, too few to look one up.
    #[must_use]
    pub fn short(&self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = self.0;
        [a, b, c, d, e, f]
    }
}

/// Hexadecimal digits.
impl fmt::Display for PartitionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread(u64);

impl std::hash::Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        first.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        self.0 = u64::from_le_bytes(first);
    }

    fn write_u128(&mut self, key: u128) {
        // The lower half is as random as the whole.
        self.0 = key as u64;
    }
}

impl std::hash::BuildHasher for Spread {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parts_values_and_limits_are_other_keys_and_none_can_be_written_like_another() {
        let (one, other) = (Part::Cookie("a".into()), Part::Cookie("ab".into()));
        let all = [
            Partition::written(&[]),
            Partition::written(&[(&one, Some("bc"))]),
            Partition::written(&[(&other, Some("c"))]),
            Partition::written(&[(&one, Some(""))]),
            Partition::written(&[(&one, None)]),
            Partition::written(&[(&one, Some("b")), (&other, Some("c"))]),
            Partition::written(&[(&other, Some("c")), (&one, Some("b"))]),
            Partition::written(&[(&Part::Consumer, Some("bc"))]),
        ];
        let seed = Seed([7; 16]);
        for (index, partition) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert_ne!(partition.hash(), other.hash());
                assert_ne!(partition.local(&seed, 1), other.local(&seed, 1));
            }
            assert_ne!(partition.local(&seed, 1), partition.local(&seed, 2), "another limit");
            assert_ne!(partition.local(&seed, 1), partition.local(&Seed([8; 16]), 1), "another instance");
        }
    }

    #[test]
    fn a_hash_is_read_as_it_was_written_and_nothing_else_is_one() {
        let hash = Partition::default().hash();
        assert_eq!(PartitionHash::from_hex(&hash.to_string()), Some(hash));
        for text in ["", "0", &"g".repeat(32), &"0".repeat(33), "+0000000000000000000000000000001"] {
            assert_eq!(PartitionHash::from_hex(text), None, "{text}");
        }
        assert!(hash.store_key(&"n".repeat(64)).len() <= 256);
    }
}
