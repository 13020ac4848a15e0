//! Which requests the cache has to do with, and that no two of them that differ share a key.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use http::HeaderValue;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::examples::{NOW_MS, fields, rule};
use super::super::rule::{TagPart, TagTemplate};
use super::*;
use crate::authenticate::Consumer;
use crate::authenticate::claims::ClaimPath;
use crate::config::{NoVariables, Purpose, Route, compile_value};
use crate::filter::path::{NormalPath, configured};
use crate::receive::{BodyLength, Client, Facts};
use crate::route::{Params, PathPattern};

static ROUTE: LazyLock<Route> = LazyLock::new(|| {
    let document = json!({"routes": [{"name": "orders", "to": {"respond": {}}}]});
    compile_value(&document, &NoVariables, Purpose::Check).gateway.expect("a gateway").routes.remove(0)
});

/// Everything that makes a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    rule: String,
    route: String,
    is_https: bool,
    authority: String,
    path: String,
    query: Option<String>,
    /// Authenticator and name of each consumer.
    consumers: Vec<(String, String)>,
    plan: Option<String>,
    tenant: Option<String>,
    field: Option<String>,
    cookie: Option<String>,
    agent: &'static str,
    body: Option<Vec<u8>>,
    body_type: Option<String>,
    body_coding: Option<String>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            rule: "all".into(),
            route: "orders".into(),
            is_https: true,
            authority: "api.test".into(),
            path: "/orders/42".into(),
            query: None,
            consumers: Vec::new(),
            plan: None,
            tenant: None,
            field: None,
            cookie: None,
            agent: "",
            body: None,
            body_type: None,
            body_coding: None,
        }
    }
}

/// A request as the stages before make it.
struct Made {
    identity: Identity,
    head: RequestHead,
    facts: Facts,
    path: NormalPath<'static>,
    route: Route,
    params: Params,
}

impl Made {
    fn of(request: &Request) -> Self {
        let claims: Map<String, Value> =
            request.tenant.iter().map(|tenant| ("tenant".to_owned(), json!(tenant))).collect();
        let consumers = request.consumers.iter().map(|(authenticator, id)| {
            let (authenticator, id) = (authenticator.clone(), id.clone());
            Arc::new(Consumer {
                id,
                authenticator,
                plan: request.plan.clone(),
                claims: claims.clone(),
                ..Consumer::default()
            })
        });
        let known: Vec<_> = consumers.collect();
        let cookie = request.cookie.as_ref().map(|cookie| format!("other=1; session={cookie}"));
        let agent = Some(request.agent.to_owned());
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-field", &request.field),
            ("cookie", &cookie),
            ("user-agent", &agent),
            ("content-type", &request.body_type),
            ("content-encoding", &request.body_coding),
        ] {
            if let Some(value) = value {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
        }
        let scheme = if request.is_https { Scheme::Https } else { Scheme::Http };
        let path = configured(&request.path).unwrap();
        let pattern = if request.path.split('/').count() == 3 { "/orders/{id}" } else { &request.path };
        let pattern = Arc::new(PathPattern::template(pattern).unwrap());
        Self {
            identity: if known.is_empty() { Identity::Anonymous } else { Identity::Known(known) },
            head: RequestHead {
                method: if request.body.is_some() { Method::from_bytes(b"QUERY").unwrap() } else { Method::GET },
                scheme: Scheme::Http,
                authority: Some(request.authority.clone()),
                path: request.path.clone(),
                query: request.query.clone(),
                headers,
            },
            facts: Facts {
                client: Client::default(),
                scheme,
                host: Some(request.authority.split(':').next().unwrap().to_owned()),
                authority: Some(request.authority.clone()),
                body: BodyLength::Unknown,
                certificate: None,
                country: None,
            },
            params: Params::of(&pattern, &path).unwrap(),
            path,
            route: Route { name: request.route.clone(), ..ROUTE.clone() },
        }
    }

    fn asked(&self) -> authorize::Asked<'_> {
        authorize::Asked {
            identity: &self.identity,
            head: &self.head,
            facts: &self.facts,
            path: &self.path,
            route: &self.route,
            params: &self.params,
            now_ms: NOW_MS,
        }
    }
}

/// A rule for which everything makes a difference.
fn particular() -> Rule {
    let vary_by = VaryBy {
        headers: vec!["x-field".parse().unwrap()],
        query: QueryRule::Whole,
        cookies: vec!["session".into()],
        claims: vec![ClaimPath::member("tenant")],
        consumer: true,
        plan: true,
        device: true,
    };
    Rule { vary_by, ..rule() }
}

fn key(rule: &Rule, request: &Request) -> Key {
    let rule = Rule { name: request.rule.clone(), ..rule.clone() };
    of(&rule, &Made::of(request).asked(), request.body.as_deref()).key
}

/// Short texts of few signs, so that parts that are run together would meet.
fn text() -> impl Strategy<Value = String> {
    "[a=&;]{1,3}|header|x-field|-|query"
}

fn requests() -> impl Strategy<Value = Request> {
    let some = || proptest::option::of("[a=&]{1,3}");
    let token = || proptest::option::of("[ab]{1,2}");
    let path = "/orders/[ab]{1,2}|/[ab](/[ab]){2,3}";
    let authority = "[ab]\\.test(:8[01])?";
    let target = (text(), text(), any::<bool>(), authority, path, proptest::option::of("[a=&]{0,3}"));
    let who = (prop::collection::vec((text(), text()), 0..3), some(), some());
    let agents = prop::sample::select(vec!["", "iPhone Mobile", "iPad"]);
    let body = proptest::option::of(prop::collection::vec(any::<u8>(), 0..3));
    let rest = (token(), token(), agents, body, token(), token());
    (target, who, rest).prop_map(
        |((rule, route, is_https, authority, path, query), (consumers, plan, tenant), rest)| {
            let (field, cookie, agent, body, body_type, body_coding) = rest;
            Request {
                rule,
                route,
                is_https,
                authority,
                path,
                query,
                // A plan and claims are somebody's.
                plan: plan.filter(|_| !consumers.is_empty()),
                tenant: tenant.filter(|_| !consumers.is_empty()),
                consumers,
                field,
                cookie,
                agent,
                // What a body is, only a body has.
                body_type: body_type.filter(|_| body.is_some()),
                body_coding: body_coding.filter(|_| body.is_some()),
                body,
            }
        },
    )
}

const DIMENSIONS: usize = 13;

/// `one` with one thing of `other`.
fn with(one: &Request, other: &Request, dimension: usize) -> Request {
    let (mut changed, other) = (one.clone(), other.clone());
    let has_body = changed.body.is_some();
    match dimension {
        0 => changed.rule = other.rule,
        1 => changed.route = other.route,
        2 => changed.is_https = other.is_https,
        3 => changed.authority = other.authority,
        4 => changed.path = other.path,
        5 => changed.query = other.query,
        6 if !other.consumers.is_empty() && !changed.consumers.is_empty() => changed.consumers = other.consumers,
        7 if !changed.consumers.is_empty() => changed.plan = other.plan,
        8 if !changed.consumers.is_empty() => changed.tenant = other.tenant,
        9 => changed.field = other.field,
        10 => changed.cookie = other.cookie,
        11 => changed.agent = other.agent,
        12 if has_body && other.body.is_some() => changed.body = other.body,
        13 if has_body => (changed.body_type, changed.body_coding) = (other.body_type, other.body_coding),
        _ => {}
    }
    changed
}

proptest! {
    #[test]
    fn requests_that_differ_in_anything_that_counts_have_different_keys(one in requests(), other in requests(), dimension in 0..=DIMENSIONS) {
        let rule = particular();
        let changed = with(&one, &other, dimension);
        prop_assert_eq!(key(&rule, &one) == key(&rule, &changed), one == changed, "{:?}", changed);
        prop_assert_eq!(key(&rule, &one) == key(&rule, &other), one == other);
    }

    #[test]
    fn no_list_of_parts_is_another(one in parts(), other in parts()) {
        let key = |parts: &[(String, Vec<u8>)]| {
            let mut maker = KeyMaker::new();
            parts.iter().for_each(|(name, value)| maker.add(name, value));
            maker.key()
        };
        prop_assert_eq!(key(&one) == key(&other), one == other);
    }

    #[test]
    fn variants_differ_by_what_is_named(names in prop::collection::btree_set("x-[ab]", 0..3), other_names in prop::collection::btree_set("x-[ab]", 0..3), values in prop::collection::vec(proptest::option::of("[ab]{0,1}"), 4)) {
        let request = of(&rule(), &Made::of(&Request::default()).asked(), None);
        let headers = |values: &[Option<String>]| {
            let lines = ["x-a", "x-b"].into_iter().zip(values).filter_map(|(name, value)| Some((name, value.clone()?)));
            lines.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        let selected = |names: &BTreeSet<String>, headers: &HeaderMap| -> Vec<_> {
            names.iter().map(|name| (name.clone(), headers.get(name).cloned())).collect()
        };
        let variant = |names: &BTreeSet<String>, headers: &HeaderMap| {
            request.variant("g", &names.iter().cloned().collect::<Vec<_>>(), headers)
        };
        let (one, other) = (headers(&values[..2]), headers(&values[2..]));
        prop_assert_eq!(variant(&names, &one) == variant(&other_names, &other), selected(&names, &one) == selected(&other_names, &other));
        prop_assert_ne!(variant(&names, &one), request.key);
        prop_assert_ne!(variant(&names, &one), CacheRequest::part(&request.key));
    }

    #[test]
    fn a_crafted_request_cannot_be_taken_for_a_variant_of_another_generation(one in "[a-f]{0,3}", other in "[a-f]{0,3}") {
        let request = of(&rule(), &Made::of(&Request::default()).asked(), None);
        let variant = |generation: &str| request.variant(generation, &[], &HeaderMap::new());
        prop_assert_eq!(variant(&one) == variant(&other), one == other);
    }
}

fn parts() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    prop::collection::vec(("[a\0]{0,3}", prop::collection::vec(0..2_u8, 0..3)), 0..3)
}

#[test]
fn spellings_that_mean_the_same_share_a_key() {
    let same = |vary_by: VaryBy, one: Request, other: Request| {
        let rule = Rule { vary_by, ..rule() };
        key(&rule, &one) == key(&rule, &other)
    };
    let query = |text: &str| Request { query: Some(text.into()), ..Request::default() };
    let only = || VaryBy { query: QueryRule::Only(vec!["id".into(), "a b".into()]), ..VaryBy::default() };
    let without = || VaryBy { query: QueryRule::Without(vec!["utm".into()]), ..VaryBy::default() };
    assert!(same(only(), query("id=1&x=2"), query("x=3&&id=1")));
    assert!(same(only(), query("x=1"), Request::default()));
    assert!(!same(only(), query("id=1&id=2"), query("id=2&id=1")));
    assert!(!same(only(), query("id"), query("id=")));
    assert!(same(without(), query("b=1&utm=x&a=2"), query("a=2&b=1")));
    assert!(same(without(), query("utm=x"), Request::default()));
    assert!(!same(without(), query("%75tm=x"), Request::default()));
    assert!(!same(VaryBy::default(), query("a=1&b=2"), query("b=2&a=1")));
    assert!(!same(VaryBy::default(), query(""), Request::default()));
    let field = |text: &str| Request { field: Some(text.into()), ..Request::default() };
    let by_field = || VaryBy { headers: vec!["x-field".parse().unwrap()], ..VaryBy::default() };
    assert!(same(by_field(), field("1, 2"), field("1 ,2")));
    assert!(same(VaryBy::default(), field("1"), field("2")));
}

#[test]
fn a_parameter_is_not_smuggled_past_the_key_by_another_spelling() {
    let rule = Rule {
        vary_by: VaryBy { query: QueryRule::Only(vec!["id".into(), "a b".into()]), ..VaryBy::default() },
        ..rule()
    };
    let plain = key(&rule, &Request::default());
    for text in ["%69d=1", "i%64=1", "%69%64", "a+b=1", "a%20b=1"] {
        assert_ne!(key(&rule, &Request { query: Some(text.into()), ..Request::default() }), plain, "{text}");
    }
}

fn by(names: &[(&str, &str)]) -> Request {
    let consumers = names.iter().map(|(authenticator, id)| ((*authenticator).into(), (*id).into())).collect();
    Request { consumers, ..Request::default() }
}

#[test]
fn those_who_are_known_are_apart_unless_the_rule_puts_them_together() {
    let (alice, bob) = (by(&[("key", "acme"), ("jwt", "alice")]), by(&[("key", "acme"), ("jwt", "bob")]));
    let shares = |identified, consumer| {
        let rule = Rule { identified, vary_by: VaryBy { consumer, ..VaryBy::default() }, ..rule() };
        [key(&rule, &alice) == key(&rule, &bob), key(&rule, &alice) == key(&rule, &Request::default())]
    };
    assert_eq!(shares(None, false), [false, false]);
    assert_eq!(shares(Some(Identified::Apart), false), [false, false]);
    assert_eq!(shares(Some(Identified::Together), false), [true, true]);
    assert_eq!(shares(Some(Identified::Together), true), [false, false]);
}

#[test]
fn credentials_of_somebody_who_is_not_known_here_are_heeded() {
    let is_authorized = |identified, request: &Request| {
        let mut made = Made::of(request);
        made.head.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        of(&Rule { identified, ..rule() }, &made.asked(), None).is_authorized
    };
    let (nobody, alice) = (Request::default(), by(&[("jwt", "alice")]));
    for (identified, expected) in [
        (None, [true, true]),
        (Some(Identified::Apart), [true, false]),
        (Some(Identified::Bypass), [true, false]),
        (Some(Identified::Together), [false, false]),
    ] {
        assert_eq!([&nobody, &alice].map(|who| is_authorized(identified, who)), expected, "{identified:?}");
    }
    assert!(!of(&rule(), &Made::of(&nobody).asked(), None).is_authorized);
}

#[test]
fn some_requests_are_none_for_the_cache() {
    let methods = vec![Method::GET, Method::from_bytes(b"QUERY").unwrap()];
    let rule = Rule { methods, identified: Some(Identified::Bypass), ..rule() };
    let refused = |request: &Request, lines: &[&str]| {
        let mut made = Made::of(request);
        made.head.headers.extend(fields(lines));
        consider(&rule, &made.asked(), request.body.as_deref()).err()
    };
    let plain = Request::default();
    assert_eq!(refused(&plain, &[]), None);
    assert_eq!(refused(&plain, &["if-none-match: \"a\"", "range: bytes=0-1", "if-range: \"a\""]), None);
    assert_eq!(refused(&plain, &["if-match: \"a\""]), Some(Bypass::Condition));
    assert_eq!(refused(&plain, &["if-unmodified-since: x"]), Some(Bypass::Condition));
    assert_eq!(refused(&plain, &["upgrade: websocket"]), Some(Bypass::Upgrade));
    assert_eq!(refused(&by(&[("jwt", "alice")]), &[]), Some(Bypass::Identified));
    assert_eq!(refused(&Request { body: Some(vec![1]), ..Request::default() }, &[]), None);
    let mut made = Made::of(&Request { body: Some(vec![1]), ..Request::default() });
    assert_eq!(consider(&rule, &made.asked(), None).err(), Some(Bypass::Method), "nobody read what it asks");
    made.head.method = Method::POST;
    assert_eq!(consider(&rule, &made.asked(), None).err(), Some(Bypass::Method));
}

#[test]
fn wishes_count_where_the_rule_heeds_them() {
    let mut made = Made::of(&Request::default());
    made.head.headers.extend(fields(&["cache-control: no-store"]));
    for client_directives in [true, false] {
        let rule = Rule { client_directives, ..rule() };
        assert_eq!(of(&rule, &made.asked(), None).wishes.no_store, client_directives);
    }
}

#[test]
fn tags_are_filled_from_the_path() {
    let template =
        |text: &str, name: &str| TagTemplate(vec![TagPart::Text(text.into()), TagPart::Parameter(name.into())]);
    let rule = Rule { tags: vec![template("order:", "id"), template("x:", "absent")], ..rule() };
    assert_eq!(of(&rule, &Made::of(&Request::default()).asked(), None).tags, ["order:42"]);
}

#[test]
fn devices_are_told_by_what_they_say() {
    for (lines, expected) in [
        (&[][..], "desktop"),
        (&["user-agent: Mozilla/5.0 (X11; Linux x86_64)"], "desktop"),
        (&["user-agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"], "mobile"),
        (&["user-agent: Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"], "mobile"),
        (&["user-agent: Mozilla/5.0 (Linux; Android 14) Safari/537.36"], "tablet"),
        (&["user-agent: Mozilla/5.0 (iPad; CPU OS 16_0) Mobile/15E148"], "tablet"),
        (&["user-agent: x", "sec-ch-ua-mobile: ?1"], "mobile"),
        (&["user-agent: x", "sec-ch-ua-mobile: ?0"], "desktop"),
    ] {
        assert_eq!(device(&fields(lines)), expected, "{lines:?}");
    }
}

#[test]
fn methods_that_are_not_known_to_be_safe_change_something() {
    for (method, expected) in [
        ("GET", false),
        ("HEAD", false),
        ("OPTIONS", false),
        ("QUERY", false),
        ("PROPFIND", false),
        ("POST", true),
        ("PUT", true),
        ("DELETE", true),
        ("PATCH", true),
        ("M-SEARCH", true),
        ("get", true),
    ] {
        assert_eq!(is_unsafe(&Method::from_bytes(method.as_bytes()).unwrap()), expected, "{method}");
    }
}
