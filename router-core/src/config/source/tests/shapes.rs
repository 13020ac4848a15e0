//! The words of the shape check.

use serde_json::json;

use super::brief;
use crate::config::source::check_shape;

#[test]
fn names_the_object_the_nearest_key_and_what_is_missing() {
    assert_eq!(
        brief("routes:\n  - math: {}\n  - name: a\n    match: {pth: {}}\nupstream: {}\n"),
        "unknown-key at routes[0].math: unknown key \"math\" in a route; expected one of match, mode, name, priority, respond, upstream / did you mean \"match\"?\n\
         missing-key at routes[0]: the key \"name\" is missing in a route\n\
         unknown-key at routes[1].match.pth: unknown key \"pth\" in \"match\"; expected one of hosts, methods, path / did you mean \"path\"?\n\
         unknown-key at upstream: unknown key \"upstream\" in the document; expected one of access_log, routes, upstreams, version / did you mean \"upstreams\"?"
    );
}

#[test]
fn a_misspelt_key_that_is_required_is_reported_once() {
    assert_eq!(
        brief("routes: [{nam: a}]\n"),
        "unknown-key at routes[0].nam: unknown key \"nam\" in a route; expected one of match, mode, name, priority, respond, upstream / did you mean \"name\"?"
    );
}

#[test]
fn says_what_was_found_and_what_was_expected_by_type() {
    for (text, said) in [
        (
            "routes: 1\n",
            "wrong-type at routes: expected a list, each item a route, found a number (1) / write a list: [1]",
        ),
        ("routes: [a]\n", "wrong-type at routes[0]: expected a route, found \"a\""),
        (
            "routes: [\"name:a\"]\n",
            "wrong-type at routes[0]: expected a route, found \"name:a\" / put a blank after the colon: `name: a`",
        ),
        (
            "routes: {name: a}\n",
            "wrong-type at routes: expected a list, each item a route, found a mapping / begin each item with `- `",
        ),
        (
            "routes: [{name: 8080}]\n",
            "wrong-type at routes[0].name: expected text, found a number (8080) / quote it: \"8080\"",
        ),
        ("routes: [{name: true}]\n", "wrong-type at routes[0].name: expected text, found true / quote it: \"true\""),
        (
            "routes: [{name: }]\n",
            "wrong-type at routes[0].name: expected text, found nothing / give it a value, or remove it",
        ),
        (
            "routes: [{name: {id}}]\n",
            "wrong-type at routes[0].name: expected text, found a mapping / quote it: \"{id}\"",
        ),
        (
            "routes: [{name: [a]}]\n",
            "wrong-type at routes[0].name: expected text, found a list / write the value itself, without `- ` or [ ]",
        ),
        (
            "routes: [{name: a, match: {hosts: a.b}}]\n",
            "wrong-type at routes[0].match.hosts: expected a list of text, found \"a.b\" / write a list: [\"a.b\"]",
        ),
        (
            "routes: [{name: a, priority: 1.0}]\n",
            "wrong-type at routes[0].priority: expected a whole number, found a number (1.0) / write it without a decimal point",
        ),
        (
            "routes: [{name: a, priority: \"5\"}]\n",
            "wrong-type at routes[0].priority: expected a whole number, found \"5\" / write it without quotes: 5",
        ),
        (
            "routes: [{name: a, priority: \"${env:P}\"}]\n",
            "wrong-type at routes[0].priority: expected a whole number, found \"${env:P}\" / a variable is always text, and cannot stand here",
        ),
        (
            "routes: [{name: a, match: {methods: 5}}]\n",
            "wrong-type at routes[0].match.methods: expected text or a list of text, found a number (5) / quote it: \"5\"",
        ),
        (
            "routes: [{name: a, mode: 5}]\n",
            "wrong-type at routes[0].mode: expected one of enforce, off, shadow, found a number (5)",
        ),
        (
            "routes: []\naccess_log: Yes\n",
            "wrong-type at access_log: expected true or false, found \"Yes\" / write true",
        ),
        ("just text\n", "wrong-type at (document): expected a mapping, found \"just text\""),
    ] {
        assert_eq!(brief(text), said, "{text}");
    }
}

#[test]
fn numbers_and_lengths_stay_within_their_bounds() {
    for (text, said) in [
        (
            "routes: [{name: a, respond: {status: 99}}]\n",
            "out-of-range at routes[0].respond.status: expected a number from 100 to 599, found 99",
        ),
        (
            "routes: [{name: a, priority: 3000000000}]\n",
            "out-of-range at routes[0].priority: expected a number from -2147483648 to 2147483647, found 3000000000",
        ),
        (
            "routes: []\nupstreams: {a: {targets: [b], timeout: 0}}\n",
            "out-of-range at upstreams.a.timeout: expected a number above 0, found 0",
        ),
        (
            "routes: []\nupstreams: {a: {targets: []}}\n",
            "wrong-length at upstreams.a.targets: expected at least 1 item, found none",
        ),
        ("routes: [{name: \"\"}]\n", "wrong-length at routes[0].name: expected text, found an empty text"),
        ("routes: []\nversion: 2\n", "unknown-value at version: expected 1, found a number (2)"),
    ] {
        assert_eq!(brief(text), said, "{text}");
    }
}

#[test]
fn one_of_several_is_found_by_its_key_its_tag_or_its_name() {
    let path = |path: &str| brief(&format!("routes: [{{name: a, match: {{path: {path}}}}}]\n"));
    for (given, said) in [
        ("{prefix: /a}", ""),
        ("{}", "missing-key at routes[0].match.path: expected exactly one of exact, prefix, regex, found none"),
        (
            "{exact: /a, regex: b}",
            "conflicting-keys at routes[0].match.path.regex: expected exactly one of exact, prefix, regex, found exact and regex / keep one of them",
        ),
        (
            "{exat: /a}",
            "unknown-key at routes[0].match.path.exat: unknown key \"exat\" in \"path\"; expected exactly one of exact, prefix, regex / did you mean \"exact\"?",
        ),
        (
            "{prefix: 1}",
            "wrong-type at routes[0].match.path.prefix: expected text, found a number (1) / quote it: \"1\"",
        ),
        (
            "/a",
            "wrong-type at routes[0].match.path: expected a mapping with one of exact, prefix, regex, found \"/a\" / say what it is, such as {exact: \"/a\"}",
        ),
    ] {
        assert_eq!(path(given), said, "{given}");
    }
    let mode = |mode: &str| brief(&format!("routes: [{{name: a, mode: {mode}}}]\n"));
    for fine in ["off", "shadow", "enforce", "~", "\"${env:MODE}\""] {
        assert_eq!(mode(fine), "", "{fine}");
    }
    assert_eq!(
        mode("shadwo"),
        "unknown-value at routes[0].mode: expected one of enforce, off, shadow, found \"shadwo\" / did you mean \"shadow\"?"
    );
    let balance =
        |balance: &str| brief(&format!("routes: []\nupstreams: {{a: {{targets: [b], balance: {balance}}}}}\n"));
    for (given, said) in [
        ("{type: hash, on: ip}", ""),
        (
            "{type: hsah}",
            "unknown-value at upstreams.a.balance.type: expected one of round-robin, hash, found \"hsah\" / did you mean \"hash\"?",
        ),
        (
            "{on: ip}",
            "missing-key at upstreams.a.balance: the key \"type\" is missing in \"balance\"; it is one of round-robin, hash",
        ),
        ("{type: hash}", "missing-key at upstreams.a.balance: the key \"on\" is missing in \"balance\""),
    ] {
        assert_eq!(balance(given), said, "{given}");
    }
}

#[test]
fn stops_listing_but_not_counting_after_two_hundred() {
    let routes = "  - name: 1\n".repeat(1000);
    let source = crate::config::source::Source::parse("t", &format!("routes:\n{routes}")).unwrap();
    let found = check_shape(source.value(), super::schema::document());
    assert_eq!((found.iter().count(), found.errors()), (200, 1000));
    let shown = crate::config::source::render(&source, &found, super::Style::PLAIN);
    assert!(shown.ends_with("1000 errors in t (800 of them not shown)\n"));
}

#[test]
fn a_variable_may_become_any_of_the_names_allowed() {
    let schema = json!({"type": "string", "enum": ["on", "off"], "minLength": 40});
    assert!(check_shape(&json!("${secret:SWITCH}"), &schema).is_empty());
    assert_eq!(check_shape(&json!("${other}"), &schema).errors(), 2);
}

#[test]
fn a_schema_in_a_circle_ends() {
    let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#"}]}}});
    assert!(check_shape(&json!({"a": [1]}), &schema).is_empty());
    let tree = json!({"type": "object", "additionalProperties": {"$ref": "#"}});
    assert_eq!(check_shape(&json!({"a": {"b": 1}}), &tree).errors(), 1);
}
