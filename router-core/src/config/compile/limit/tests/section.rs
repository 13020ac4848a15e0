//! The section as a whole: names, plans, and what holds for all limits.

use serde_json::{Value, json};

use super::{checked, found, is, limit, of_limit, usage};

#[test]
fn percentages_are_at_most_a_hundred() {
    of_limit(
        json!({"algorithm": "fixed_window", "warn_at": [0, 50, 101]}),
        &[
            "warn-at warn_at[0]: expected 1 to 100 percent, found 0",
            "warn-at warn_at[2]: expected 1 to 100 percent, found 101",
        ],
    );
    let of = |capacity: u8| json!({"limits": {"l": limit(&json!({}))}, "brownout": {"capacity": capacity}});
    is(of(0), &["error[capacity] at limit.brownout.capacity: expected 1 to 100 percent, found 0"]);
    is(of(101), &["error[capacity] at limit.brownout.capacity: expected 1 to 100 percent, found 101"]);
    is(of(100), &[]);
    is(of(1), &[]);
}

#[test]
fn a_name_of_a_limit_can_stand_in_a_field() {
    for bad in ["", "a b", "a\"", "ä", &"a".repeat(65)] {
        let found = found(json!({"limits": {bad: limit(&json!({}))}}));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].contains("[limit-name]"), "{found:?}");
        assert!(found[0].ends_with("expected a name of 1 to 64 letters, digits, `-`, `_` or `.`"), "{found:?}");
    }
    is(json!({"limits": {"per-minute_2.0": limit(&json!({}))}}), &[]);
}

#[test]
fn a_name_that_is_no_limit_names_the_nearest_wherever_it_stands() {
    let section = json!({
        "limits": {"hourly": limit(&json!({}))},
        "plans": {"pro": {"horly": {"quota": 1}}},
        "default": ["hourli", "hourly", "hourly"],
        "brownout": {"capacity": 50, "limits": ["search"]},
    });
    let checked = checked(section, json!({"limit": ["houly", "hourly", "hourly"]}));
    let mut found: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "error[duplicate-name] at limit.default[2]: `hourly` is there already",
            "error[duplicate-name] at routes[0].limit[2]: `hourly` is there already",
            "error[unknown-limit] at limit.brownout.limits[0]: there is no limit named `search`\n  help: declare it under `limit.limits`",
            "error[unknown-limit] at limit.default[0]: there is no limit named `hourli`\n  help: did you mean `hourly`?",
            "error[unknown-limit] at limit.plans.pro.horly: there is no limit named `horly`\n  help: did you mean `hourly`?",
            "error[unknown-limit] at routes[0].limit[0]: there is no limit named `houly`\n  help: did you mean `hourly`?",
        ]
    );
}

#[test]
fn a_redirect_has_no_limits_since_nothing_would_be_counted() {
    let of = |limits: Value| {
        let section = json!({"limits": {"l": limit(&json!({}))}, "default": ["l"]});
        let route = json!({"limit": limits, "authenticate": {"mode": "off"}, "to": {"redirect": {"host": "b.test"}}});
        let checked = checked(section, route);
        checked.diagnostics.iter().map(|found| format!("{} {}", found.code, found.path)).collect::<Vec<_>>()
    };
    assert_eq!(of(json!(["l"])), ["limit-redirect routes[0].limit"]);
    assert_eq!(of(json!([])), [""; 0]);
}

#[test]
fn a_mistake_in_a_plan_stands_at_the_plan_and_one_of_the_limit_is_said_once() {
    let of = |limit_more: Value, plan: Value| {
        found(json!({"limits": {"l": limit(&limit_more)}, "plans": {"free": {"l": {}}, "pro": {"l": plan}}}))
    };
    assert_eq!(
        of(json!({}), json!({"unlimited": true, "quota": 5})),
        ["error[plan] at limit.plans.pro.l.unlimited: expected either `unlimited` or a quota, found both"]
    );
    assert_eq!(
        of(json!({}), json!({"quota": 0})),
        ["error[quota] at limit.plans.pro.l.quota: expected at least 1: a quota of 0 would refuse everything"]
    );
    assert_eq!(
        of(json!({"burst": 2}), json!({"quota": 0})),
        ["error[quota] at limit.plans.pro.l.quota: expected at least 1: a quota of 0 would refuse everything"]
    );
    assert_eq!(
        of(json!({}), json!({"burst": 0})),
        ["error[quota] at limit.plans.pro.l.burst: expected at least 1: a quota of 0 would refuse everything"]
    );
    assert_eq!(
        of(json!({}), json!({"quota": "1MiB"})),
        [
            "error[quota] at limit.plans.pro.l.quota: expected a number, found `1MiB`\n  help: for a size write `unit: bytes` as well"
        ]
    );
    assert_eq!(
        of(json!({"algorithm": "sliding_log"}), json!({"burst": 5})),
        ["error[limit] at limit.plans.pro.l.burst: only `gcra` and `token_bucket` have a burst"]
    );
    assert_eq!(
        of(json!({"window": "0s"}), json!({"quota": 5})),
        ["error[window] at limit.limits.l.window: expected a window longer than 0: in no time there is no quota"]
    );
    assert_eq!(
        of(json!({"quota": 0}), json!({"over": "refuse"})),
        ["error[quota] at limit.limits.l.quota: expected at least 1: a quota of 0 would refuse everything"]
    );
    assert_eq!(
        of(json!({"quota": 0}), json!({"quota": 0})),
        [
            "error[quota] at limit.limits.l.quota: expected at least 1: a quota of 0 would refuse everything",
            "error[quota] at limit.plans.pro.l.quota: expected at least 1: a quota of 0 would refuse everything",
        ]
    );
}

#[test]
fn what_holds_for_all_limits_is_checked() {
    let secret = "error[usage-secret] at limit.usage.secret: expected at least 24 bytes in base64, with or without `whsec_` before it";
    for bad in ["", "whsec_", "not base64!", "c2hvcnQ=", "whsec_c2hvcnQ="] {
        is(json!({"usage": {"url": "https://billing.test/", "secret": bad}}), &[secret]);
    }
    for bad in ["billing.test", "https://billing.test/#a", "ftp://billing.test/"] {
        let found = found(json!({"usage": {"url": bad, "secret": usage()["secret"]}}));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].starts_with("error[url] at limit.usage.url: "), "{found:?}");
    }
    for bad in [0, 999, 10_000_001, u64::MAX] {
        let wrong = format!("error[max-keys] at limit.max_keys: expected 1000 to 10000000 keys, found {bad}");
        is(json!({"max_keys": bad}), &[&wrong]);
    }
    for bad in ["0s", "11s", "1h"] {
        is(
            json!({"store": {"timeout": bad}}),
            &["error[duration] at limit.store.timeout: expected more than `0s` and at most `10s`"],
        );
    }
    is(
        json!({"store": {"timeout": "soon"}}),
        &[
            "error[duration] at limit.store.timeout: expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `soon`",
        ],
    );
}

#[test]
fn every_mistake_of_a_limit_is_reported_at_once() {
    let found = found(json!({
        "limits": {"l": {
            "quota": 0, "window": "1m", "key": [{"cookie": ";"}], "cost": "nothing", "warn_at": [0], "burst": 0, "max_wait": "1s",
            "cost_after": {"header": " "},
        }},
        "default": ["l"],
        "max_keys": 1,
    }));
    let codes: Vec<&str> = found.iter().filter_map(|text| text.strip_prefix("error[")?.split(']').next()).collect();
    assert_eq!(
        codes,
        ["cookie", "quota", "limit", "limit", "cost", "header-name", "warn-at", "max-keys"],
        "{found:#?}"
    );
}
