//! The traps of YAML, each with its sentence.

use super::brief;

/// What is said about a text that is not YAML, without the code and the path.
fn said(text: &str) -> String {
    let brief = brief(text);
    assert!(brief.starts_with("invalid-yaml at "), "{text:?} gave {brief}");
    brief.split_once(": ").map(|(_, said)| said.to_owned()).unwrap_or_default()
}

#[test]
fn says_what_to_write_instead_of_each_common_slip() {
    for (text, message) in [
        ("a:\n\tb: 1\n", "a tab in the indentation / indent with blanks; YAML allows no tabs there"),
        ("name:b\nc: d\n", "no blank after the colon of `name` / put a blank after the colon: `name: b`"),
        ("a: 1\nmatch:c\nd: 1\n", "no blank after the colon of `match` / put a blank after the colon: `match: c`"),
        ("a: 1\nfoo\nd: 1\n", "`foo` has no colon, so it is neither a key nor a value / write `key: value`"),
        (
            "host: *.example.com\n",
            "a value that begins with `*` is an alias, and no anchor has this name / quote it: \"*.example.com\"",
        ),
        ("a: @b # c\n", "a value cannot begin with `@` / quote it: \"@b\""),
        ("a: `b`\n", "a value cannot begin with ``` / quote it: \"`b`\""),
        ("a: %b\n", "a value cannot begin with `%` / quote it: \"%b\""),
        (
            "a: {id}/x\n",
            "a value that begins with `{` is a mapping, and something follows its end / quote it: \"{id}/x\"",
        ),
        ("a: [b] c\n", "a value that begins with `[` is a list, and something follows its end / quote it: \"[b] c\""),
        ("a: b: c # d\n", "a second `: ` in one value, which YAML takes for another mapping / quote it: \"b: c\""),
        (
            "a: - b\n",
            "a list cannot begin on the line of its key / begin the list on the next line, or write it as [a, b]",
        ),
        ("a: ]\n", "a `]` that closes nothing / remove it, or quote the text it belongs to"),
        ("a: 'x\nb: 3\n", "a quoted text does not end / close the quote"),
    ] {
        assert_eq!(said(text), message, "{text:?}");
    }
}

#[test]
fn says_where_structure_breaks() {
    for (text, beginning) in [
        ("a: [1, 2\nb: 3\n", "a list in [ ] or a mapping in { } is not closed"),
        ("a: [/users/{id}]\n", "a list in [ ] or a mapping in { } is not closed"),
        ("a: 'it's'\n", "something follows the closing quote"),
        ("a: \"\\d+\"\n", "an unknown escape"),
        ("- a\nb: c\n", "this line does not go on with anything above it"),
        ("a:\n- b: 1\n c: 2\n", "this line does not go on with anything above it"),
        ("a: 1\n  b: 2\n", "keys are indented below an entry that already has a value"),
        ("a: \u{0}\n", "a control character"),
    ] {
        assert!(said(text).starts_with(beginning), "{text:?} gave {}", said(text));
    }
}

#[test]
fn a_syntax_error_does_not_hide_what_was_wrong_before_it() {
    let both = brief("a: 1\na: 2\nb: @\n");
    assert!(both.starts_with("duplicate-key at a:") && both.contains("\ninvalid-yaml at b:"), "{both}");
}

#[test]
fn long_values_are_cut_in_messages() {
    let long = "x".repeat(200);
    assert_eq!(
        said(&format!("a: @{long}\n")),
        format!("a value cannot begin with `@` / quote it: \"@{}…\"", "x".repeat(59))
    );
}
