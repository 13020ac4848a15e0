//! What a text means, and what a configuration has no use for.

use serde_json::{Value, json};

use super::{brief, value};
use crate::config::diagnostic::{At, Diagnostic, Path};
use crate::config::source::{MOST_BYTES, Source};

/// The text that the mark of a diagnostic at this place covers.
fn marked(source: &Source, place: &str, at: At) -> String {
    let mut found = Diagnostic::error("wrong", place.parse::<Path>().unwrap(), "wrong");
    found.at = at;
    let span = source.locate(&found).unwrap();
    source.text()[span.start..span.end].to_owned()
}

#[test]
fn quoted_scalars_are_text_and_plain_ones_follow_the_core_schema() {
    assert_eq!(
        value(
            "a: 8080\nb: \"8080\"\nc: '8080'\nd: no\ne: |\n  true\nf: ~\ng:\nh: 1.5\ni: !!str 12\nj: ! 12\nk: !!int 12\n"
        ),
        json!({"a": 8080, "b": "8080", "c": "8080", "d": "no", "e": "true\n", "f": null, "g": null, "h": 1.5, "i": "12", "j": "12", "k": 12})
    );
}

#[test]
fn json_a_byte_order_mark_and_windows_line_ends_are_fine() {
    assert_eq!(value("{\"a\": [1, true, null, \"x\\u00e9\"]}"), json!({"a": [1, true, null, "xé"]}));
    assert_eq!(value("\u{feff}a:\r\n  - b\r\n  - c: 1\r\n"), json!({"a": ["b", {"c": 1}]}));
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let source = Source::parse("t", "\u{feff}a: 1\n").unwrap();
    let span = source.locate(&Diagnostic::error("wrong", "a".parse().unwrap(), "")).unwrap();
    assert_eq!((source.text(), span.start, span.column), ("a: 1\n", 3, 4));
}

#[test]
fn an_alias_stands_for_its_value_and_messages_point_to_where_it_was_written() {
    let text = "a: &x {b: [1, 2]}\nc: *x\nd: [*x]\n";
    let source = Source::parse("t", text).unwrap();
    assert_eq!(source.value(), &json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": [{"b": [1, 2]}]}));
    assert_eq!(marked(&source, "c", At::Value), "*x");
    assert_eq!(marked(&source, "d[0].b[1]", At::Value), "2");
}

#[test]
fn marks_cover_just_the_key_or_the_value() {
    let text = "é: 'q''s' # note\nlist:\n  - \"a\\\"b\"  # c\n  - key:   ünï cödé\n    flow: {x: [1, 2], y: &n 'z'}\nempty:\nblock: |\n  one\n  two\n\nlast: x\n";
    let source = Source::parse("t", text).unwrap();
    for (place, key, content) in [
        ("[\"é\"]", "é", "'q''s'"),
        ("list[0]", "\"a\\\"b\"", "\"a\\\"b\""),
        ("list[1].key", "key", "ünï cödé"),
        ("list[1].flow", "flow", "{x: [1, 2], y: &n 'z'}"),
        ("list[1].flow.x", "x", "[1, 2]"),
        ("list[1].flow.y", "y", "&n 'z'"),
        (
            "list[1]",
            "key:   ünï cödé\n    flow: {x: [1, 2], y: &n 'z'}",
            "key:   ünï cödé\n    flow: {x: [1, 2], y: &n 'z'}",
        ),
        ("empty", "empty", "empty"),
        ("block", "block", "one\n  two"),
        ("last", "last", "x"),
    ] {
        assert_eq!(marked(&source, place, At::Key), key, "key of {place}");
        assert_eq!(marked(&source, place, At::Value), content, "value of {place}");
    }
}

#[test]
fn a_path_that_is_not_there_leads_to_the_nearest_entry_above() {
    let source = Source::parse("t", "routes:\n  - name: a\n").unwrap();
    assert_eq!(marked(&source, "routes[0].upstream.targets", At::Value), "name: a");
    assert_eq!(marked(&source, "routes[7].name", At::Value), "routes");
    assert_eq!(marked(&source, "upstreams", At::Key), "routes:\n  - name: a");
}

#[test]
fn lines_and_columns_count_from_one_in_characters() {
    let source = Source::parse("t", "a: 1\nü: {é: x, b: 2}\n").unwrap();
    let span = source.locate(&Diagnostic::error("wrong", "[\"ü\"].b".parse().unwrap(), "")).unwrap();
    assert_eq!((span.line, span.column, span.end_line, span.end_column), (2, 14, 2, 15));
}

#[test]
fn refuses_each_entry_that_is_wrong_and_reads_on() {
    assert_eq!(
        brief("a: 1\n8080: b\n~: c\n[d]: e\n<<: {f: 1}\ng: !mine 1\nh: 0644\na: 2\ni: !!int x\n"),
        "key-not-text at (document): the key 8080 is a number; a key is text / quote it: \"8080\"\n\
         key-not-text at (document): the key ~ is null; a key is text / quote it: \"~\"\n\
         key-not-text at (document): a list, a mapping or an alias cannot be a key; a key is text / if it is text that begins with [, { or *, quote it\n\
         merge-key at (document): merge keys (`<<`) are not part of YAML 1.2 and are not read / write the keys out, or let an alias stand for the whole value: `key: *anchor`\n\
         unknown-tag at g: the tag !mine means nothing in a configuration / leave the tag out; a text that begins with ! is written in quotes\n\
         unclear-number at h: 0644 begins with a zero: some readers take that for octal, some do not / for the number write 644, for text quote it: \"0644\"\n\
         duplicate-key at a: the key \"a\" stands twice in one mapping / remove one of the two\n\
         unknown-tag at i: the tag !!int does not fit this value / leave the tag out"
    );
    assert_eq!(value("\"<<\": 1\n\"8080\": 2\n"), json!({"<<": 1, "8080": 2}));
}

#[test]
fn refuses_an_empty_text_and_a_second_document() {
    for text in ["", "# nothing\n", "---\n", "~", "\u{feff}"] {
        assert_eq!(
            brief(text),
            "empty-document at (document): the document is empty / write at least one section; `tidegate schema` lists them",
            "{text:?}"
        );
    }
    assert!(brief("a: 1\n---\nb: 1\n").starts_with("several-documents at (document): a second document begins here"));
    assert_eq!(value("---\na: 1\n...\n"), json!({"a": 1}));
}

#[test]
fn refuses_aliases_that_multiply_without_end() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let (name, below) = (format!("a{level}"), format!("*a{}", level - 1));
        laughs.push_str(&format!("{name}: &{name} [{}]\n", vec![below; 10].join(", ")));
    }
    assert!(brief(&laughs).starts_with("too-large at "), "{}", brief(&laughs));
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), vec!["*a"; 1000].join(", "));
    assert!(brief(&long).starts_with("too-large at b["), "{}", brief(&long));
    assert!(brief("a: &a [*a]\n").starts_with("endless-alias at a[0]: "));
}

#[test]
fn refuses_more_than_64_levels() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Source::parse("t", &nested(64)).is_ok());
    assert!(brief(&nested(65)).starts_with("too-deep at [0][0]"));
    assert!(brief(&"[".repeat(100_000)).starts_with("too-deep at "));
    let by_alias = format!("- &a {}\n- {}*a{}\n", nested(60), "[".repeat(10), " ]".repeat(10));
    assert!(brief(&by_alias).starts_with("too-deep at [1]"), "{}", brief(&by_alias));
}

#[test]
fn refuses_a_text_that_is_no_configuration_by_its_size() {
    let found = brief(&"#".repeat(MOST_BYTES + 1));
    assert_eq!(
        found,
        format!("too-large at (document): the document has {} bytes; at most {MOST_BYTES} are read", MOST_BYTES + 1)
    );
}

#[test]
fn ten_thousand_routes_are_read_whole() {
    let mut text = "routes:\n".to_owned();
    for number in 0..10_000 {
        text.push_str(&format!("  - name: r{number}\n    match: {{hosts: [a.example, b.example], path: {{prefix: /p/{number}}}}}\n    upstream: u\n"));
    }
    let source = Source::parse("t", &text).unwrap();
    assert_eq!(source.value()["routes"].as_array().map(Vec::len), Some(10_000));
    assert_eq!(marked(&source, "routes[9999].match.path.prefix", At::Value), "/p/9999");
    assert!(super::check_shape(source.value(), super::schema::document()).is_empty());
    assert_ne!(source.into_value(), Value::Null);
}
