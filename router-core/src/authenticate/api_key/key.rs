//! What a key looks like, and the hash by which it is known.

use std::fmt;

use super::checksum::{self, BASE62, checksum};
use crate::authenticate::jose::{Digest, equal, hmac};

/// The random characters of a key: 62³² is more than 2¹⁹⁰.
const RANDOM: usize = 32;
/// How many random bytes [`generate`] takes. Of each six bits count, and two values in 64 are left out so that every character is equally likely: that
/// more than half of the bytes are left out happens once in 2¹⁰⁰ times.
pub const RANDOM_BYTES: usize = 64;
/// The shortest pepper, in bytes: as long as the hash (RFC 2104 section 3).
pub const SHORTEST_PEPPER: usize = 32;

/// What every key of an authenticator starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// A prefix of 1 to 32 letters and digits.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key that has the right form; nothing more is known of it. Never printed.
#[derive(Clone, Copy)]
pub struct Key<'t>(&'t str);

/// A new key made of random bytes, which nobody may ever see again. `None` if they do not look random: draw others.
#[must_use]
pub fn generate(prefix: &Prefix, random: &[u8; RANDOM_BYTES]) -> Option<String> {
    let mut key = String::with_capacity(prefix.0.len() + RANDOM + checksum::LENGTH + 2);
    key.push_str(&prefix.0);
    key.push('_');
    let characters = random.iter().filter_map(|byte| BASE62.get(usize::from(byte & 63)));
    key.extend(characters.take(RANDOM).map(|character| char::from(*character)));
    if key.len() != prefix.0.len() + 1 + RANDOM {
        return None;
    }
    let check = checksum(&key);
    key.push('_');
    key.extend(check.map(char::from));
    Some(key)
}

/// `text` as a key with this prefix, if it has the form `<prefix>_<random>_<checksum>` and the checksum is right.
#[must_use]
pub fn parse<'t>(text: &'t str, prefix: &Prefix) -> Option<Key<'t>> {
    let rest = text.strip_prefix(prefix.as_str())?.strip_prefix('_')?;
    let (random, check) = rest.split_at_checked(RANDOM)?;
    let check = check.strip_prefix('_')?;
    if !random.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let before = text.get(..text.len().checked_sub(checksum::LENGTH + 1)?)?;
    (check.as_bytes() == checksum(before)).then_some(Key(text))
}

impl Key<'_> {
    /// The keyed hash by which it is stored: HMAC-SHA-256 of the whole key. A plain HMAC is enough, as there is nothing to guess in 190 random bits.
    #[must_use]
    pub fn hash(&self, pepper: &[u8]) -> KeyHash {
        let mac = hmac(Digest::Sha256, pepper, self.0.as_bytes());
        KeyHash(mac.try_into().unwrap_or_default())
    }
}

/// The keyed hash of a key. Without the pepper it tells nothing and proves nothing, so it may be shown.
#[derive(Clone, Copy, Eq, Hash)]
#[expect(
    clippy::derived_hash_with_manual_eq,
    reason = "equal ones are the same bytes; only the time that it takes differs"
)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Reads 64 hexadecimal digits, small ones, as they are written: a store knows a key by this text.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = pair.iter().try_fold(0, |byte, digit| match digit {
                b'0'..=b'9' => Some(byte * 16 + (digit - b'0')),
                b'a'..=b'f' => Some(byte * 16 + (digit - b'a' + 10)),
                _ => None,
            })?;
        }
        Some(Self(hash))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time, wherever two are compared.
impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        equal(&self.0, &other.0)
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made() -> impl Strategy<Value = (Prefix, String)> {
        ("[A-Za-z0-9]{1,32}", proptest::array::uniform32(any::<u16>())).prop_filter_map(
            "not random",
            |(prefix, random)| {
                let mut bytes = [0; RANDOM_BYTES];
                for (pair, number) in bytes.chunks_exact_mut(2).zip(random) {
                    pair.copy_from_slice(&number.to_le_bytes());
                }
                let prefix = Prefix::new(&prefix)?;
                let key = generate(&prefix, &bytes)?;
                Some((prefix, key))
            },
        )
    }

    fn is_key(text: &str, prefix: &Prefix) -> bool {
        parse(text, prefix).is_some()
    }

    proptest! {
        #[test]
        fn a_generated_key_has_the_form((prefix, key) in made()) {
            prop_assert!(is_key(&key, &prefix));
            prop_assert_eq!(key.len(), prefix.as_str().len() + 40);
            let parts: Vec<&str> = key.split('_').collect();
            prop_assert_eq!((parts.len(), parts[0], parts[1].len(), parts[2].len()), (3, prefix.as_str(), 32, 6));
        }

        #[test]
        fn every_change_of_one_character_is_rejected((prefix, key) in made()) {
            for at in 0..key.len() {
                for other in (0x20..0x7f_u8).map(char::from) {
                    let mut changed = key.clone();
                    changed.replace_range(at..=at, &other.to_string());
                    prop_assert_eq!(is_key(&changed, &prefix), changed == key, "{}", changed);
                }
            }
        }

        #[test]
        fn every_lost_doubled_or_swapped_character_is_rejected((prefix, key) in made()) {
            for at in 0..key.len() {
                let mut lost = key.clone();
                let character = lost.remove(at);
                prop_assert!(!is_key(&lost, &prefix));
                let mut doubled = key.clone();
                doubled.insert(at, character);
                prop_assert!(!is_key(&doubled, &prefix));
                let mut swapped = key.clone().into_bytes();
                swapped.swap(at, (at + 1).min(key.len() - 1));
                let swapped = String::from_utf8(swapped).unwrap();
                prop_assert_eq!(is_key(&swapped, &prefix), swapped == key);
            }
        }

        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,60}", prefix in "[a-z]{1,4}") {
            let prefix = Prefix::new(&prefix).unwrap();
            prop_assert!(!is_key(&text, &prefix));
            let behind = format!("{}_{text}", prefix.as_str());
            prop_assert!(!is_key(&behind, &prefix));
        }
    }

    #[test]
    fn every_character_is_equally_likely() {
        // Each of the 256 bytes once: the 62 characters appear four times each, the other eight bytes give none.
        let mut times = std::collections::BTreeMap::new();
        for byte in 0..=u8::MAX {
            *times.entry(BASE62.get(usize::from(byte & 63))).or_insert(0) += 1;
        }
        assert_eq!(times.remove(&None), Some(8));
        assert!(times.len() == 62 && times.values().all(|times| *times == 4));
    }

    #[test]
    fn bytes_of_a_broken_generator_make_no_key() {
        assert_eq!(generate(&Prefix::new("a").unwrap(), &[0xff; RANDOM_BYTES]), None);
    }

    #[test]
    fn a_known_key_stays_a_key() {
        let key = "tide_00000000000000000000000000000000_3K8o1x";
        let prefix = Prefix::new("tide").unwrap();
        assert_eq!(generate(&prefix, &[0; RANDOM_BYTES]).as_deref(), Some(key));
        assert!(!is_key(key, &Prefix::new("tid").unwrap()) && !is_key(key, &Prefix::new("Tide").unwrap()));
    }

    #[test]
    fn the_hash_is_the_one_that_another_implementation_makes() {
        // Made with Python's `zlib` and `hmac`.
        let prefix = Prefix::new("tide").unwrap();
        let key = parse("tide_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_3NG2lr", &prefix).unwrap();
        let hash = "791e2b791cf8de1b44909e1a372cede3f447d2d32beab62acb350279acb56516";
        assert_eq!(key.hash(b"0123456789abcdef0123456789abcdef").to_string(), hash);
    }

    #[test]
    fn prefixes_are_letters_and_digits() {
        for bad in ["", "a_b", "a-b", "é", "abcdefghijklmnopqrstuvwxyz0123456"] {
            assert_eq!(Prefix::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_hash_is_written_in_one_way() {
        let text = "00ff".repeat(16);
        assert_eq!(KeyHash::from_hex(&text).unwrap().to_string(), text);
        for bad in ["", "00", &text.to_uppercase(), &text.replace('f', "g"), &"é".repeat(32)] {
            assert_eq!(KeyHash::from_hex(bad), None, "{bad}");
        }
    }
}
