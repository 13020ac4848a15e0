//! The shape check against the real schema, and against the deserialiser that comes after it.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::config::raw::Document;
use crate::config::source::check_shape;

/// Something of every kind that a document has.
fn rich() -> Value {
    json!({
        "version": 1,
        "receive": {"max_url": "8KB", "max_header_count": 100, "trusted_proxies": ["10.0.0.0/8"], "request_id": "new"},
        "filter": {"cors": {"origins": ["any", {"exact": "https://a.example"}], "credentials": true, "mode": "shadow"}},
        "upstreams": {
            "api": {"targets": [{"url": "http://127.0.0.1:9000"}], "timeouts": {"connect": "1s"}, "host": {"name": "x"}, "protocol": "http2"},
        },
        "routes": [
            {"name": "a", "match": {"paths": [{"prefix": "/a"}], "methods": ["GET"], "headers": {"x-a": "present", "x-b": {"exact": "1"}},
             "priority": 3}, "rewrite": {"replace_prefix": {"from": "/a", "to": "/"}}, "upgrade": ["websocket"], "to": {"upstream": "api"}},
            {"name": "b", "to": {"respond": {"status": 200, "body": "ok"}}},
        ],
        "native": {"listeners": [{"address": "127.0.0.1:0", "tls": null}], "threads": 2},
    })
}

fn complaints(document: &Value) -> String {
    let found = check_shape(document, &crate::config::schema());
    let lines: Vec<String> = found.iter().map(|d| format!("{}: {}", d.path, d.message)).collect();
    lines.join("\n")
}

#[test]
fn a_rich_document_has_the_right_shape() {
    assert_eq!(complaints(&rich()), "");
    assert!(serde_json::from_value::<Document>(rich()).is_ok());
}

#[test]
fn mistakes_in_a_real_document_are_told_in_its_own_words() {
    for (place, wrong, said) in [
        (
            "/routes/0/match/paths/0",
            json!("/a"),
            "routes[0].match.paths[0]: expected a mapping with one of exact, prefix, template, regex, found \"/a\"",
        ),
        (
            "/routes/0/match/headers/x-a",
            json!("presnt"),
            "routes[0].match.headers.x-a: expected one of present, absent or a mapping with one of exact, regex, found \"presnt\"",
        ),
        (
            "/filter/cors/origins/0",
            json!("https://b.example"),
            "filter.cors.origins[0]: expected any or a mapping with one of exact, regex, found \"https://b.example\"",
        ),
        ("/filter/cors/mode", json!("of"), "filter.cors.mode: expected one of enforce, shadow, off, found \"of\""),
        ("/upstreams/api/timeouts", json!("5s"), "upstreams.api.timeouts: expected a mapping (timeouts), found \"5s\""),
        (
            "/routes/1/to/respond/status",
            json!("200"),
            "routes[1].to.respond.status: expected a whole number, found \"200\"",
        ),
        (
            "/routes/1/to/respond/status",
            json!(70000),
            "routes[1].to.respond.status: expected a number from 0 to 65535, found 70000",
        ),
        ("/native/threads", json!(-1), "native.threads: expected a number from 0 to 4294967295, found -1"),
        (
            "/routes/1/to",
            json!({}),
            "routes[1].to: expected exactly one of upstream, redirect, respond, echo, purge, found none",
        ),
        ("/routes/1", json!({"name": "b"}), "routes[1]: the key \"to\" is missing in a route"),
        (
            "/receive/request_id",
            json!(["new"]),
            "receive.request_id: expected one of from_client, from_trusted_proxy, new, found a list",
        ),
    ] {
        let mut document = rich();
        *document.pointer_mut(place).unwrap() = wrong;
        assert_eq!(complaints(&document), said);
    }
}

/// A place in the document and what is done to it.
fn damage() -> impl Strategy<Value = (prop::sample::Index, Option<Value>, String)> {
    let values = prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1u64 << 40),
        json!("x"),
        json!("present"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"x": 1}),
        json!({"exact": "a"}),
        json!({"name": "y"}),
        json!({"upstream": null}),
        json!([null]),
        json!({"present": null}),
    ]);
    let keys = prop::sample::select(vec!["", "x", "name", "mode", "exact", "prefix", "status", "headers"]);
    (any::<prop::sample::Index>(), prop::option::of(values), keys.prop_map(str::to_owned))
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), all)),
        Value::Object(map) => map.iter().for_each(|(key, item)| places(item, &format!("{at}/{key}"), all)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The deserialiser knows no places: whatever it would refuse must have been said before, with one.
    #[test]
    fn what_passes_the_shape_check_deserialises(all in prop::collection::vec(damage(), 1..4)) {
        let mut document = rich();
        for (place, value, key) in all {
            let mut found = Vec::new();
            places(&document, "", &mut found);
            let Some(target) = document.pointer_mut(place.get::<String>(&found)) else { continue };
            match (value, target) {
                (Some(value), target) => *target = value,
                // Without a value a key is taken away or renamed.
                (None, Value::Object(map)) => {
                    if let Some((first, value)) = map.keys().next().cloned().and_then(|first| map.remove_entry(&first)) {
                        map.insert(if key.is_empty() { first + "x" } else { key }, value);
                    }
                }
                (None, target) => *target = Value::Null,
            }
        }
        if let Err(error) = serde_json::from_value::<Document>(document.clone()) {
            prop_assert!(!complaints(&document).is_empty(), "{error} in {document}");
        }
    }
}
