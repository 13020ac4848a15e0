//! What a good document compiles to.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::compiled;
use crate::cache::Rule;
use crate::cache::rule::{
    Freshness, Heuristic, Identified, QueryRule, SetCookie, StatusRange, TagPart, TagTemplate, VaryBy,
};
use crate::filter::Mode;

fn only(rule: Value) -> Rule {
    compiled(json!({"rules": {"r": rule}})).caches.rules.remove(0)
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

#[test]
fn a_rule_that_says_nothing_leaves_all_to_the_upstream() {
    let rule = only(json!({}));
    assert_eq!((rule.name.as_str(), rule.mode), ("r", Mode::Enforce));
    assert_eq!(rule.methods, [Method::GET, Method::HEAD]);
    assert_eq!((rule.freshness, rule.ttl, rule.max_ttl, rule.heuristic), (Freshness::Respect, None, None, None));
    assert!(rule.ttl_by_status.is_empty());
    assert_eq!((rule.stale_while_revalidate, rule.stale_if_error, rule.refresh_early), (None, None, None));
    assert_eq!(rule.vary_by, VaryBy::default());
    assert_eq!((rule.identified, rule.set_cookie), (None, SetCookie::Refuse));
    assert_eq!(rule.max_size, 4 << 20);
    assert!(rule.bypass.is_none() && rule.client_directives && rule.tags.is_empty() && !rule.make_etag);
    assert_eq!(rule.tag_fields, ["cache-tag", "surrogate-key"]);
    assert_eq!(rule.coalesce, seconds(5));
}

#[test]
fn a_rule_compiles_to_what_it_says() {
    let rule = only(json!({
        "mode": "shadow", "methods": ["QUERY", "GET"], "freshness": "override", "ttl": "5m",
        "ttl_by_status": {"404": "30s", "5xx": "1s", "200-299": "2m"}, "max_ttl": "1d", "heuristic": {"percent": 20, "most": "2h"},
        "stale_while_revalidate": "30s", "stale_if_error": "1h", "refresh_early": "10s",
        "vary_by": {
            "headers": ["X-Tenant"], "query": {"only": ["page", "filter[name]"]}, "cookies": ["lang"], "claims": ["realm_access.tenant"],
            "consumer": true, "plan": true, "device": true,
        },
        "identified": "together", "set_cookie": "strip", "max_size": "512MiB", "bypass": "\"preview\" in request.query",
        "client_directives": false, "tags": ["product:{id}", "catalogue"], "tag_headers": ["X-Tags"], "etag": true, "coalesce": "60s",
    }));
    assert_eq!(
        (rule.mode, rule.freshness, rule.ttl, rule.max_ttl),
        (Mode::Shadow, Freshness::Override, seconds(300), seconds(86_400))
    );
    assert_eq!(rule.methods.iter().map(Method::as_str).collect::<Vec<_>>(), ["QUERY", "GET"]);
    assert_eq!(rule.heuristic, Some(Heuristic { percent: 20, most: Duration::from_secs(7200) }));
    assert_eq!(
        (rule.stale_while_revalidate, rule.stale_if_error, rule.refresh_early),
        (seconds(30), seconds(3600), seconds(10))
    );
    let vary_by = &rule.vary_by;
    assert_eq!(vary_by.headers, ["x-tenant"]);
    assert_eq!(vary_by.query, QueryRule::Only(vec!["page".to_owned(), "filter[name]".to_owned()]));
    assert_eq!((vary_by.cookies.as_slice(), vary_by.claims.len()), (&["lang".to_owned()][..], 1));
    assert_eq!(vary_by.claims.first().unwrap().to_string(), "realm_access.tenant");
    assert!(vary_by.consumer && vary_by.plan && vary_by.device);
    assert_eq!((rule.identified, rule.set_cookie), (Some(Identified::Together), SetCookie::Strip));
    assert_eq!((rule.max_size, rule.coalesce), (512 << 20, seconds(60)));
    assert_eq!(rule.bypass.unwrap().text(), "\"preview\" in request.query");
    assert!(!rule.client_directives && rule.make_etag);
    assert_eq!(rule.tag_fields, ["x-tags"]);
    let tags = [
        TagTemplate(vec![TagPart::Text("product:".to_owned()), TagPart::Parameter("id".to_owned())]),
        TagTemplate(vec![TagPart::Text("catalogue".to_owned())]),
    ];
    assert_eq!(rule.tags, tags);
}

#[test]
fn the_other_words_compile_too() {
    let rule = only(json!({
        "mode": "off", "heuristic": {}, "vary_by": {"query": {"without": ["utm_source"]}}, "identified": "apart", "set_cookie": "store",
        "tag_headers": [], "coalesce": "0s", "ttl": "0s", "methods": ["HEAD"],
    }));
    assert_eq!(rule.mode, Mode::Off);
    assert_eq!(rule.heuristic, Some(Heuristic { percent: 10, most: Duration::from_secs(86_400) }));
    assert_eq!(rule.vary_by.query, QueryRule::Without(vec!["utm_source".to_owned()]));
    assert_eq!((rule.identified, rule.set_cookie), (Some(Identified::Apart), SetCookie::Store));
    assert_eq!((rule.coalesce, rule.ttl), (None, Some(Duration::ZERO)));
    assert!(rule.tag_fields.is_empty());
    assert_eq!(only(json!({"identified": "bypass"})).identified, Some(Identified::Bypass));
}

#[test]
fn of_times_by_status_the_most_specific_comes_first() {
    let rule = only(json!({"ttl_by_status": {
        "2xx": "1s", "5xx": "2s", "200-599": "3s", "400-499": "4s", "300-399": "5s", "404": "6s", "410": "7s", "403-405": "8s",
    }}));
    let order: Vec<(u16, u16, u64)> =
        rule.ttl_by_status.iter().map(|(StatusRange { first, last }, ttl)| (*first, *last, ttl.as_secs())).collect();
    assert_eq!(
        order,
        [
            (404, 404, 6),
            (410, 410, 7),
            (403, 405, 8),
            (300, 399, 5),
            (400, 499, 4),
            (200, 599, 3),
            (200, 299, 1),
            (500, 599, 2),
        ]
    );
}

#[test]
fn what_holds_for_all_compiles_to_what_it_says() {
    let caches = compiled(json!({})).caches;
    assert!(caches.rules.is_empty() && caches.triggers.is_empty() && caches.tells_status);
    assert_eq!((caches.name.as_str(), caches.memory), ("gate", 64 << 20));
    let caches = compiled(json!({"status": false, "name": "edge of the sea", "memory": "1024GiB"})).caches;
    assert_eq!((caches.tells_status, caches.name.as_str(), caches.memory), (false, "edge of the sea", 1 << 40));
    assert_eq!(compiled(json!({"memory": "1MiB"})).caches.memory, 1 << 20);
}
