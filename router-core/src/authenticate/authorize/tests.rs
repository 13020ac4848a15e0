//! Policies and what they make of requests.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::authenticate::{Consumer, Need};
use crate::config::{Purpose, compile_value};
use crate::filter::Mode;
use crate::filter::path::configured;
use crate::head::Scheme;
use crate::receive::{BodyLength, Client};
use crate::route::PathPattern;

/// A request on a route, and who sends it.
pub(in super::super) struct Request {
    identity: Identity,
    head: RequestHead,
    facts: Facts,
    path: NormalPath<'static>,
    route: Route,
    params: Params,
}

impl Request {
    /// From alice, with these claims, over a connection of acme.
    pub(in super::super) fn new(claims: Value) -> Self {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        let alice = Consumer {
            id: "alice".into(),
            authenticator: "my-jwt".into(),
            issuer: Some("https://issuer.test".into()),
            scopes: vec!["read".into(), "write".into()],
            roles: vec!["user".into()],
            claims,
            ..Consumer::default()
        };
        let acme = Consumer {
            id: "acme".into(),
            authenticator: "partner".into(),
            scopes: vec!["admin".into()],
            roles: vec!["root".into()],
            ..Consumer::default()
        };
        Self::of(Identity::Known(vec![alice.into(), acme.into()]))
    }

    pub(in super::super) fn anonymous() -> Self {
        Self::of(Identity::Anonymous)
    }

    fn of(identity: Identity) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("x-one", &b"a"[..]), ("x-two", b"b"), ("x-two", b"c"), ("x-bytes", b"\xff"), ("host", b"api.test")]
        {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let document = json!({
            "routes": [{"name": "orders", "to": {"respond": {}}}],
        });
        let gateway = compile_value(&document, &crate::config::NoVariables, Purpose::Check);
        let route = gateway.gateway.expect("a gateway").routes.remove(0);
        let path = configured("/orders/42").unwrap();
        let pattern = Arc::new(PathPattern::template("/orders/{id}").unwrap());
        Self {
            identity,
            head: RequestHead {
                method: Method::GET,
                scheme: Scheme::Https,
                authority: Some("api.test".into()),
                path: "/orders/42".into(),
                query: Some("q=a+b&flag&twice=1&twice=2&broken=%ff".into()),
                headers,
            },
            facts: Facts {
                client: Client { address: Some(IpAddr::from([192, 0, 2, 7])), ..Client::default() },
                scheme: Scheme::Https,
                host: Some("api.test".into()),
                authority: Some("api.test".into()),
                body: BodyLength::Unknown,
                certificate: None,
                country: None,
            },
            params: Params::of(&pattern, &path).unwrap(),
            path,
            route,
        }
    }

    pub(in super::super) fn asked(&self) -> Asked<'_> {
        Asked {
            identity: &self.identity,
            head: &self.head,
            facts: &self.facts,
            path: &self.path,
            route: &self.route,
            params: &self.params,
            // 2026-11-23T10:00:00Z, a Monday.
            now_ms: 1_795_428_000_000,
        }
    }
}

fn policy(scopes: &[&str], roles: &[&str], allow: Option<&str>) -> Policy {
    let scope = Scope { authenticators: &["my-jwt", "partner"] };
    Policy {
        mode: Mode::Enforce,
        need: Need::Any(vec![0]),
        optional: false,
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        condition: allow.map(|text| Condition::parse(text, &scope).unwrap()),
        forward: Default::default(),
    }
}

fn verdict(policy: &Policy) -> Result<(), Missing> {
    authorize(policy, &Request::new(json!({"sub": "alice"})).asked()).map_err(|denied| denied.missing)
}

#[test]
fn all_scopes_are_needed_and_the_missing_ones_are_named() {
    assert_eq!(verdict(&policy(&["write", "read"], &[], None)), Ok(()));
    let missing = Missing::Scopes(vec!["b".into(), "a".into()]);
    assert_eq!(verdict(&policy(&["b", "read", "a"], &[], None)), Err(missing));
}

#[test]
fn one_of_the_roles_is_enough_and_none_is_not() {
    assert_eq!(verdict(&policy(&[], &["chief", "user"], None)), Ok(()));
    assert_eq!(verdict(&policy(&[], &["chief", "boss"], None)), Err(Missing::Role));
}

#[test]
fn what_another_identity_may_does_not_count() {
    assert_eq!(verdict(&policy(&["admin"], &[], None)), Err(Missing::Scopes(vec!["admin".into()])));
    assert_eq!(verdict(&policy(&[], &["root"], None)), Err(Missing::Role));
    assert_eq!(verdict(&policy(&[], &[], Some("'admin' in identities.partner.scopes"))), Ok(()));
}

#[test]
fn only_true_lets_in() {
    for (allow, holds) in [
        ("claims.sub == 'alice'", true),
        ("claims.sub == 'bob'", false),
        ("claims.none == 'x'", false),
        ("claims.none != 'x'", false),
        ("claims.sub", false),
        ("claims.sub > 1", false),
        (
            "[1,1,1,1,1,1].all(a,[1,1,1,1,1,1].all(b,[1,1,1,1,1,1].all(c,[1,1,1,1,1,1].all(d,[1,1,1,1,1,1].all(e,[1,1,1,1,1,1].all(f, true))))))",
            false,
        ),
    ] {
        let expected = if holds { Ok(()) } else { Err(Missing::Permission) };
        assert_eq!(verdict(&policy(&[], &[], Some(allow))), expected, "{allow}");
    }
}

#[test]
fn what_could_not_be_decided_is_told_to_the_log() {
    let request = Request::new(json!({}));
    let denied = authorize(&policy(&[], &[], Some("claims.tenant == 'x'")), &request.asked()).unwrap_err();
    assert_eq!(denied.missing, Missing::Permission);
    assert_eq!(
        denied.reason.as_deref(),
        Some("the condition `allow` could not be decided: there is no such field or key")
    );
    let denied = authorize(&policy(&[], &[], Some("1 == 2")), &request.asked()).unwrap_err();
    assert_eq!(denied.reason, None);
}

#[test]
fn scopes_come_first_then_roles_then_the_condition() {
    assert_eq!(verdict(&policy(&["x"], &["y"], Some("false"))), Err(Missing::Scopes(vec!["x".into()])));
    assert_eq!(verdict(&policy(&["read"], &["y"], Some("false"))), Err(Missing::Role));
    assert_eq!(verdict(&policy(&["read"], &["user"], Some("false"))), Err(Missing::Permission));
}

#[test]
fn nobody_passes_where_nothing_is_asked_and_nowhere_else() {
    let nobody = Request::anonymous();
    let of = |policy: &Policy| authorize(policy, &nobody.asked()).map_err(|denied| denied.missing);
    assert_eq!(of(&policy(&[], &[], None)), Ok(()));
    assert_eq!(of(&policy(&["read"], &[], None)), Err(Missing::Scopes(vec!["read".into()])));
    assert_eq!(of(&policy(&[], &["user"], None)), Err(Missing::Role));
    assert_eq!(of(&policy(&[], &[], Some("consumer.id == 'alice'"))), Err(Missing::Permission));
    assert_eq!(of(&policy(&[], &[], Some("request.method == 'GET' || has(consumer.id)"))), Ok(()));
}

#[test]
fn no_answer_holds_the_policy() {
    let missing = verdict(&policy(&[], &[], Some("claims.secret_tier == 'gold'"))).unwrap_err();
    let forbidden = crate::rejection::Forbidden { missing, challenges: Vec::new() };
    let wire = crate::Rejection::Forbidden(Box::new(forbidden)).wire();
    assert_eq!((wire.status, wire.code), (StatusCode::FORBIDDEN, "permission-denied"));
    assert!(!wire.detail.contains("tier"), "{}", wire.detail);
}
