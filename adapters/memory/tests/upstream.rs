//! The scripted upstream, seen through the journey.

use std::rc::Rc;

use bytes::Bytes;
use edge::Current;
use edge::platform::Body;
use http::StatusCode;
use router_core::dispatch::FailureClass;
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, executor};

fn gateway(memory: &Memory, timeouts: &Value) -> Rc<Current> {
    let document = json!({
        "receive": {"max_body": "10B"},
        "upstreams": {"a": {"targets": [{"url": "http://a.test"}], "timeouts": timeouts}},
        "routes": [{"name": "a", "to": {"upstream": "a"}}],
    });
    memory.start(document).unwrap()
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    executor::run(memory.answer(current, incoming)).unwrap()
}

fn line(memory: &Memory) -> Value {
    serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap()
}

#[test]
fn what_an_upstream_sees_is_recorded() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({}));
    memory.script().expect(Play::Answer(Scripted { status: StatusCode::CREATED, ..Scripted::default() }));
    let got = answer(&memory, &current, Incoming::get("/x?y").method("PUT").body("hello"));
    assert_eq!(got.status, 201);
    let seen = memory.script().take_seen();
    assert_eq!((seen[0].path_and_query.as_str(), &seen[0].body[..]), ("/x?y", &b"hello"[..]));
    assert_eq!(seen[0].headers["host"], "a.test");
    assert!(memory.script().take_seen().is_empty());
}

#[test]
fn a_stall_moves_the_clock_to_the_first_deadline() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({"first_byte": "7s", "total": "5s"}));
    memory.script().expect(Play::Stall);
    assert_eq!(answer(&memory, &current, Incoming::get("/")).status, 504);
    let line = line(&memory);
    assert_eq!((&line["failure"], &line["duration_us"]), (&json!("timeout_total"), &json!(5_000_000)));
}

#[test]
fn a_stall_without_a_deadline_is_found_out() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({"first_byte": "0s"}));
    memory.script().expect(Play::Stall);
    assert_eq!(executor::run(memory.answer(&current, Incoming::get("/"))), Err(executor::Stuck));
}

#[test]
fn a_body_is_counted_and_its_failure_carried() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({}));
    let send = |body: ScriptedBody| {
        let incoming = Incoming { body: Body::Stream(body), ..Incoming::get("/").method("POST") };
        (answer(&memory, &current, incoming).status, memory.script().take_seen()[0].cut_off)
    };
    let six = || Bytes::from_static(b"sixsix");
    assert_eq!(
        send(ScriptedBody::new([six(), six()])),
        (StatusCode::PAYLOAD_TOO_LARGE, Some(FailureClass::BodyTooLarge))
    );
    let broken = ScriptedBody::new([six()]).then_fails(FailureClass::Reset);
    assert_eq!(send(broken), (StatusCode::BAD_REQUEST, Some(FailureClass::ClientBody)));
}

#[test]
fn a_broken_answer_reaches_the_client_as_far_as_it_came() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({}));
    let body = ScriptedBody::new([Bytes::from_static(b"half")]).then_fails(FailureClass::Reset);
    memory.script().expect(Play::Answer(Scripted { body, ..Scripted::default() }));
    let got = answer(&memory, &current, Incoming::get("/"));
    assert_eq!(
        (&got.body()[..], got.truncated.map(|failure| failure.class)),
        (&b"half"[..], Some(FailureClass::Reset))
    );
}

#[test]
fn a_target_can_be_made_to_refuse() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({}));
    memory.script().refuse("a.test");
    assert_eq!(answer(&memory, &current, Incoming::get("/")).status, 502);
    assert_eq!(line(&memory)["failure"], "connect");
}

#[test]
fn a_request_that_nobody_expected_fails() {
    let memory = Memory::default();
    let current = gateway(&memory, &json!({}));
    assert_eq!(answer(&memory, &current, Incoming::get("/")).status, 502);
    assert_eq!(line(&memory)["failure_detail"], "the script has no answer for this request");
}
