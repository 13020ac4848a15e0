//! Held against another implementation: `cel`.
//!
//! Expressions are made at random from a grammar of what both know. They must agree on the value, or that there is none. Where they may not:
//! the other one also answers what ours refuses at load for its types; those are left out by comparing only what ours takes.

use std::collections::HashMap;

use cel::{Context, Program as Other, Value as Its};
use proptest::prelude::*;

use super::*;

fn atoms() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "0",
        "1",
        "2",
        "-3",
        "9223372036854775807",
        "0.0",
        "1.5",
        "-2.5",
        "1.0",
        "'a'",
        "'ab'",
        "''",
        "true",
        "false",
        "null",
        "claims.sub",
        "claims.level",
        "claims.ratio",
        "claims.admin",
        "claims.nothing",
        "claims.groups",
        "claims.mixed",
        "claims.address",
        "claims.address.zip",
        "claims.none",
        "claims.empty",
        "[]",
        "[1, 2]",
        "['a', 'b']",
        "{'a': 1}",
        "{}",
    ])
    .prop_map(str::to_owned)
}

fn expressions() -> impl Strategy<Value = String> {
    atoms().prop_recursive(5, 40, 3, |inner| {
        let operator = prop::sample::select(vec![
            "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in", "+", "-", "*", "/", "%",
        ]);
        let method = prop::sample::select(vec!["contains", "startsWith", "endsWith"]);
        let each = prop::sample::select(vec!["all", "exists", "exists_one", "filter", "map"]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(left, sign, right)| format!("({left} {sign} {right})")),
            1 => inner.clone().prop_map(|of| format!("!({of})")),
            1 => inner.clone().prop_map(|of| format!("-({of})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            1 => inner.clone().prop_map(|of| format!("size({of})")),
            1 => (inner.clone(), method, inner.clone()).prop_map(|(of, name, with)| format!("({of}).{name}({with})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(of, index)| format!("({of})[{index}]")),
            1 => inner.clone().prop_map(|of| format!("has(({of}).zip)")),
            2 => (inner.clone(), each, inner.clone()).prop_map(|(of, name, body)| format!("({of}).{name}(x, {body} == x)")),
        ]
    })
}

/// A value as both can show it; numbers by value.
fn ours(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Text(text) => format!("{:?}", text.as_str()),
        Value::List(list) => format!("[{}]", list.iter().map(|item| ours(&item)).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => format!("map of {}", map.len()),
        Value::Timestamp(_) | Value::Duration(_) => "time".into(),
    }
}

/// JSON as the other one's values. Its own conversion makes every positive number unsigned, which ours does not have.
fn foreign(json: &Json) -> Its {
    match json {
        Json::Null => Its::Null,
        Json::Bool(value) => Its::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Its::Int(whole),
            None => Its::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => text.clone().into(),
        Json::Array(items) => items.iter().map(foreign).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), foreign(value))).collect::<HashMap<_, _>>().into()
        }
    }
}

fn its(value: &Its) -> String {
    match value {
        Its::Null => "null".into(),
        Its::Bool(value) => value.to_string(),
        Its::Int(number) => number.to_string(),
        Its::UInt(number) => number.to_string(),
        Its::Float(number) => format!("{number:?}"),
        Its::String(text) => format!("{text:?}"),
        Its::List(list) => format!("[{}]", list.iter().map(its).collect::<Vec<_>>().join(", ")),
        Its::Map(map) => format!("map of {}", map.map.len()),
        _ => "other".into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_agree(text in expressions()) {
        // The value itself, whatever its type.
        let Ok(tree) = super::super::parse::parse(&text) else { return Ok(()) };
        let Ok((node, _)) = super::super::resolve::Resolver::new(&SCOPE).resolve(&tree) else { return Ok(()) };
        let request = Request::new(claims());
        let values = Values::new(request.asked());
        let mine = super::super::evaluate::Machine::new(&values, 1_000_000).evaluate(&node);
        let mut context = Context::default();
        context.add_variable_from_value("claims", foreign(&claims()));
        let theirs = Other::compile(&text).unwrap().execute(&context);
        match (mine, theirs) {
            (Ok(mine), Ok(theirs)) => prop_assert_eq!(ours(&mine), its(&theirs), "{}", text),
            (Err(_), Err(_)) => {}
            (mine, theirs) => prop_assert!(false, "{}: {:?} and {:?}", text, mine, theirs),
        }
    }
}
