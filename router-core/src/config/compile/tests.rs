use serde_json::{Value, json};

use super::*;
use crate::config::variables::{Kind, NoVariables};

fn checked(document: Value) -> Checked {
    compile_value(&document, &NoVariables, Purpose::Run)
}

/// The codes and paths of all that is wrong.
fn found(document: Value) -> Vec<(String, String)> {
    let checked = checked(document);
    checked.diagnostics.iter().map(|diagnostic| (diagnostic.code.to_owned(), diagnostic.path.to_string())).collect()
}

fn only(document: Value) -> (String, String) {
    let mut all = found(document);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn pair(code: &str, path: &str) -> (String, String) {
    (code.to_owned(), path.to_owned())
}

fn route(extra: Value) -> Value {
    let mut route = json!({"name": "a", "to": {"echo": {}}});
    for (key, value) in extra.as_object().unwrap() {
        route[key] = value.clone();
    }
    json!({"routes": [route]})
}

#[test]
fn an_empty_document_is_a_gateway_that_answers_404() {
    let checked = checked(json!({}));
    assert!(checked.gateway.is_some());
    assert_eq!(checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["no-routes"]);
}

#[test]
fn every_mistake_is_reported_at_once_with_its_place() {
    let document = json!({
        "version": 2,
        "name": "a b",
        "receive": {"max_url": "9", "max_headers": "2MiB", "trusted_proxies": ["10.0.0.1/8", "x"], "max_hops": 0},
        "filter": {"addresses": {}, "cors": {"origins": ["any", {"exact": "https://a.test/x"}], "credentials": true}},
        "upstreams": {"shop": {"targets": [{"url": "ftp://x"}], "timeouts": {"idle": "soon"}}},
        "routes": [
            {"name": "a", "match": {"hosts": ["*"], "paths": [{"template": "/{a}{b}"}, {"regex": "("}], "methods": ["get", "B AD"]}, "to": {"upstream": "shop"}},
            {"name": "a", "to": {"upstream": "shpo"}, "request": {"headers": {"set": {"host": "x", "a b": "c"}}}},
            {"name": "c", "rewrite": {"template": "/x/{id}"}, "to": {"redirect": {}}},
            {"name": "d", "upgrade": ["websocket"], "to": {"respond": {"status": 204, "body": "x"}}},
        ],
        "native": {"listeners": [{"address": "here"}], "threads": 0, "redis": "redis://:secret@"},
    });
    let found: Vec<String> = found(document).into_iter().map(|(code, path)| format!("{code} {path}")).collect();
    let expected = [
        "version version",
        "name name",
        "target upstreams.shop.targets[0].url",
        "duration upstreams.shop.timeouts.idle",
        "host routes[0].match.hosts[0]",
        "path routes[0].match.paths[0].template",
        "path routes[0].match.paths[1].regex",
        "method routes[0].match.methods[0]",
        "method routes[0].match.methods[1]",
        "duplicate-name routes[1].name",
        "unknown-upstream routes[1].to.upstream",
        "header-name routes[1].request.headers.set[\"a b\"]",
        "header-reserved routes[1].request.headers.set.host",
        "unknown-parameter routes[2].rewrite.template",
        "redirect routes[2].to.redirect",
        "upgrade-without-upstream routes[3].upgrade",
        "body routes[3].to.respond.body",
        "size receive.max_url",
        "size receive.max_headers",
        "limit receive.max_hops",
        "network receive.trusted_proxies[0]",
        "network receive.trusted_proxies[1]",
        "empty-policy filter.addresses",
        "origin filter.cors.origins[1].exact",
        "cors-credentials filter.cors.credentials",
        "address native.listeners[0].address",
        "threads native.threads",
        "redis native.redis",
    ];
    for expected in expected {
        assert!(found.iter().any(|found| found == expected), "missing {expected} in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn an_unknown_upstream_names_the_nearest() {
    let document = json!({"upstreams": {"shop": {"targets": [{"url": "http://a"}]}}, "routes": [{"name": "a", "to": {"upstream": "shpo"}}]});
    let checked = checked(document);
    assert_eq!(checked.diagnostics.iter().next().unwrap().help.as_deref(), Some("did you mean `shop`?"));
}

#[test]
fn routes_that_overlap_wholly_are_warned_about() {
    let document = json!({"routes": [
        {"name": "a", "match": {"paths": [{"prefix": "/x"}]}, "to": {"echo": {}}},
        {"name": "b", "match": {"paths": [{"prefix": "/x"}]}, "to": {"echo": {}}},
    ]});
    let checked = checked(document);
    assert!(checked.gateway.is_some());
    let warning = checked.diagnostics.iter().next().unwrap();
    assert_eq!((warning.code, warning.path.to_string().as_str()), ("route-identical", "routes[1].match"));
    assert!(warning.message.contains("`b`") && warning.message.contains("`a`"), "{}", warning.message);
}

#[test]
fn a_route_inherits_the_deadlines_it_does_not_set() {
    let document = json!({
        "upstreams": {"shop": {"targets": [{"url": "http://a"}], "timeouts": {"connect": "1s", "idle": "0s"}}},
        "routes": [{"name": "a", "timeouts": {"total": "9s"}, "to": {"upstream": "shop"}}],
    });
    let gateway = checked(document).gateway.unwrap();
    let super::super::Action::Upstream { timeouts, .. } = &gateway.routes[0].action else { panic!("not an upstream") };
    let seconds = |duration: Option<std::time::Duration>| duration.map(|duration| duration.as_secs());
    assert_eq!(
        [seconds(timeouts.connect), seconds(timeouts.first_byte), seconds(timeouts.idle), seconds(timeouts.total)],
        [Some(1), Some(30), None, Some(9)]
    );
}

struct Secret;
impl Variables for Secret {
    fn value(&self, kind: Kind, name: &str) -> Option<String> {
        (kind == Kind::Secret && name == "TOKEN").then(|| "hunter2".to_owned())
    }
}

#[test]
fn a_variable_without_a_value_is_an_error_to_serve_and_a_warning_to_check() {
    let document = json!({
        "upstreams": {"shop": {"targets": [{"url": "${env:ORIGIN}"}]}},
        "routes": [{"name": "a", "request": {"headers": {"set": {"authorization": "Bearer ${secret:TOKEN}"}}}, "to": {"upstream": "shop"}}],
    });
    let served = compile_value(&document, &Secret, Purpose::Run);
    assert!(served.gateway.is_none() && served.diagnostics.errors() == 1, "{:?}", served.diagnostics);
    let looked_at = compile_value(&document, &Secret, Purpose::Check);
    assert!(
        looked_at.gateway.is_none() && looked_at.diagnostics.errors() == 0 && looked_at.diagnostics.warnings() == 1
    );
}

#[test]
fn the_epoch_names_the_document_and_not_its_secrets() {
    let document = json!({"routes": [{"name": "a", "response": {"headers": {"set": {"x-a": "${secret:TOKEN}"}}}, "to": {"echo": {}}}]});
    let with_secret = compile_value(&document, &Secret, Purpose::Run).gateway.unwrap();
    let literal =
        json!({"routes": [{"name": "a", "response": {"headers": {"set": {"x-a": "hunter2"}}}, "to": {"echo": {}}}]});
    assert_ne!(with_secret.epoch, checked(literal).gateway.unwrap().epoch);
    assert_eq!(with_secret.epoch, compile_value(&document, &Secret, Purpose::Run).gateway.unwrap().epoch);
}

#[test]
fn what_is_remembered_belongs_to_the_document_with_its_secrets() {
    struct Other;
    impl Variables for Other {
        fn value(&self, _: Kind, _: &str) -> Option<String> {
            Some("hunter3".to_owned())
        }
    }
    let document = json!({"routes": [{"name": "a", "response": {"headers": {"set": {"x-a": "${secret:TOKEN}"}}}, "to": {"echo": {}}}]});
    let gateway = |variables: &dyn Variables| compile_value(&document, variables, Purpose::Run).gateway.unwrap();
    let (one, other) = (gateway(&Secret), gateway(&Other));
    assert_eq!(one.epoch, other.epoch);
    assert!(one.memory_scope != other.memory_scope && one.memory_scope == gateway(&Secret).memory_scope);
    assert!(format!("{one:?}").contains("MemoryScope(…)"));
}

#[test]
fn reserved_fields_cannot_be_edited() {
    for field in ["content-length", "connection", "x-request-id", "transfer-encoding"] {
        let (code, _) = only(route(json!({"response": {"headers": {"remove": [field]}}})));
        assert_eq!(code, "header-reserved", "{field}");
    }
    assert!(found(route(json!({"response": {"headers": {"set": {"host": "x"}}}}))).is_empty());
}

#[test]
fn a_network_with_host_bits_says_which_network_was_meant() {
    let checked = checked(route(json!({"filter": {"addresses": {"deny": ["10.1.2.3/8"]}}})));
    let diagnostic = checked.diagnostics.iter().next().unwrap();
    assert!(diagnostic.message.contains("10.0.0.0/8"), "{}", diagnostic.message);
}

#[test]
fn a_method_in_lower_case_is_a_slip() {
    assert_eq!(only(route(json!({"match": {"methods": ["post"]}}))), pair("method", "routes[0].match.methods[0]"));
    assert!(found(route(json!({"match": {"methods": ["purge", "PROPFIND"]}}))).is_empty());
}

#[test]
fn an_unknown_key_is_refused() {
    assert_eq!(only(json!({"rotues": []})), pair("shape", "(document)"));
    assert_eq!(only(route(json!({"filter": {"adresses": {}}}))), pair("shape", "(document)"));
}

#[test]
fn a_platform_refuses_what_it_cannot_do() {
    let document = json!({
        "upstreams": {"live": {"targets": [{"url": "http://a"}], "host": "client", "protocol": "http2", "tls": {}, "timeouts": {"first_byte": "0s"}}},
        "routes": [{"name": "a", "upgrade": ["websocket"], "to": {"upstream": "live"}}],
    });
    let refused = |platform| {
        let mut checked = checked(document.clone());
        checked.require(platform);
        checked.diagnostics.errors()
    };
    assert_eq!([PlatformName::Native, PlatformName::Workers, PlatformName::Spin].map(refused), [0, 4, 4]);
}

#[test]
fn workers_keep_no_deadline_to_connect_alone() {
    let refused = |upstream: Value, route: Value| {
        let mut checked = checked(json!({
            "upstreams": {"u": {"targets": [{"url": "http://a"}], "timeouts": upstream}},
            "routes": [{"name": "a", "timeouts": route, "to": {"upstream": "u"}}],
        }));
        checked.require(PlatformName::Workers);
        checked.diagnostics.iter().map(|found| found.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(refused(json!({"first_byte": "0s"}), json!({})), ["upstreams.u.timeouts.first_byte"]);
    assert_eq!(refused(json!({}), json!({"first_byte": "0s"})), ["routes[0].timeouts.first_byte"]);
    assert!(refused(json!({"connect": "0s", "first_byte": "0s"}), json!({})).is_empty());
    assert!(refused(json!({"connect": "0s"}), json!({"first_byte": "0s"})).is_empty());
    assert!(refused(json!({"connect": "1s"}), json!({"first_byte": "1s"})).is_empty());
}

/// The diagnostics of an `authenticate` section and a policy beside it, as texts.
fn of_authenticate(section: Value, policy: Value) -> Vec<String> {
    let document = json!({
        "authenticate": section,
        "routes": [{"name": "a", "to": {"echo": {}}, "authenticate": policy}],
    });
    checked(document).diagnostics.iter().map(ToString::to_string).collect()
}

#[test]
fn a_condition_is_wrong_at_a_place_in_its_text() {
    let section = || json!({"authenticators": {"cert": {"certificate": {}}}});
    let allow = "consumer.id == 'a' &&\n  request.metod == 'GET'";
    let found = of_authenticate(section(), json!({"any": ["cert"], "allow": allow}));
    let place = "error[condition] at routes[0].authenticate.allow: line 2, column 3, `request.metod`: ";
    assert_eq!(found, [format!("{place}`request` has no field `metod`\n  help: did you mean `request.method`?")]);
    assert_eq!(
        of_authenticate(section(), json!({"any": ["cert"], "allow": ""})),
        ["error[condition] at routes[0].authenticate.allow: column 1: expected a value, found the end"]
    );
    assert_eq!(of_authenticate(section(), json!({"any": ["cert"], "allow": "identities.cert.id != null"})), [""; 0]);
}

#[test]
fn a_scope_that_no_challenge_could_name_is_refused() {
    let section = json!({"authenticators": {"cert": {"certificate": {}}}});
    let policy = json!({"any": ["cert"], "scopes": ["a b", "", "c\"", "d", "d"], "roles": ["", "x", "x"]});
    let found = of_authenticate(section, policy);
    let places = ["scopes[0]", "scopes[1]", "scopes[2]", "scopes[4]", "roles[0]", "roles[2]"];
    assert_eq!(found.len(), places.len(), "{found:?}");
    for place in places {
        assert!(found.iter().any(|text| text.contains(&format!("authenticate.{place}:"))), "{place}: {found:?}");
    }
}

#[test]
fn a_resource_is_named_by_a_url_whose_metadata_can_be_found() {
    let of = |identifier: &str| {
        let section = json!({
            "authenticators": {"cert": {"certificate": {}}},
            "resource": {"identifier": identifier},
        });
        of_authenticate(section, json!({"any": ["cert"]}))
    };
    for good in ["https://api.test", "https://api.test/", "https://api.test:8443/v1", "http://localhost:8080/v1"] {
        assert_eq!(of(good), [""; 0], "{good}");
    }
    for bad in [
        "api.test",
        "http://api.test",
        "https://api.test/#a",
        "https://api.test/?a",
        "https://api.test/a/../b",
        "ftp://a",
    ] {
        let found = of(bad);
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].contains("authenticate.resource.identifier"), "{found:?}");
    }
}

#[test]
fn a_route_that_was_left_open_beside_others_is_warned_about() {
    let of = |default: Value, open: Value| {
        let mut document = json!({
            "authenticate": {"authenticators": {"cert": {"certificate": {}}}, "default": default},
            "routes": [
                {"name": "a", "match": {"paths": [{"exact": "/a"}]}, "to": {"echo": {}}, "authenticate": {"any": ["cert"]}},
                {"name": "b", "match": {"paths": [{"exact": "/b"}]}, "to": {"echo": {}}},
            ],
        });
        if !open.is_null() {
            document["routes"][1]["authenticate"] = open;
        }
        found(document)
    };
    assert_eq!(of(Value::Null, Value::Null), [pair("route-without-policy", "routes[1]")]);
    assert_eq!(of(Value::Null, json!({"mode": "off"})), []);
    assert_eq!(of(json!({"any": ["cert"]}), Value::Null), []);
}

#[test]
fn a_redirect_with_a_policy_of_its_own_is_refused_since_nobody_would_be_asked() {
    let of = |policy: Value| {
        found(json!({
            "authenticate": {"authenticators": {"cert": {"certificate": {}}}, "default": {"any": ["cert"]}},
            "routes": [{"name": "a", "to": {"redirect": {"host": "b.test"}}, "authenticate": policy}],
        }))
    };
    assert_eq!(of(json!({"any": ["cert"]})), [pair("authenticate-redirect", "routes[0].authenticate")]);
    assert_eq!(of(json!({"mode": "off"})), []);
}
