//! Routes by which stored answers are purged.

use serde_json::{Value, json};

use crate::config::compile::{Checked, Purpose, compile_value};
use crate::config::gateway::Action;
use crate::config::variables::NoVariables;

fn checked(default: Value, own: Value) -> Checked {
    let mut route = json!({"name": "purge", "match": {"methods": ["POST"]}, "to": {"purge": {}}});
    if !own.is_null() {
        route["authenticate"] = own;
    }
    let document = json!({
        "authenticate": {"authenticators": {"cert": {"certificate": {}}}, "default": default},
        "routes": [route],
    });
    compile_value(&document, &NoVariables, Purpose::Run)
}

fn found(default: Value, own: Value) -> Vec<String> {
    let checked = checked(default, own);
    checked.diagnostics.iter().map(ToString::to_string).collect()
}

#[test]
fn whoever_may_purge_is_asked_who_they_are() {
    for (default, own) in [
        (Value::Null, json!({"any": ["cert"]})),
        (json!({"all": ["cert"]}), Value::Null),
        (json!({"any": ["cert"], "mode": "shadow"}), json!({"any": ["cert"]})),
    ] {
        let checked = checked(default, own);
        assert!(checked.diagnostics.iter().next().is_none(), "{:?}", checked.diagnostics);
        let route = checked.gateway.unwrap().routes.remove(0);
        assert!(matches!(route.action, Action::Purge) && route.cache.is_none() && route.authenticate.is_some());
    }
}

#[test]
fn a_route_by_which_anybody_could_purge_is_refused() {
    let open = |place: &str, why: &str, help: &str| {
        format!("error[purge-open] at routes[0].{place}: anybody could purge by this route: {why}\n  help: {help}")
    };
    let nobody = open("to", "it has no `authenticate`", "say in `authenticate` who may purge");
    assert_eq!(found(Value::Null, Value::Null), [nobody]);
    let (why, help) = ("its `authenticate` refuses nobody", "write `mode: enforce` there, and who may purge");
    for mode in ["shadow", "off"] {
        let weak = json!({"any": ["cert"], "mode": mode});
        assert_eq!(found(weak.clone(), Value::Null), [open("to", why, help)]);
        assert_eq!(found(json!({"any": ["cert"]}), weak), [open("authenticate", why, help)]);
    }
    assert_eq!(found(json!({"any": ["cert"]}), json!({"mode": "off"})), [open("authenticate", why, help)]);
    assert_eq!(
        found(Value::Null, json!({"any": ["cert"], "optional": true})),
        [open("authenticate", "its `authenticate` lets nobody in particular pass", "leave `optional` out there")]
    );
}

#[test]
fn a_policy_with_mistakes_is_not_called_open_too() {
    let found = found(Value::Null, json!({"any": ["crt"]}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error[unknown-authenticator]"), "{found:?}");
}

#[test]
fn a_purge_takes_no_settings() {
    let document = json!({"routes": [{"name": "a", "to": {"purge": {"soft": true}}}]});
    let checked = compile_value(&document, &NoVariables, Purpose::Run);
    assert!(checked.diagnostics.iter().any(|found| found.code == "shape"), "{:?}", checked.diagnostics);
}
