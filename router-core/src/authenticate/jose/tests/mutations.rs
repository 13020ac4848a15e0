//! Promise: a token is valid as it was issued and in no other spelling.

use proptest::{prelude::*, sample::Index};

use super::*;

/// One change of the bytes of a token.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Replace(Index, u8),
    Truncate(Index),
    CutFront(Index),
    Insert(Index, u8),
    Remove(Index),
    Repeat(Index),
    SwapBytes(Index, Index),
    SwapParts(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    // Mostly characters that a token can have: others are refused at once.
    let byte = prop_oneof![4 => prop::sample::select(b"ABCXYZabcxyz0189-_.=+/ ".to_vec()), 1 => any::<u8>()];
    prop_oneof![
        4 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        4 => (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        1 => any::<Index>().prop_map(Change::Truncate),
        1 => any::<Index>().prop_map(Change::CutFront),
        4 => (any::<Index>(), byte).prop_map(|(at, byte)| Change::Insert(at, byte)),
        2 => any::<Index>().prop_map(Change::Remove),
        2 => any::<Index>().prop_map(Change::Repeat),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::SwapBytes(one, other)),
        1 => (0..3usize, 0..3usize).prop_map(|(one, other)| Change::SwapParts(one, other)),
    ]
}

impl Change {
    fn of(&self, token: &[u8]) -> Vec<u8> {
        let mut bytes = token.to_vec();
        let (length, end) = (bytes.len(), bytes.len() + 1);
        match self {
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Replace(at, byte) => bytes[at.index(length)] = *byte,
            Self::Truncate(at) => bytes.truncate(at.index(end)),
            Self::CutFront(at) => drop(bytes.drain(..at.index(end))),
            Self::Insert(at, byte) => bytes.insert(at.index(end), *byte),
            Self::Remove(at) => drop(bytes.remove(at.index(length))),
            Self::Repeat(at) => bytes.insert(at.index(length), bytes[at.index(length)]),
            Self::SwapBytes(one, other) => bytes.swap(one.index(length), other.index(length)),
            Self::SwapParts(one, other) => {
                let mut parts: Vec<_> = token.split(|byte| *byte == b'.').collect();
                parts.swap(*one, *other);
                bytes = parts.join(&b'.');
            }
        }
        bytes
    }
}

fn accepts_bytes(key: &Key, bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|token| accepts(key, token))
}

fn no_change_verifies(name: &str, changes: &[Change]) -> Result<(), TestCaseError> {
    let (key, token) = made_elsewhere(name);
    prop_assert!(accepts(&key, &token));
    for (count, _) in changes.iter().enumerate() {
        let changed = changes[..=count].iter().filter(|_| !token.is_empty()).fold(token.clone().into_bytes(), apply);
        prop_assert_eq!(accepts_bytes(&key, &changed), changed == token.as_bytes(), "{:?}", changes);
    }
    Ok(())
}

fn apply(bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    let parts = bytes.iter().filter(|byte| **byte == b'.').count() + 1;
    match change {
        _ if bytes.is_empty() => bytes,
        Change::SwapParts(..) if parts < 3 => bytes,
        change => change.of(&bytes),
    }
}

macro_rules! no_mutation_verifies {
    ($($test:ident: $name:literal;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(200))]
            $(
                #[test]
                fn $test(changes in prop::collection::vec(change(), 1..3)) {
                    no_change_verifies($name, &changes)?;
                }
            )*
        }
    };
}

no_mutation_verifies! {
    no_mutation_of_an_hmac_token_verifies: "HS256";
    no_mutation_of_an_rsa_token_verifies: "RS256";
    no_mutation_of_a_pss_token_verifies: "PS256";
    no_mutation_of_a_p256_token_verifies: "ES256";
    no_mutation_of_a_p384_token_verifies: "ES384";
    no_mutation_of_a_p521_token_verifies: "ES512";
    no_mutation_of_an_ed25519_token_verifies: "EdDSA";
}

/// Every flip of a bit, every truncation and every insertion, where verifying is cheap enough to try them all.
#[test]
fn no_single_change_of_an_hmac_token_verifies() {
    let (key, token) = made_elsewhere("HS256");
    let token = token.as_bytes();
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.to_vec();
            changed[at] ^= 1 << bit;
            assert!(!accepts_bytes(&key, &changed), "bit {bit} of byte {at}");
        }
        assert!(!accepts_bytes(&key, &token[..at]), "the first {at} bytes");
        for byte in 0..0x80 {
            let changed = [&token[..at], &[byte], &token[at..]].concat();
            assert!(!accepts_bytes(&key, &changed), "{byte} at {at}");
        }
    }
}

/// The parts of two valid tokens of one key make no third.
#[test]
fn parts_of_different_tokens_do_not_mix() {
    let (key, one) = made_elsewhere("RS256");
    let (_, other) = made_elsewhere("RS512");
    let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
    assert_eq!(one[1], other[1]);
    assert!(!accepts(&key, &[other[0], one[1], one[2]].join(".")));
    assert!(!accepts(&key, &[one[0], one[1], other[2]].join(".")));
}
