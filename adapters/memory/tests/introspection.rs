//! Opaque tokens, through the journey.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use edge::Current;
use http::{HeaderMap, HeaderValue, StatusCode};
use router_core::dispatch::{FailureClass, RequestSent};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, Seen, executor};

const SECRET: &str = "hush hush";
const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";

struct World {
    memory: Memory,
    current: Rc<Current>,
}

fn world(changes: Value) -> World {
    let memory = Memory::new(1, BTreeMap::from([("INTROSPECTION".to_owned(), SECRET.to_owned())]));
    let mut rules = json!({
        "endpoint": "https://issuer.test/introspect?tenant=a",
        "client_id": "gateway",
        "client_secret": "${secret:INTROSPECTION}",
        "audience": ["api"],
    });
    rules.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let document = json!({
        "authenticate": {"authenticators": {"opaque": {"introspection": rules}}},
        "routes": [{
            "name": "a",
            "authenticate": {"any": ["opaque"]},
            "to": {"respond": {"body": "hello"}},
        }],
    });
    let current = memory.start(document).unwrap();
    World { memory, current }
}

fn answered(status: StatusCode, body: impl Into<Bytes>) -> Play {
    Play::Answer(Scripted { status, body: ScriptedBody::new([body.into()]), ..Scripted::default() })
}

fn active(changes: Value) -> Play {
    let mut answer = json!({"active": true, "sub": "ann", "aud": "api"});
    answer.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    answered(StatusCode::OK, answer.to_string())
}

fn inactive() -> Play {
    answered(StatusCode::OK, r#"{"active":false}"#)
}

impl World {
    fn send(&self, token: &str) -> Outgoing {
        let incoming = Incoming::get("/").with("authorization", format!("Bearer {token}"));
        executor::run(self.memory.answer(&self.current, incoming)).unwrap()
    }

    /// The status, and how many questions the issuer got.
    fn status(&self, token: &str, play: Option<Play>) -> (u16, usize) {
        play.into_iter().for_each(|play| self.memory.script().expect(play));
        let status = self.send(token).status.as_u16();
        (status, self.seen().len())
    }

    fn seen(&self) -> Vec<Seen> {
        self.memory.script().take_seen()
    }

    fn pass(&self, seconds: u64) {
        self.memory.clock().forward(Duration::from_secs(seconds));
    }

    fn now(&self) -> u64 {
        self.memory.clock().unix_ms() / 1000
    }

    fn line(&self) -> Value {
        serde_json::from_str(&self.memory.lines().take().pop().unwrap()).unwrap()
    }
}

#[test]
fn the_issuer_is_asked_as_the_rfc_says_and_its_answer_names_the_consumer() {
    let world = world(json!({}));
    world.memory.script().expect(active(json!({})));
    assert_eq!(world.send("a+b/c").status, 200);
    let seen = world.seen().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "https://issuer.test"));
    assert_eq!(seen.path_and_query, "/introspect?tenant=a");
    assert_eq!(&seen.body[..], b"token=a%2Bb%2Fc&token_type_hint=access_token");
    assert_eq!(seen.headers["accept"], "application/json");
    assert_eq!(seen.headers["authorization"], "Basic Z2F0ZXdheTpodXNoK2h1c2g=");
    let line = world.line();
    assert_eq!((&line["consumer"], &line["authenticator"]), (&json!("ann"), &json!("opaque")));
}

#[test]
fn the_client_may_say_who_it_is_in_the_form() {
    let world = world(json!({"client_authentication": "post"}));
    world.memory.script().expect(active(json!({})));
    assert_eq!(world.send(TOKEN).status, 200);
    let seen = world.seen().pop().unwrap();
    assert!(!seen.headers.contains_key("authorization"));
    let form = String::from_utf8(seen.body.to_vec()).unwrap();
    assert_eq!(form, format!("token={TOKEN}&token_type_hint=access_token&client_id=gateway&client_secret=hush+hush"));
}

#[test]
fn a_good_answer_is_remembered_for_a_minute_and_a_refusal_for_ten_seconds() {
    let world = world(json!({}));
    assert_eq!(world.status("good", Some(active(json!({})))), (200, 1));
    assert_eq!(world.status("bad", Some(inactive())), (401, 1));
    world.pass(9);
    assert_eq!((world.status("good", None), world.status("bad", None)), ((200, 0), (401, 0)));
    world.pass(1);
    assert_eq!(world.status("bad", Some(inactive())), (401, 1));
    world.pass(49);
    assert_eq!(world.status("good", None), (200, 0));
    world.pass(1);
    assert_eq!(world.status("good", Some(inactive())), (401, 1), "a token that was withdrawn is found out");
}

#[test]
fn nothing_is_remembered_beyond_the_end_of_the_token_nor_when_the_clock_goes_back() {
    let world = world(json!({}));
    let end = json!({"exp": world.now() + 5});
    assert_eq!(world.status(TOKEN, Some(active(end.clone()))), (200, 1));
    world.pass(4);
    assert_eq!(world.status(TOKEN, None), (200, 0));
    world.pass(1);
    assert_eq!(world.status(TOKEN, Some(inactive())), (401, 1));
    world.pass(100);
    assert_eq!(world.status(TOKEN, Some(active(end))), (401, 1), "what the issuer overlooks is not");
    assert_eq!(world.status("other", Some(active(json!({})))), (200, 1));
    world.memory.clock().back(Duration::from_secs(1));
    assert_eq!(world.status("other", Some(inactive())), (401, 1));
}

#[test]
fn a_newer_configuration_begins_without_memories() {
    let world = world(json!({}));
    assert_eq!(world.status(TOKEN, Some(active(json!({})))), (200, 1));
    let newer = World { memory: world.memory.clone(), ..self::world(json!({"audience": ["api", "other"]})) };
    assert_eq!(newer.status(TOKEN, Some(inactive())), (401, 1));
    assert_eq!(world.status(TOKEN, None), (200, 0));
}

#[test]
fn without_remembering_every_request_is_asked_for() {
    let world = world(json!({"remember": "0s", "remember_refusals": "0s"}));
    for _ in 0..3 {
        assert_eq!(world.status(TOKEN, Some(active(json!({})))), (200, 1));
        assert_eq!(world.status(TOKEN, Some(inactive())), (401, 1));
    }
}

#[test]
fn what_cannot_be_a_token_is_not_asked_about() {
    let world = world(json!({"max_size": "64B"}));
    for token in ["", "a b", &"x".repeat(65)] {
        assert_eq!(world.status(token, None), (401, 0), "{token:?}");
    }
    let none = executor::run(world.memory.answer(&world.current, Incoming::get("/"))).unwrap();
    assert_eq!((none.status.as_u16(), world.seen().len()), (401, 0));
    let two = Incoming::get("/").with("authorization", "Bearer a").with("authorization", "Bearer b");
    let two = executor::run(world.memory.answer(&world.current, two)).unwrap();
    assert_eq!((two.status.as_u16(), world.seen().len()), (400, 0), "which of them counts cannot be guessed");
}

#[test]
fn a_token_for_somebody_else_is_refused_and_an_answer_that_is_none_decides_nothing() {
    let issuer = "https://issuer.test";
    for (answer, status) in [
        (json!({"active": true, "sub": "ann", "aud": "other"}), 401),
        (json!({"active": true, "sub": "ann"}), 401),
        (json!({"active": true, "sub": "ann", "aud": "api", "iss": "https://evil.test"}), 401),
        (json!({"active": true, "sub": "ann", "aud": "api", "exp": "never"}), 401),
        (json!({"active": true, "aud": "api"}), 401),
        (json!({"active": "true", "sub": "ann", "aud": "api"}), 503),
        (json!({"sub": "ann", "aud": "api"}), 503),
        (json!([]), 503),
        (json!({"active": true, "sub": "ann", "aud": "api", "iss": issuer}), 200),
    ] {
        let world = world(json!({"issuer": issuer}));
        assert_eq!(world.status(TOKEN, Some(answered(StatusCode::OK, answer.to_string()))), (status, 1), "{answer}");
    }
}

#[test]
fn an_issuer_that_is_down_slow_huge_or_lying_lets_nobody_in() {
    let redirect = Scripted {
        status: StatusCode::FOUND,
        headers: HeaderMap::from_iter([(http::header::LOCATION, HeaderValue::from_static("https://evil.test/"))]),
        ..Scripted::default()
    };
    let encoded = Scripted {
        headers: HeaderMap::from_iter([(http::header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))]),
        body: ScriptedBody::new([Bytes::from_static(br#"{"active":true,"sub":"ann","aud":"api"}"#)]),
        ..Scripted::default()
    };
    let huge = [Bytes::from_static(br#"{"active":true,"sub":"ann","aud":"api","x":""#), vec![b'x'; 70_000].into()];
    let cut = ScriptedBody::new([Bytes::from_static(br#"{"active":true"#)]).then_fails(FailureClass::Reset);
    for (play, why) in [
        (
            Play::Fail(edge::platform::Failure {
                class: FailureClass::Connect,
                request_sent: RequestSent::No,
                detail: "refused".into(),
            }),
            "connect",
        ),
        (Play::Stall, "timeout_total"),
        (Play::Answer(Scripted { body: ScriptedBody::new(huge), ..Scripted::default() }), "protocol"),
        (Play::Answer(Scripted { body: cut, ..Scripted::default() }), "reset"),
        (Play::Answer(redirect), "302"),
        (Play::Answer(encoded), "encoding"),
        (answered(StatusCode::INTERNAL_SERVER_ERROR, r#"{"active":true,"sub":"ann","aud":"api"}"#), "500"),
        (answered(StatusCode::CREATED, r#"{"active":true,"sub":"ann","aud":"api"}"#), "201"),
        (answered(StatusCode::UNAUTHORIZED, ""), "client_secret"),
        (answered(StatusCode::OK, "<html>"), "JSON"),
    ] {
        let world = world(json!({}));
        let before = world.memory.clock().unix_ms();
        assert_eq!(world.status(TOKEN, Some(play)), (503, 1), "{why}");
        assert!(world.memory.clock().unix_ms() - before <= 2000, "{why}: bounded in time");
        let line = world.line();
        assert!(line["failure_detail"].as_str().unwrap().contains(why), "{why}: {line}");
        assert_eq!(world.status(TOKEN, Some(active(json!({})))), (200, 1), "{why}: failures are not remembered");
    }
}

#[test]
fn an_issuer_that_keeps_failing_is_left_alone_and_known_tokens_go_on() {
    let world = world(json!({"remember": "3600s"}));
    assert_eq!(world.status("known", Some(active(json!({})))), (200, 1));
    for try_ in 0..5 {
        assert_eq!(world.status(&format!("t{try_}"), Some(Play::Stall)), (503, 1));
    }
    let refused = world.send("another");
    assert_eq!((refused.status.as_u16(), world.seen().len()), (503, 0));
    assert_eq!(refused.headers["retry-after"], "30");
    assert_eq!(world.status("known", None), (200, 0));
    world.pass(30);
    assert_eq!(world.status("another", Some(Play::Stall)), (503, 1), "one trial");
    assert_eq!(world.status("another", None), (503, 0));
    world.pass(59);
    assert_eq!(world.status("another", None), (503, 0));
    world.pass(1);
    assert_eq!(world.status("another", Some(active(json!({})))), (200, 1));
    assert_eq!(world.status("third", Some(active(json!({})))), (200, 1));
}

#[test]
fn made_up_tokens_do_not_open_the_breaker() {
    let world = world(json!({}));
    for forged in 0..20 {
        assert_eq!(world.status(&format!("forged{forged}"), Some(inactive())), (401, 1));
    }
    assert_eq!(world.status(TOKEN, Some(active(json!({})))), (200, 1));
}

#[test]
fn a_bound_token_is_not_taken_as_a_bearer_token_even_when_it_is_remembered() {
    let world = world(json!({}));
    let bound = active(json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}));
    assert_eq!(world.status(TOKEN, Some(bound)), (401, 1));
    assert_eq!(world.status(TOKEN, None), (401, 0));
}

#[test]
fn neither_tokens_nor_secrets_are_logged() {
    let world = world(json!({}));
    for play in [active(json!({})), inactive(), Play::Stall, answered(StatusCode::UNAUTHORIZED, TOKEN)] {
        world.memory.script().expect(play);
        world.send(TOKEN);
        world.pass(100);
        assert!(!world.seen().is_empty());
    }
    for line in world.memory.lines().take() {
        for secret in [TOKEN, SECRET, "hush+hush", "Z2F0ZXdheTpodXNoK2h1c2g"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[test]
fn every_mistake_in_the_rules_is_reported_at_its_place() {
    let memory = Memory::default();
    let document = json!({
        "authenticate": {"authenticators": {"opaque": {"introspection": {
            "endpoint": "issuer.test/introspect", "client_id": "", "client_secret": "", "audience": [""], "issuer": "",
            "remember": "2h", "remember_refusals": "6m", "timeout": "0s", "max_size": "65KiB",
        }}}},
        "routes": [{"name": "a", "authenticate": {"any": ["opaque"]}, "to": {"respond": {"body": "hello"}}}],
    });
    let found = memory.start(document).err().unwrap();
    let mut places: Vec<String> = found.iter().map(|found| found.path.to_string()).collect();
    places.sort();
    let names = [
        "audience[0]",
        "client_id",
        "client_secret",
        "endpoint",
        "issuer",
        "max_size",
        "remember",
        "remember_refusals",
        "timeout",
    ];
    assert_eq!(places, names.map(|name| format!("authenticate.authenticators.opaque.introspection.{name}")));
}
