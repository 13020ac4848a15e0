//! Requests whose success makes stored answers worthless.

use http::Method;
use serde_json::{Value, json};

use super::{compiled, of_rule};
use crate::cache::rule::{Trigger, TriggerPath};

fn triggers(rules: Value) -> Vec<Trigger> {
    compiled(json!({"rules": rules})).caches.triggers
}

fn path(text: &str) -> TriggerPath {
    triggers(json!({"r": {"invalidate_on": [format!("PUT {text}")]}})).remove(0).path
}

#[test]
fn a_request_is_a_method_and_a_path() {
    let found = triggers(json!({
        "a": {"invalidate_on": ["POST /v1/categories", "PURGE  /a%2Fb"]}, "b": {}, "c": {"mode": "shadow", "invalidate_on": ["PUT /*"]},
    }));
    let path = |segments: &[&str]| TriggerPath {
        segments: segments.iter().map(|segment| (*segment != "*").then(|| (*segment).to_owned())).collect(),
        open: segments.last() == Some(&"*"),
    };
    let expected = [
        Trigger { method: Method::POST, path: path(&["v1", "categories"]), rule: 0 },
        Trigger { method: Method::from_bytes(b"PURGE").unwrap(), path: path(&["a%2Fb"]), rule: 0 },
        Trigger { method: Method::PUT, path: path(&["*"]), rule: 2 },
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_off_stores_nothing_that_could_become_worthless() {
    assert_eq!(triggers(json!({"a": {"mode": "off", "invalidate_on": ["PUT /a"]}})), []);
}

#[test]
fn a_star_is_any_segment_and_at_the_end_one_or_more() {
    let fits = |pattern: &str, asked: &str| path(pattern).fits(asked.trim_start_matches('/').split('/'));
    for (pattern, asked) in [
        ("/", "/"),
        ("/v1/categories", "/v1/categories"),
        ("/v1/categories/*", "/v1/categories/7"),
        ("/v1/categories/*", "/v1/categories/7/items/8"),
        ("/v1/*/items", "/v1/7/items"),
        ("/*", "/a/b/c"),
        ("/*/*", "/a/b/c"),
        ("/a/", "/a/"),
        ("/v1/*/", "/v1/7/"),
    ] {
        assert!(fits(pattern, asked), "{pattern} {asked}");
    }
    for (pattern, asked) in [
        ("/v1/categories", "/v1/categories/7"),
        ("/v1/categories", "/v1/categories/"),
        ("/v1/categories/*", "/v1/categories"),
        ("/v1/*/items", "/v1/7/8/items"),
        ("/v1/*/items", "/v1/7/items/8"),
        ("/*/*", "/a"),
        ("/v1/*/", "/v1/7"),
        ("/", "/a"),
    ] {
        assert!(!fits(pattern, asked), "{pattern} {asked}");
    }
}

#[test]
fn each_mistake_gives_its_message_and_place() {
    let of = |text: &str, expected: &str| {
        let (code, message) = expected.split_once(' ').unwrap();
        of_rule(json!({"invalidate_on": ["PUT /a", text]}), &[&format!("{code} invalidate_on[1]: {message}")]);
    };
    for bad in ["", "POST", "/v1/categories"] {
        of(bad, &format!("invalidate-on expected a method and a path, such as `POST /v1/categories`, found `{bad}`"));
    }
    of("post /a", "method methods are case-sensitive, and `post` is not the method `POST`\n  help: write `POST`");
    of("P(T /a", "method `P(T` is no method: a method is a token (RFC 9110)");
    of("TRACE /a", "method TRACE is never passed on: requests with it are answered 501");
    of("PUT a", "path a path starts with `/`");
    of("PUT ", "path a path starts with `/`");
    of("PUT /a b", "path a space, `\"`, `<` or `>` cannot stand in a path; write `%20`, `%22`, `%3C` or `%3E`");
    of("PUT /a/../b", "path paths are matched in normal form, in which this one is `/b`; write that");
    of("PUT /a//b", "path paths are matched in normal form, in which this one is `/a/b`; write that");
    of("PUT /a?b", "path `?` and `#` are not part of a path; match a query with `query`");
    of(
        "PUT /a/{id}",
        "path `{` and `}` stand for parameters, which only a template has; for the characters themselves write `%7B` and `%7D`",
    );
    for (bad, part) in [("/a*", "a*"), ("/**", "**"), ("/a/*.json/b", "*.json")] {
        of(
            &format!("PUT {bad}"),
            &format!(
                "invalidate-on `*` stands for a whole segment, and `{part}` is more than that\n  help: write `*` instead of it"
            ),
        );
    }
    of("PUT  /a", "duplicate-name `PUT  /a` is there already");
}

#[test]
fn requests_are_few() {
    let many: Vec<Value> = (0..65).map(|number| json!(format!("PUT /{number}"))).collect();
    of_rule(json!({"invalidate_on": many[..64]}), &[]);
    of_rule(json!({"invalidate_on": many}), &["invalidate-on invalidate_on: expected at most 64 requests, found 65"]);
}
