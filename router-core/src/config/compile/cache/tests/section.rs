//! The section as a whole: names, and what holds for all rules.

use serde_json::json;

use super::{checked, found, is};

#[test]
fn a_rule_has_a_name_that_is_not_off() {
    for bad in ["", "a b", "a\"", "ä", &"a".repeat(65)] {
        let found = found(json!({"rules": {bad: {}}}));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].contains("[cache-name]"), "{found:?}");
        assert!(found[0].ends_with("expected a name of 1 to 64 letters, digits, `-`, `_` or `.`"), "{found:?}");
    }
    is(
        json!({"rules": {"off": {}}}),
        &[
            "error[cache-name] at cache.rules.off: a rule cannot be called `off`\n  help: `cache: off` says that nothing of a route is stored; find another name",
        ],
    );
    is(json!({"rules": {"Off": {}, "per-minute_2.0": {}}}), &[]);
}

#[test]
fn a_name_that_is_no_rule_names_the_nearest_wherever_it_stands() {
    let checked = checked(json!({"rules": {"catalogue": {}}, "default": "catalog"}), json!({"cache": "catalouge"}));
    let found: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "error[unknown-cache] at cache.default: there is no cache rule named `catalog`\n  help: did you mean `catalogue`?",
            "error[unknown-cache] at routes[0].cache: there is no cache rule named `catalouge`\n  help: did you mean `catalogue`?",
        ]
    );
    is(
        json!({"default": "catalogue"}),
        &[
            "error[unknown-cache] at cache.default: there is no cache rule named `catalogue`\n  help: declare it under `cache.rules`",
        ],
    );
}

#[test]
fn the_name_in_cache_status_can_stand_in_it() {
    let bad = ["", "a\n", "é", "a\u{7f}", &"a".repeat(65)];
    for bad in bad {
        let found = found(json!({"name": bad}));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        let start =
            "error[cache-status-name] at cache.name: expected 1 to 64 visible ASCII characters or spaces, found `";
        assert!(found[0].starts_with(start), "{found:?}");
    }
    for good in ["edge", "*", "an \"edge\" \\", &"a".repeat(64)] {
        is(json!({"name": good}), &[]);
    }
}

#[test]
fn memory_has_bounds() {
    is(json!({"memory": "1023KiB"}), &["error[size] at cache.memory: expected at least `1MiB`, found `1023KiB`"]);
    is(json!({"memory": "0B"}), &["error[size] at cache.memory: expected at least `1MiB`, found `0B`"]);
    is(
        json!({"memory": "1025GiB"}),
        &["error[size] at cache.memory: `1025GiB` is more than the 1099511627776 bytes that are possible here"],
    );
    is(
        json!({"memory": "much"}),
        &["error[size] at cache.memory: expected a size such as `512B`, `16KiB`, `10MiB` or `1GiB`, found `much`"],
    );
}

#[test]
fn a_rule_that_no_route_uses_is_no_mistake() {
    is(json!({"rules": {"a": {}, "b": {}}}), &[]);
}

#[test]
fn every_mistake_of_a_rule_is_reported_at_once() {
    let found = found(json!({
        "rules": {"r": {
            "methods": ["POST"], "freshness": "override", "max_ttl": "soon", "ttl_by_status": {}, "heuristic": {"percent": 0},
            "vary_by": {"headers": ["cookie"], "cookies": [";"]}, "max_size": "0B", "bypass": "?", "tags": [""], "tag_headers": [" "],
            "coalesce": "1h", "invalidate_on": ["x"],
        }},
        "default": "r",
        "memory": "1B",
        "name": "",
    }));
    let codes: Vec<&str> = found.iter().filter_map(|text| text.strip_prefix("error[")?.split(']').next()).collect();
    let expected = [
        "method",
        "cache-ttl",
        "duration",
        "percent",
        "vary-by",
        "cookie",
        "size",
        "bypass",
        "cache-tag",
        "header-name",
        "duration",
        "invalidate-on",
        "cache-status-name",
        "size",
    ];
    assert_eq!(codes, expected, "{found:#?}");
}
