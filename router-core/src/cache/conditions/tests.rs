use super::super::examples::{date, entry, fields};
use super::*;

#[test]
fn a_client_that_names_the_tag_has_it() {
    let known = |own: &str, named: &[&str]| {
        let lines: Vec<String> = named.iter().map(|list| format!("if-none-match: {list}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        is_known(&Method::GET, &fields(&lines), &entry(&[&format!("etag: {own}")]))
    };
    let cases: [(&str, &[&str], bool); 14] = [
        ("\"a\"", &["\"a\""], true),
        ("\"a\"", &["W/\"a\""], true),
        ("W/\"a\"", &["\"a\""], true),
        ("\"a\"", &["\"b\", \"a\""], true),
        ("\"a\"", &["\"b\"", "\"a\""], true),
        ("\"a\"", &[",, \"b\",\"a\" ,"], true),
        ("\"a,b\"", &["\"x\", \"a,b\""], true),
        ("\"a\"", &["\"x, \"a\""], false),
        ("\"a\"", &["\"A\""], false),
        ("\"a\"", &["w/\"a\""], false),
        ("\"a\"", &["a"], false),
        ("\"a\"", &["*"], true),
        ("\"a\"", &[""], false),
        ("\"\"", &["\"\""], true),
    ];
    for (own, named, expected) in cases {
        assert_eq!(known(own, named), expected, "{own} {named:?}");
    }
}

#[test]
fn a_tag_goes_before_a_date() {
    let entry = entry(&["etag: \"a\"", &format!("last-modified: {}", date(-100))]);
    let since = format!("if-modified-since: {}", date(0));
    assert!(is_known(&Method::GET, &fields(&[&since]), &entry));
    assert!(!is_known(&Method::GET, &fields(&[&since, "if-none-match: \"b\""]), &entry));
    assert!(!is_known(&Method::GET, &fields(&[&since, "if-none-match:"]), &entry));
}

#[test]
fn a_date_is_compared_with_the_change_or_else_with_the_making() {
    let changed = |lines: &[&str], since: &str| {
        !is_known(&Method::HEAD, &fields(&[&format!("if-modified-since: {since}")]), &entry(lines))
    };
    let (modified, dated) = (format!("last-modified: {}", date(-100)), format!("date: {}", date(-50)));
    assert!(!changed(&[&modified, &dated], &date(-100)));
    assert!(changed(&[&modified, &dated], &date(-101)));
    assert!(!changed(&[&dated], &date(-50)));
    assert!(changed(&[&dated], &date(-51)));
    assert!(!changed(&[], &date(0)) && changed(&[], &date(-1)), "it came now");
    for none in ["", "now", "0"] {
        assert!(changed(&[&modified], none), "{none}");
    }
}

#[test]
fn only_a_200_to_a_get_or_head_is_known() {
    let request = fields(&["if-none-match: *"]);
    let found = entry(&["etag: \"a\""]);
    assert!(is_known(&Method::HEAD, &request, &found));
    assert!(!is_known(&Method::from_bytes(b"QUERY").unwrap(), &request, &found));
    assert!(!is_known(&Method::GET, &request, &Entry { status: StatusCode::NOT_FOUND, ..found }));
}

#[test]
fn a_part_is_of_what_if_range_names_for_sure() {
    let same =
        |lines: &[&str], wanted: &str| is_same_for_range(&fields(&[&format!("if-range: {wanted}")]), &entry(lines));
    let modified = format!("last-modified: {}", date(-100));
    assert!(is_same_for_range(&fields(&[]), &entry(&[])));
    assert!(same(&["etag: \"a\""], "\"a\""));
    assert!(!same(&["etag: \"a\""], "\"b\""));
    assert!(!same(&["etag: W/\"a\""], "W/\"a\""));
    assert!(!same(&["etag: W/\"a\""], "\"a\""));
    assert!(!same(&[], "\"a\""));
    let dated = format!("date: {}", date(-99));
    assert!(same(&[&modified, &dated], &date(-100)));
    assert!(!same(&[&modified, &dated], &date(-99)));
    // Within its second it may have changed again, or nobody knows when it was made.
    assert!(!same(&[&modified, &format!("date: {}", date(-100))], &date(-100)));
    assert!(!same(&[&modified], &date(-100)));
    for none in ["", "a", "\"a", "*"] {
        assert!(!same(&["etag: \"a\"", &modified, &dated], none), "{none}");
    }
}

#[test]
fn the_upstream_is_asked_by_its_own_validators_and_for_the_whole() {
    let request =
        fields(&["if-none-match: \"mine\"", "if-modified-since: x", "range: bytes=0-1", "if-range: \"a\"", "x-a: 1"]);
    let asked = |entry: &Entry| {
        let mut headers = request.clone();
        validating(&request, entry)?.apply(&mut headers);
        Some(headers)
    };
    let modified = date(-100);
    let both = asked(&entry(&["etag: W/\"a\"", &format!("last-modified: {modified}")])).unwrap();
    assert_eq!(both, fields(&["x-a: 1", "if-none-match: W/\"a\"", &format!("if-modified-since: {modified}")]));
    assert_eq!(asked(&entry(&["etag: \"a\""])).unwrap(), fields(&["x-a: 1", "if-none-match: \"a\""]));
    for nothing in [&[][..], &["etag: a"], &["etag: \""], &["etag: W/"]] {
        assert!(asked(&entry(nothing)).is_none(), "{nothing:?}");
    }
    assert!(asked(&Entry { wants_etag: true, ..entry(&["etag: \"made\""]) }).is_none());
}

#[test]
fn conditions_for_the_upstream_are_left_to_it() {
    assert!(is_for_the_upstream(&fields(&["if-match: \"a\""])));
    assert!(is_for_the_upstream(&fields(&["if-unmodified-since: x"])));
    assert!(!is_for_the_upstream(&fields(&["if-none-match: \"a\"", "if-range: \"a\""])));
}

#[test]
fn a_304_has_what_the_client_needs_to_go_on() {
    let mut headers = fields(&[
        "content-length: 1",
        "content-type: a/b",
        "content-encoding: br",
        "content-language: de",
        "content-range: x",
        "etag: \"a\"",
        "cache-control: max-age=1",
        "vary: x-a",
        "date: x",
        "expires: x",
        "content-location: /a",
    ]);
    without_body_fields(&mut headers);
    let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["cache-control", "content-location", "date", "etag", "expires", "vary"]);
}
