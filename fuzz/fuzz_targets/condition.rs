//! Promise: whatever text stands in `allow`, reading it ends in a condition or in a mistake at a place of the text, and a condition ends in yes, no or a
//! failure within its budget, never in a panic.
#![no_main]

use std::cell::RefCell;

use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use router_core::authenticate::authorize::{Asked, Condition, Scope};
use router_core::authenticate::{Consumer, Identity};
use router_core::config::{Gateway, NoVariables, Purpose, compile_value};
use router_core::filter::path::{NormalPath, Normalised};
use router_core::head::{RequestHead, Scheme};
use router_core::receive::{Facts, Transport, receive};
use router_core::route::{Finding, Found};
use serde_json::{Value, json};

struct Stage {
    gateway: Gateway,
    identity: Identity,
    head: RequestHead,
    facts: Facts,
    path: NormalPath<'static>,
    found: Found,
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

fn start() -> Stage {
    let document = json!({"routes": [{"name": "all", "to": {"respond": {}}}]});
    let gateway = compile_value(&document, &NoVariables, Purpose::Run).gateway.expect("a gateway");
    let mut headers = HeaderMap::new();
    headers.append("host", HeaderValue::from_static("api.test"));
    headers.append("x-bytes", HeaderValue::from_bytes(b"\xff").expect("a value"));
    let head = RequestHead {
        method: Method::GET,
        scheme: Scheme::Https,
        authority: Some("api.test".into()),
        path: "/a/b".into(),
        query: Some("a=1&a=2&b=%zz&c=d".into()),
        headers,
    };
    let transport = Transport { peer: Some([192, 0, 2, 1].into()), ..Transport::default() };
    let facts = receive(&gateway.receive, &head, transport).expect("facts");
    let path = match NormalPath::parse(&head.path, &gateway.path_rules) {
        Ok(Normalised::Path(path)) => path.into_owned(),
        other => panic!("{other:?}"),
    };
    let Finding::Route(found) = gateway.find(&head, &facts, &path) else { panic!("a route") };
    let claims = json!({
        "sub": "a", "n": 3, "d": 0.5, "t": true, "z": null, "l": [1, "1", [2], {"a": 1}], "m": {"a": {"b": "c"}},
        "g": vec!["group"; 300],
    });
    let Value::Object(claims) = claims else { panic!("an object") };
    let scopes = vec!["read".to_owned()];
    let consumer = Consumer { id: "a".into(), authenticator: "jwt".into(), scopes, claims, ..Consumer::default() };
    Stage { gateway, identity: Identity::Known(vec![consumer.into()]), head, facts, path, found }
}

fuzz_target!(|text: &str| {
    let condition = match Condition::parse(text, &Scope { authenticators: &["jwt"] }) {
        Ok(condition) => condition,
        Err(invalid) => return assert!(text.get(invalid.at.clone()).is_some(), "{invalid:?}"),
    };
    STAGE.with_borrow_mut(|stage| {
        let stage = stage.get_or_insert_with(start);
        let asked = Asked {
            identity: &stage.identity,
            head: &stage.head,
            facts: &stage.facts,
            path: &stage.path,
            route: stage.gateway.route(stage.found.index).expect("a route"),
            params: &stage.found.params,
            now_ms: 1_795_428_000_000,
        };
        let _ = condition.holds(&asked);
    });
});
