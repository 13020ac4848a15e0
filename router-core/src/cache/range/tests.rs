use proptest::prelude::*;

use super::super::examples::{date, entry, fields};
use super::*;

fn part(first: u64, last: u64, whole: u64) -> Slice {
    Slice::Part(Part { first, last, whole })
}

/// What of ten bytes is given for this range.
fn of_ten(range: &str) -> Slice {
    slice(&Method::GET, &fields(&[&format!("range: {range}")]), &entry(&[]))
}

#[test]
fn a_range_is_cut_to_what_there_is() {
    let cases = [
        ("bytes=0-0", part(0, 0, 10)),
        ("bytes=2-5", part(2, 5, 10)),
        ("bytes=2-", part(2, 9, 10)),
        ("bytes=9-9", part(9, 9, 10)),
        ("bytes=2-99", part(2, 9, 10)),
        ("bytes=2-99999999999999999999999", part(2, 9, 10)),
        ("bytes=0000000000000000000000002-3", part(2, 3, 10)),
        ("bytes=-3", part(7, 9, 10)),
        ("bytes=-10", part(0, 9, 10)),
        ("bytes=-99999999999999999999999", part(0, 9, 10)),
        ("BYTES = 2 - 5", part(2, 5, 10)),
        ("bytes=10-", Slice::Beyond(10)),
        ("bytes=10-12", Slice::Beyond(10)),
        ("bytes=99999999999999999999999-", Slice::Beyond(10)),
        ("bytes=-0", Slice::Beyond(10)),
    ];
    for (range, expected) in cases {
        assert_eq!(of_ten(range), expected, "{range}");
    }
}

#[test]
fn what_is_no_single_range_of_bytes_asks_for_the_whole() {
    for range in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1-+2",
        "bytes=--1",
        "bytes=1--2",
        "bytes=0-1,3-4",
        "bytes=-1,-2",
        "bytes=0-1,",
        "lines=0-1",
        "bytes 0-1",
    ] {
        assert_eq!(of_ten(range), Slice::Whole, "{range}");
    }
    let whole = |method: &Method, lines: &[&str], entry: &Entry| slice(method, &fields(lines), entry) == Slice::Whole;
    let one = &["range: bytes=0-1"];
    assert!(whole(&Method::GET, &[], &entry(&[])));
    assert!(whole(&Method::GET, &["range: bytes=0-1", "range: bytes=0-1"], &entry(&[])));
    assert!(whole(&Method::HEAD, one, &entry(&[])));
    assert!(whole(&Method::GET, one, &Entry { status: StatusCode::NOT_FOUND, ..entry(&[]) }));
    assert!(whole(&Method::GET, one, &Entry { length: None, ..entry(&[]) }));
}

#[test]
fn of_an_empty_body_the_whole_is_given_whatever_part_is_wanted() {
    let empty = Entry { length: Some(0), ..entry(&[]) };
    for range in ["bytes=0-", "bytes=0-0", "bytes=5-", "bytes=-5", "bytes=-0"] {
        assert_eq!(slice(&Method::GET, &fields(&[&format!("range: {range}")]), &empty), Slice::Whole, "{range}");
    }
}

#[test]
fn a_part_of_something_else_is_not_given() {
    let etag = entry(&["etag: \"a\"", &format!("last-modified: {}", date(-9))]);
    let given = |condition: &str| slice(&Method::GET, &fields(&["range: bytes=20-", condition]), &etag);
    assert_eq!(given("if-range: \"a\""), Slice::Beyond(10));
    assert_eq!(given("if-range: \"b\""), Slice::Whole);
    assert_eq!(given("if-range: W/\"a\""), Slice::Whole);
}

#[test]
fn a_stored_part_answers_for_parts_of_it() {
    let stored = Part { first: 4, last: 8, whole: 10 };
    let entry = Entry { status: StatusCode::PARTIAL_CONTENT, part: Some(stored), length: Some(5), ..entry(&[]) };
    let given = |range: &str, entry: &Entry| {
        slice_of_part(&Method::GET, &fields(&[&format!("range: {range}")]), entry).map(|part| (part.first, part.last))
    };
    for (range, expected) in [
        ("bytes=4-8", Some((4, 8))),
        ("bytes=5-6", Some((5, 6))),
        ("bytes=3-6", None),
        ("bytes=5-9", None),
        ("bytes=5-", None),
        ("bytes=-2", None),
        ("bytes=10-", None),
        ("bytes=x", None),
    ] {
        assert_eq!(given(range, &entry), expected, "{range}");
    }
    let shorter = Entry { length: Some(4), ..entry.clone() };
    assert_eq!(given("bytes=5-6", &shorter), None, "it is not what it says");
    let end = Entry { part: Some(Part { first: 5, last: 9, whole: 10 }), ..entry };
    assert_eq!(given("bytes=-2", &end), Some((8, 9)));
    assert_eq!(given("bytes=5-", &end), Some((5, 9)));
}

#[test]
fn a_place_is_told_exactly_or_not_at_all() {
    let place = |text: &str| {
        content_range(&HeaderValue::from_str(text).unwrap()).map(|part| (part.first, part.last, part.whole))
    };
    assert_eq!(place("bytes 0-4/10"), Some((0, 4, 10)));
    assert_eq!(place("Bytes 9-9/10"), Some((9, 9, 10)));
    for text in [
        "",
        "bytes",
        "bytes 0-4",
        "bytes 0-4/*",
        "bytes */10",
        "bytes 5-4/10",
        "bytes 0-10/10",
        "bytes 0-4/",
        "lines 0-4/10",
        "bytes=0-4/10",
        "bytes 0-4/10, 5-6/10",
        "bytes +0-4/10",
        "bytes 0-4/99999999999999999999",
    ] {
        assert_eq!(place(text), None, "{text}");
    }
}

proptest! {
    /// Against bytes that are really cut.
    #[test]
    fn a_slice_lies_within_the_body_and_is_what_was_asked_for(
        length in 0..20_u64,
        first in proptest::option::of(0..25_u64),
        last in proptest::option::of(0..25_u64),
    ) {
        let text = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let request = fields(&[&format!("range: bytes={}-{}", text(first), text(last))]);
        let body: Vec<u64> = (0..length).collect();
        let wanted: Vec<u64> = match (first, last) {
            (Some(first), last) => body.iter().copied().filter(|place| *place >= first && last.is_none_or(|last| *place <= last)).collect(),
            (None, last) => body.iter().copied().filter(|place| place + last.unwrap_or(0) >= length).collect(),
        };
        match slice(&Method::GET, &request, &Entry { length: Some(length), ..entry(&[]) }) {
            Slice::Part(part) => {
                prop_assert!(part.first <= part.last && part.last < length && part.whole == length);
                prop_assert_eq!(part.length(), wanted.len() as u64);
                prop_assert_eq!((part.first..=part.last).collect::<Vec<_>>(), wanted);
                prop_assert_eq!(content_range(&part.field().unwrap()), Some(part));
            }
            Slice::Beyond(whole) => prop_assert!(whole == length && wanted.is_empty()),
            Slice::Whole => {
                let is_range = match (first, last) {
                    (Some(first), Some(last)) => first <= last,
                    (first, last) => first.is_some() || last.is_some(),
                };
                prop_assert!(!is_range || length == 0);
            }
        }
    }

    #[test]
    fn any_range_is_read(value in proptest::collection::vec(any::<u8>(), 0..30), length in any::<u64>()) {
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            let mut request = HeaderMap::new();
            request.insert(header::RANGE, value.clone());
            let _ = (slice(&Method::GET, &request, &Entry { length: Some(length), ..entry(&[]) }), content_range(&value));
        }
    }
}
