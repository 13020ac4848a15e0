//! The whole appearance, as in a log.

use serde_json::json;

use super::{complaints, schema};
use crate::config::diagnostic::{Diagnostic, Diagnostics, Path};
use crate::config::source::{Source, Style, check_shape, render, render_json};

#[test]
fn shows_the_line_the_mark_and_the_help_of_each_in_the_order_of_the_text() {
    assert_eq!(
        complaints(
            "routes:\n  - name: users\n    math: {}\n  - name: 8080\n    match:\n      path: {exact: /a, prefix: /b}\n"
        ),
        r#"error[unknown-key]: unknown key "math" in a route; expected one of match, mode, name, priority, respond, upstream
 --> tidegate.yaml:3:5
  |
3 |     math: {}
  |     ^^^^ routes[0].math
  |
  = help: did you mean "match"?

error[wrong-type]: expected text, found a number (8080)
 --> tidegate.yaml:4:11
  |
4 |   - name: 8080
  |           ^^^^ routes[1].name
  |
  = help: quote it: "8080"

error[conflicting-keys]: expected exactly one of exact, prefix, regex, found exact and prefix
 --> tidegate.yaml:6:25
  |
6 |       path: {exact: /a, prefix: /b}
  |                         ^^^^^^ routes[1].match.path.prefix
  |
 ::: tidegate.yaml:6:14
  |
6 |       path: {exact: /a, prefix: /b}
  |              --------- given here as well
  |
  = help: keep one of them

3 errors in tidegate.yaml
"#
    );
}

#[test]
fn shows_both_places_of_a_key_given_twice() {
    assert_eq!(
        complaints("routes:\n  - name: a\n    upstream: x\n    name: b\n"),
        r#"error[duplicate-key]: the key "name" stands twice in one mapping
 --> tidegate.yaml:4:5
  |
4 |     name: b
  |     ^^^^
  |
 ::: tidegate.yaml:2:5
  |
2 |   - name: a
  |     ------- first given here
  |
  = help: remove one of the two

1 error in tidegate.yaml
"#
    );
}

#[test]
fn shows_a_syntax_error_where_it_was_made() {
    assert_eq!(
        complaints("routes:\r\n  - name: ü\r\n    match:c\r\n    mode: off\r\n"),
        "error[invalid-yaml]: no blank after the colon of `match`
 --> tidegate.yaml:3:5
  |
3 |     match:c
  |     ^^^^^^
  |
  = help: put a blank after the colon: `match: c`

1 error in tidegate.yaml
"
    );
}

#[test]
fn counts_columns_in_characters_and_marks_the_right_ones() {
    assert_eq!(
        complaints("routes: [{name: \"größer\", priority: x}]\n"),
        r#"error[wrong-type]: expected a whole number, found "x"
 --> tidegate.yaml:1:37
  |
1 | routes: [{name: "größer", priority: x}]
  |                                     ^ routes[0].priority

1 error in tidegate.yaml
"#
    );
}

#[test]
fn warnings_of_the_compiler_look_the_same() {
    let source = Source::parse("t.yaml", "routes:\n  - name: a\n  - name: b\n").unwrap();
    let route = |index| Path::root().key("routes").index(index);
    let doubt =
        Diagnostic::warning("unreachable-route", route(1), "never matches: an earlier route takes every request")
            .with_related(route(0), "this one");
    let missing = Diagnostic::error("unknown-upstream", route(0).key("upstream"), "no upstream \"x\"");
    assert_eq!(
        render(&source, &Diagnostics::from(vec![doubt, missing]), Style::PLAIN),
        r#"error[unknown-upstream]: no upstream "x"
 --> t.yaml:2:5
  |
2 |   - name: a
  |     ^^^^^^^ routes[0].upstream

warning[unreachable-route]: never matches: an earlier route takes every request
 --> t.yaml:3:5
  |
3 |   - name: b
  |     ^^^^^^^ routes[1]
  |
 ::: t.yaml:2:5
  |
2 |   - name: a
  |     ------- this one

1 error and 1 warning in t.yaml
"#
    );
}

#[test]
fn one_line_of_a_megabyte_is_cut_around_the_mark() {
    let text = format!("{{\"routes\": [{}{{\"name\": 1}}]}}", "{\"name\": \"x\"}, ".repeat(60_000));
    let shown = complaints(&text);
    assert!(shown.contains(" --> tidegate.yaml:1:900022\n"), "{shown}");
    assert!(shown.contains("\"name\": 1}]}") && shown.contains("^ routes[60000].name"), "{shown}");
    assert!(shown.lines().all(|line| line.len() < 200), "{shown}");
}

#[test]
fn tools_get_places_as_numbers() {
    let source = Source::parse("t.yaml", "routes:\n  - name: a\n    math: 1\n").unwrap();
    let mut found = check_shape(source.value(), schema::document());
    let first = Path::root().key("routes").index(0).key("name");
    found.push(Diagnostic::warning("doubtful", first.clone(), "hm").with_related(first, "here"));
    assert_eq!(
        render_json(&source, &found),
        json!([
            {"severity": "warning", "code": "doubtful", "path": "routes[0].name", "message": "hm", "help": null,
             "line": 2, "column": 11, "end_line": 2, "end_column": 12,
             "related": [{"path": "routes[0].name", "message": "here", "line": 2, "column": 5, "end_line": 2, "end_column": 12}]},
            {"severity": "error", "code": "unknown-key", "path": "routes[0].math",
             "message": "unknown key \"math\" in a route; expected one of match, mode, name, priority, respond, upstream",
             "help": "did you mean \"match\"?", "line": 3, "column": 5, "end_line": 3, "end_column": 9, "related": []}
        ])
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let shown = complaints("routes: [{name: a, \"x\\e[31m\": 1}]\n\"b\\rc\": 1\n");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\r'), "{shown:?}");
}
