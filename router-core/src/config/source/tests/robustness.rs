//! No text, value or schema makes the reading side panic, and no mark leaves the text.

use proptest::prelude::*;
use serde_json::Value;

use super::schema;
use crate::config::diagnostic::{Diagnostic, Diagnostics, Path, Step};
use crate::config::source::{Source, Style, check_shape, render, render_json};

/// Text of the pieces that YAML is made of, which comes further into the parser than random characters do.
fn yamlish() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "routes",
        "name",
        "match",
        "path",
        "prefix",
        "upstreams",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "&a ",
        "*a",
        "<<",
        "!!str ",
        "!x ",
        "|\n",
        ">\n",
        "---\n",
        "...",
        "#",
        " # c\n",
        "? ",
        "%",
        "@",
        "`",
        "~",
        "true",
        "1",
        "0644",
        "1e5",
        ".inf",
        "é",
        "\u{1F30A}",
        "\u{feff}",
        "\0",
        "\\",
        "\\x",
        "\r",
        "\u{2028}",
        "a:b",
        "{id}",
        "${env:A}",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z${:}]{0,8}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "routes",
        "name",
        "match",
        "path",
        "prefix",
        "exact",
        "mode",
        "upstreams",
        "targets",
        "balance",
        "type",
        "respond",
        "x",
        "$ref",
        "properties",
        "required",
        "items",
        "oneOf",
        "enum",
        "const",
        "additionalProperties",
        "$defs",
        "minLength",
        "allOf",
    ]);
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

/// Every mark is in the text, between characters; everything can be shown in every style.
fn all_can_be_shown(source: &Source, diagnostics: &Diagnostics) {
    for diagnostic in diagnostics {
        match source.locate(diagnostic) {
            Some(span) => {
                assert!(source.text().get(span.start..span.end).is_some(), "{diagnostic} at {span:?}");
                assert!((span.line, span.column) <= (span.end_line, span.end_column) && span.column >= 1, "{span:?}");
            }
            None => assert!(source.text().is_empty()),
        }
    }
    for style in [Style::PLAIN, Style::terminal(0), Style::terminal(80)] {
        assert_eq!(render(source, diagnostics, style).is_empty(), diagnostics.is_empty());
    }
    assert_eq!(render_json(source, diagnostics).as_array().unwrap().len(), diagnostics.iter().count());
}

fn read_and_show(text: &str) {
    match Source::parse("t.yaml", text) {
        Ok(source) => all_can_be_shown(&source, &check_shape(source.value(), schema::document())),
        Err(unreadable) => {
            assert!(unreadable.diagnostics.has_errors());
            all_can_be_shown(&unreadable.source, &unreadable.diagnostics);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read_and_show(&text);
    }

    #[test]
    fn any_text_that_looks_like_yaml_is_read_or_refused(text in yamlish()) {
        read_and_show(&text);
    }

    #[test]
    fn json_reads_as_itself(value in any_value()) {
        // A document of null alone counts as empty.
        prop_assume!(!value.is_null());
        match Source::parse("t.json", &serde_json::to_string_pretty(&value).unwrap()) {
            Ok(source) => prop_assert_eq!(source.value(), &value),
            Err(unreadable) => prop_assert!(false, "{}", unreadable),
        }
    }

    #[test]
    fn any_value_is_checked_against_any_schema(value in any_value(), schema in any_value()) {
        let _ = check_shape(&value, &schema);
        let _ = check_shape(&value, schema::document());
    }

    #[test]
    fn any_path_leads_somewhere(text in yamlish(), steps in prop::collection::vec(prop_oneof![
        prop::sample::select(vec!["routes", "name", "path"]).prop_map(|key| Step::Key(key.to_owned())),
        (0usize..3).prop_map(Step::Index),
    ], 0..4)) {
        if let Ok(source) = Source::parse("t.yaml", &text) {
            let path: Path = steps.into_iter().collect();
            let found = Diagnostic::error("wrong", path.clone(), "wrong").with_related(path, "here too");
            all_can_be_shown(&source, &vec![found.clone(), found.at_key()].into());
        }
    }
}
