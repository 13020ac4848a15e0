mod compiled;
mod freshness;
mod purging;
mod routes;
mod section;
mod tags;
mod triggers;
mod vary;

use serde_json::{Value, json};

use crate::config::Gateway;
use crate::config::compile::{Checked, Purpose, compile_value};
use crate::config::variables::NoVariables;

/// A document with this section and this beside it; its first route asks an upstream.
fn checked(section: Value, route: Value) -> Checked {
    let mut first = json!({"name": "a", "match": {"paths": [{"template": "/a/{id}"}]}, "to": {"upstream": "shop"}});
    for (key, value) in route.as_object().unwrap() {
        first[key] = value.clone();
    }
    let document = json!({
        "name": "gate",
        "authenticate": {"authenticators": {"cert": {"certificate": {}}}, "default": {"any": ["cert"]}},
        "upstreams": {"shop": {"targets": [{"url": "https://shop.test"}]}},
        "cache": section,
        "routes": [first],
    });
    compile_value(&document, &NoVariables, Purpose::Run)
}

fn compiled(section: Value) -> Gateway {
    let checked = checked(section, json!({}));
    assert!(checked.diagnostics.iter().next().is_none(), "{:?}", checked.diagnostics);
    checked.gateway.unwrap()
}

/// All that is wrong with a section, as texts.
fn found(section: Value) -> Vec<String> {
    checked(section, json!({})).diagnostics.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn is(section: Value, expected: &[&str]) {
    assert_eq!(found(section.clone()), expected, "{section:#}");
}

/// What is wrong with a rule: the code, the place below the rule, the message and perhaps the help.
#[track_caller]
fn of_rule(rule: Value, expected: &[&str]) {
    let place = |text: &&str| {
        let (code, rest) = text.split_once(' ').unwrap();
        let (place, message) = rest.split_once(": ").unwrap();
        format!("error[{code}] at cache.rules.r.{place}: {message}")
    };
    let expected: Vec<String> = expected.iter().map(place).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    is(json!({"rules": {"r": rule}}), &expected);
}
