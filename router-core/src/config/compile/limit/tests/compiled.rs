//! What a good document compiles to.

use serde_json::{Value, json};

use super::{checked, limit, usage};
use crate::limit::Limit;
use crate::limit::limits::{Accuracy, Cost, Counts, LeaseRules, Missing, OnError, Unit};
use crate::limit::owner::OnOver;
use crate::limit::part::Part;

fn compiled(section: Value) -> crate::config::Gateway {
    let checked = checked(section, json!({}));
    checked.gateway.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn only(more: Value) -> Limit {
    compiled(json!({"limits": {"l": limit(&more)}})).limits.limits.remove(0)
}

#[test]
fn a_limit_compiles_to_what_it_says() {
    let plain = only(json!({"key": ["consumer", {"header": "X-Tenant"}]}));
    assert_eq!((plain.name.as_str(), plain.quota.units, plain.quota.window_s), ("l", 10, Some(60)));
    assert_eq!(plain.key, [Part::Consumer, Part::Header("x-tenant".parse().unwrap())]);
    assert!(matches!(plain.cost, Cost::Fixed(1)));
    assert_eq!((plain.missing, plain.unit, plain.counts), (Missing::Share, Unit::Requests, Counts::All));
    assert_eq!(
        (plain.accuracy, plain.on_error, plain.quota.on_over),
        (Accuracy::Exact, OnError::Local, OnOver::Refuse)
    );
    assert!(!plain.lowered && plain.plans.is_empty() && plain.warn_at.is_empty() && plain.cost_after.is_none());
    let other = only(json!({
        "algorithm": "fixed_window", "unit": "bytes", "quota": "10MiB", "window": "1h", "missing": "refuse", "count": "success",
        "cost_after": {"header": "X-Bytes"}, "accuracy": "local", "on_error": "deny", "warn_at": [100, 50, 100],
    }));
    assert_eq!((other.quota.units, other.quota.window_s), (10 << 20, Some(3600)));
    assert_eq!((other.missing, other.unit, other.counts), (Missing::Refuse, Unit::Bytes, Counts::Success));
    assert_eq!((other.accuracy, other.on_error), (Accuracy::Local, OnError::Deny));
    assert_eq!(other.cost_after.unwrap(), "x-bytes");
    assert_eq!(other.warn_at, [50, 100]);
}

#[test]
fn what_clients_are_told_is_what_can_be_had_at_once_and_when_it_is_back() {
    for (more, units, window_s) in [
        (json!({}), 10, Some(60)),
        (json!({"burst": 2}), 2, Some(12)),
        (json!({"burst": 20}), 20, Some(120)),
        (json!({"quota": 7, "burst": 3}), 3, Some(26)),
        (json!({"window": "100ms"}), 10, Some(1)),
        (json!({"window": "1500ms"}), 10, Some(2)),
        (json!({"algorithm": "leaky_bucket"}), 10, Some(60)),
        (json!({"algorithm": "sliding_window"}), 10, Some(60)),
        (json!({"algorithm": "concurrency", "window": null}), 10, None),
        (json!({"algorithm": "fixed_window", "window": "day"}), 10, Some(86_400)),
    ] {
        let quota = only(more.clone()).quota;
        assert_eq!((quota.units, quota.window_s), (units, window_s), "{more}");
    }
}

#[test]
fn leases_last_a_quarter_of_the_window_and_take_a_quarter_of_the_quota() {
    let of = |quota: u64, window: &str| match only(json!({"accuracy": "leased", "quota": quota, "window": window}))
        .accuracy
    {
        Accuracy::Leased(LeaseRules { ttl_ms, most }) => (ttl_ms, most),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(100, "20s"), (5_000, 25));
    assert_eq!(of(100, "1h"), (10_000, 25));
    assert_eq!(of(3, "4s"), (1_000, 1));
}

#[test]
fn a_plan_has_what_it_names_and_else_what_the_limit_has() {
    let section = json!({
        "limits": {"l": limit(&json!({"algorithm": "token_bucket", "burst": 4}))},
        "plans": {
            "free": {}, "same": {"l": {}}, "pro": {"l": {"quota": 100}}, "steady": {"l": {"quota": 100, "burst": 1}},
            "staff": {"l": {"unlimited": true}},
        },
    });
    let limits = compiled(section).limits;
    let limit = &limits.limits[0];
    let units = |plan: Option<&str>| limit.quota(plan).map(|quota| (quota.units, quota.window_s.unwrap()));
    assert_eq!(units(None), Some((4, 24)));
    assert_eq!(units(Some("free")), Some((4, 24)));
    assert_eq!(units(Some("no plan at all")), Some((4, 24)));
    assert_eq!(units(Some("same")), Some((4, 24)));
    assert_eq!(units(Some("pro")), Some((100, 60)));
    assert_eq!(units(Some("steady")), Some((1, 1)));
    assert_eq!(units(Some("staff")), None);
}

#[test]
fn a_lowered_limit_keeps_at_least_one() {
    let section = json!({
        "limits": {"few": limit(&json!({"quota": 3})), "many": limit(&json!({"quota": 1000, "burst": 100})), "spared": limit(&json!({}))},
        "plans": {"pro": {"many": {"quota": 5000}}},
        "brownout": {"capacity": 20, "limits": ["few", "many"]},
    });
    let limits = compiled(section).limits.limits;
    let units: Vec<(u64, bool)> = limits.iter().map(|limit| (limit.quota.units, limit.lowered)).collect();
    assert_eq!(units, [(1, true), (20, true), (10, false)]);
    assert_eq!(limits[1].quota(Some("pro")).unwrap().units, 1000);
}

#[test]
fn routes_have_the_default_unless_they_name_their_own_and_none_that_is_off() {
    let of = |route: Value| {
        let section = json!({
            "limits": {"a": limit(&json!({})), "b": limit(&json!({})), "c": limit(&json!({"mode": "off"}))},
            "default": ["b", "c", "a"],
        });
        let gateway = checked(section, route).gateway.unwrap();
        let limits = gateway.routes[0].limits.iter().map(|index| gateway.limits.limits[*index].name.clone());
        limits.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(json!({})), "b a");
    assert_eq!(of(json!({"limit": []})), "");
    assert_eq!(of(json!({"limit": ["c", "a"]})), "a");
}

#[test]
fn what_holds_for_all_compiles_to_what_it_says() {
    let limits = compiled(json!({})).limits;
    assert_eq!((limits.max_keys, limits.patience.as_millis(), limits.usage.is_none()), (100_000, 500, true));
    let limits = compiled(json!({
        "max_keys": 1000, "store": {"timeout": "2s"}, "usage": usage(), "fields": {"hidden": true, "legacy": true},
    }))
    .limits;
    assert_eq!((limits.max_keys, limits.patience.as_millis()), (1000, 2000));
    let reporting = limits.usage.unwrap();
    assert_eq!(reporting.endpoint.path_and_query(), "/usage");
    assert!(!format!("{reporting:?}").contains("0123"), "{reporting:?}");
    assert!(limits.fields.hidden && limits.fields.legacy && !limits.fields.partition_key);
}
