use proptest::collection::vec;
use proptest::prelude::*;

use super::super::examples::entry;
use super::*;

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![Just("x-a"), Just("set-cookie"), Just("content-type")];
    // All bytes that a value may have.
    let value = vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8, Just(b'\t')], 0..12);
    vec((name, value), 0..6).prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_bytes(&value).unwrap());
        }
        headers
    })
}

fn entries() -> impl Strategy<Value = Entry> {
    let numbers =
        (any::<[u64; 5]>(), 100..1000_u16, proptest::option::of(any::<u64>()), proptest::option::of(any::<[u64; 3]>()));
    let validation = prop_oneof![Just(Validation::MayBeStale), Just(Validation::WhenStale), Just(Validation::Always)];
    let words = (vec("\\PC{0,8}", 0..4), any::<[bool; 2]>(), "\\PC{0,8}", any::<String>());
    (headers(), numbers, validation, words).prop_map(|(headers, (times, status, length, part), validation, words)| {
        let (tags, [wants_etag, is_immutable], host, path) = words;
        let [stored_ms, initial_age_ms, lifetime_ms, stale_while_revalidate_ms, stale_if_error_ms] = times;
        Entry {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            stored_ms,
            initial_age_ms,
            lifetime_ms,
            stale_while_revalidate_ms,
            stale_if_error_ms,
            validation,
            tags,
            url: Url { query: host.clone(), host, path },
            length,
            part: part.map(|[first, last, whole]| Part { first, last, whole }),
            wants_etag,
            is_immutable,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(entry in entries()) {
        let item = Item::Answer(entry);
        prop_assert_eq!(Item::read(&item.write()), Some(item));
    }

    #[test]
    fn the_way_to_variants_is_read(generation in any::<String>(), sets in vec(vec("[a-z-]{1,8}", 0..3), 0..5), stored_ms in any::<u64>()) {
        let item = Item::Variants(Variants { generation, sets, stored_ms });
        prop_assert_eq!(Item::read(&item.write()), Some(item));
    }

    #[test]
    fn what_was_damaged_is_read_as_nothing_or_as_something(entry in entries(), place in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()) {
        let mut written = Item::Answer(entry).write();
        let place = place.index(written.len());
        written[place] = byte;
        let _ = Item::read(&written);
        prop_assert_eq!(Item::read(&written[..end.index(written.len())]), None);
    }

    #[test]
    fn junk_is_nothing(bytes in vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(Item::read(&bytes), None);
    }
}

#[test]
fn what_no_answer_can_have_is_not_read() {
    let good = String::from_utf8(Item::Answer(entry(&["x-a: 1"])).write()).unwrap();
    assert!(Item::read(good.as_bytes()).is_some());
    for (of, with) in [
        ("\"status\":200", "\"status\":99"),
        ("\"x-a\"", "\"x a\""),
        ("[\"x-a\",\"1\"]", "[\"x-a\",\"\\n\"]"),
        ("[\"x-a\",\"1\"]", "[\"x-a\",\"\u{100}\"]"),
        ("\"stored_ms\":", "\"stored_ms\":-"),
        ("\"answer\"", "\"reply\""),
    ] {
        let bad = good.replace(of, with);
        assert_ne!(bad, good);
        assert_eq!(Item::read(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn sets_of_names_are_few_and_the_newest_is_first() {
    let mut variants = Variants { generation: String::new(), sets: Vec::new(), stored_ms: 0 };
    for name in ["a", "b", "c", "d", "e", "c"] {
        variants.add(vec![name.to_owned()]);
    }
    assert_eq!(variants.sets.concat(), ["c", "e", "d", "b"]);
}

#[test]
fn a_tag_is_made_only_where_it_is_wanted_and_there_is_none() {
    let completed = |wants_etag, lines: &[&str]| {
        let mut found = Entry { wants_etag, length: None, ..entry(lines) };
        found.complete(3, || [0xab; 32]);
        assert_eq!(found.length, Some(3));
        found.headers.get(header::ETAG).cloned()
    };
    assert_eq!(completed(true, &[]).unwrap(), "\"abababababababababababababababab\"");
    assert_eq!(completed(true, &["etag: \"a\""]).unwrap(), "\"a\"");
    assert_eq!(completed(false, &[]), None);
}
