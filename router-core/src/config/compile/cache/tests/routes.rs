//! Which route uses which rule.

use serde_json::{Value, json};

use super::checked;

fn rules() -> Value {
    json!({
        "rules": {"a": {}, "b": {"mode": "shadow"}, "c": {"mode": "off"}},
        "default": "b",
    })
}

/// The name of the rule of a route with this in it.
fn of(section: Value, route: Value) -> Option<String> {
    let checked = checked(section, route);
    assert!(checked.diagnostics.iter().next().is_none(), "{:?}", checked.diagnostics);
    let gateway = checked.gateway.unwrap();
    gateway.routes[0].cache.map(|index| gateway.caches.rules[index].name.clone())
}

fn found(section: Value, route: Value) -> Vec<String> {
    checked(section, route).diagnostics.iter().map(ToString::to_string).collect()
}

#[test]
fn a_route_has_the_default_unless_it_names_its_own_and_none_that_is_off() {
    assert_eq!(of(rules(), json!({})).as_deref(), Some("b"));
    assert_eq!(of(rules(), json!({"cache": "a"})).as_deref(), Some("a"));
    assert_eq!(of(rules(), json!({"cache": "c"})), None);
    assert_eq!(of(rules(), json!({"cache": "off"})), None);
    assert_eq!(of(json!({"rules": {"a": {}}}), json!({})), None);
    assert_eq!(of(json!({"rules": {"a": {"mode": "off"}}, "default": "a"}), json!({})), None);
    assert_eq!(of(json!({}), json!({"cache": "off"})), None);
}

#[test]
fn only_a_route_to_an_upstream_has_a_rule() {
    let actions =
        [json!({"echo": {}}), json!({"respond": {}}), json!({"redirect": {"host": "b.test"}}), json!({"purge": {}})];
    for to in actions {
        assert_eq!(of(rules(), json!({"to": to})), None);
        assert_eq!(of(rules(), json!({"to": to, "cache": "off"})), None);
        assert_eq!(
            found(rules(), json!({"to": to, "cache": "a"})),
            [
                "error[cache-without-upstream] at routes[0].cache: only answers of an upstream are stored; this route answers itself, so that this \
                 would do nothing\n  help: leave it out here"
            ]
        );
    }
}

#[test]
fn every_path_of_a_route_has_the_parameters_of_its_tags() {
    let section = |default: Value| json!({"rules": {"a": {"tags": ["all", "product:{id}"]}}, "default": default});
    let paths = |paths: Value| json!({"match": {"paths": paths}, "cache": "a"});
    let sound = [
        json!([{"template": "/a/{id}"}, {"template": "/b/{id}/{other}"}]),
        json!([{"template": "/a/{*id}"}]),
        json!([{"regex": "/a/(?<id>[0-9]+)"}]),
    ];
    for sound in sound {
        assert_eq!(of(section(json!("a")), paths(sound)).as_deref(), Some("a"));
    }
    let missing = |place: &str, help: &str| {
        format!(
            "error[unknown-parameter] at routes[0].{place}: not every path of this route has the parameter `id`, which a tag of the cache rule `a` \
             needs\n  help: {help}\n  at cache.rules.a.tags[1]: this tag"
        )
    };
    let other = "give the route another rule, or `cache: off`";
    let bad = [
        (json!([{"prefix": "/a"}]), other),
        (json!([]), other),
        (json!([{"template": "/a/{id}"}, {"exact": "/b"}]), "did you mean `id`?"),
        (json!([{"template": "/a/{idd}"}]), "did you mean `idd`?"),
    ];
    for (bad, help) in bad {
        assert_eq!(found(section(Value::Null), paths(bad)), [missing("cache", help)]);
    }
    let by_default = json!({"match": {"paths": [{"exact": "/b"}]}});
    assert_eq!(found(section(json!("a")), by_default), [missing("match", other)]);
    assert_eq!(of(section(json!("a")), json!({"match": {"paths": [{"exact": "/b"}]}, "cache": "off"})), None);
}

#[test]
fn a_tag_with_mistakes_leaves_the_others_their_places() {
    let section = json!({"rules": {"a": {"tags": ["", "x:{no}"]}}, "default": "a"});
    let found = found(section, json!({}));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("cache.rules.a.tags[0]"), "{found:#?}");
    assert!(found[1].ends_with("at cache.rules.a.tags[1]: this tag"), "{found:#?}");
}
