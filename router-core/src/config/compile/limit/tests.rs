mod compiled;
mod fits;
mod numbers;
mod section;

use serde_json::{Value, json};

use crate::config::compile::{Checked, Purpose, compile_value};
use crate::config::variables::NoVariables;

fn checked(section: Value, route: Value) -> Checked {
    let mut first = json!({"name": "a", "to": {"respond": {}}});
    for (key, value) in route.as_object().unwrap() {
        first[key] = value.clone();
    }
    let document = json!({
        "authenticate": {"authenticators": {"cert": {"certificate": {}}}, "default": {"any": ["cert"]}},
        "limit": section,
        "routes": [first],
    });
    compile_value(&document, &NoVariables, Purpose::Run)
}

/// All that is wrong with a section, as texts.
fn found(section: Value) -> Vec<String> {
    checked(section, json!({})).diagnostics.iter().map(ToString::to_string).collect()
}

/// A sound limit with this beside it; null leaves a member out.
fn limit(more: &Value) -> Value {
    let mut limit = json!({"quota": 10, "window": "1m", "key": ["address"]});
    for (key, value) in more.as_object().unwrap() {
        limit[key] = value.clone();
    }
    limit.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    limit
}

#[track_caller]
fn is(section: Value, expected: &[&str]) {
    assert_eq!(found(section.clone()), expected, "{section:#}");
}

/// What is wrong with a limit: the code, the place below the limit, the message and perhaps the help.
#[track_caller]
fn of_limit(more: Value, expected: &[&str]) {
    let place = |text: &&str| {
        let (code, rest) = text.split_once(' ').unwrap();
        let (place, message) = rest.split_once(": ").unwrap();
        let place = if place == "." { String::new() } else { format!(".{place}") };
        format!("error[{code}] at limit.limits.l{place}: {message}")
    };
    let expected: Vec<String> = expected.iter().map(place).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    is(json!({"limits": {"l": limit(&more)}}), &expected);
}

fn usage() -> Value {
    json!({"url": "https://billing.test/usage", "secret": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="})
}
