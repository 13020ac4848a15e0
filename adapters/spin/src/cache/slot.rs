//! What stands for an answer in a store that knows neither long keys nor lifetimes: its key, when it ends, its item, its body.
//!
//! A store that cannot tell how full it is, and forgets nothing by itself, is kept small by giving it few names: keys with the same beginning share one,
//! and whoever comes last has it. The full key tells whose answer it is.

use bytes::Bytes;
use router_core::cache::{Item, Key};

/// How many names there are.
const NAMES: u16 = 4096;

/// The place in a store where names are few.
pub(crate) fn name(key: &Key) -> String {
    let [first, second, ..] = key.0;
    format!("tidegate/cache/{}", u16::from_be_bytes([first, second]) % NAMES)
}

/// The value for an answer that ends at `end_ms`, in milliseconds since 1970; `None` if its item is too long to be told.
pub(crate) fn write(key: &Key, end_ms: u64, item: &Item, body: &[u8]) -> Option<Vec<u8>> {
    let item = item.write();
    let length = u32::try_from(item.len()).ok()?;
    Some([&key.0, &end_ms.to_le_bytes()[..], &length.to_le_bytes(), &item, body].concat())
}

/// The answer in a value, if it is that of `key` and does not end before `now_ms`. `None` for anything else that stands there.
pub(crate) fn read(key: &Key, now_ms: u64, value: Bytes) -> Option<(Item, Bytes)> {
    let rest = value.strip_prefix(&key.0)?;
    let (end_ms, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (item, body) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    if u64::from_le_bytes(*end_ms) <= now_ms {
        return None;
    }
    Some((Item::read(item)?, value.slice_ref(body)))
}

/// Whether a value is that of `key`.
pub(crate) fn is_of(key: &Key, value: &[u8]) -> bool {
    value.starts_with(&key.0)
}

#[cfg(test)]
mod tests {
    use router_core::cache::Variants;

    use super::*;

    const KEY: Key = Key([7; 32]);

    fn item() -> Item {
        Item::Variants(Variants { generation: "é".to_owned(), sets: vec![vec!["accept".to_owned()]], stored_ms: 3 })
    }

    fn value() -> Vec<u8> {
        write(&KEY, 1000, &item(), b"the body").unwrap()
    }

    #[test]
    fn what_is_written_is_read_until_it_ends() {
        let read = |now_ms| read(&KEY, now_ms, value().into());
        assert_eq!(read(0), Some((item(), "the body".into())));
        assert_eq!(read(999), Some((item(), "the body".into())));
        assert_eq!(read(1000), None);
        assert_eq!(read(u64::MAX), None);
    }

    #[test]
    fn an_empty_body_is_a_body() {
        let value = write(&KEY, u64::MAX, &item(), b"").unwrap();
        assert_eq!(read(&KEY, u64::MAX - 1, value.into()), Some((item(), Bytes::new())));
    }

    #[test]
    fn keys_that_share_a_name_are_told_apart() {
        let mut other = KEY;
        other.0[31] = 8;
        assert_eq!(name(&KEY), name(&other));
        assert!(is_of(&KEY, &value()) && !is_of(&other, &value()));
        assert_eq!(read(&other, 0, value().into()), None);
    }

    #[test]
    fn names_are_few() {
        let names = |key: [u8; 32]| name(&Key(key));
        assert_eq!(names([0; 32]), "tidegate/cache/0");
        assert_eq!(names([0xff; 32]), "tidegate/cache/4095");
        assert_eq!(names(std::array::from_fn(|at| u8::from(at == 0) * 0x10)), "tidegate/cache/0");
        assert_eq!(names(std::array::from_fn(|at| u8::from(at == 1))), "tidegate/cache/1");
    }

    #[test]
    fn whatever_else_stands_there_is_nothing() {
        let whole = value();
        let body = b"the body".len();
        // Cut off anywhere in front of the body.
        for end in 0..whole.len() - body {
            assert_eq!(read(&KEY, 0, whole[..end].to_vec().into()), None, "{end}");
        }
        // A length beyond the end, one that cuts the item, and an item that is none.
        for (at, byte) in [(43, 0xff), (40, 1), (44, b'x')] {
            let mut junk = whole.clone();
            junk[at] = byte;
            assert_eq!(read(&KEY, 0, junk.into()), None, "{at}");
        }
        for junk in [&b""[..], b"hello", &[0xff; 300]] {
            assert_eq!(read(&KEY, 0, Bytes::copy_from_slice(junk)), None);
            assert!(!is_of(&KEY, junk));
        }
    }
}
