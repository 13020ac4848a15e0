//! Webhooks through the journey: the body is held, checked, and goes on; what comes twice is refused.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use edge::platform::AtomicFailure;
use router_core::authenticate::jose::{Digest, base64::encode_standard, hmac};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, executor};

const SECRET: &str = "whsec_0123456789abcdef0123456789ab";
const OLD: &str = "whsec_old_old_old_old_old_old_old";
/// The memory platform's clock at the start, in seconds.
const START: u64 = 1_767_225_600;

fn memory() -> Memory {
    let secrets = [("NEW", SECRET), ("OLD", OLD)];
    Memory::new(1, secrets.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
}

fn gateway(memory: &Memory, rules: Value) -> Rc<Current> {
    let mut all = json!({"secrets": ["${secret:NEW}", "${secret:OLD}"]});
    all.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    let document = json!({
        "authenticate": {"authenticators": {"hooks": {"webhook": all}}},
        "upstreams": {"a": {"targets": [{"url": "http://a.test"}]}},
        "routes": [{"name": "a", "authenticate": {"any": ["hooks"]}, "to": {"upstream": "a"}}],
    });
    memory.start(document).unwrap()
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    memory.script().expect(Play::Answer(Scripted::default()));
    let answer = executor::run(memory.answer(current, incoming)).unwrap();
    drop(memory.script().take_seen());
    answer
}

fn told(answer: &Outgoing) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap_or_default();
    let code = problem["type"].as_str().and_then(|address| address.rsplit(':').next());
    (answer.status.as_u16(), code.unwrap_or_default().to_owned())
}

fn good() -> (u16, String) {
    (200, String::new())
}

fn refused(why: &str) -> (u16, String) {
    (401, why.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(secret: &str, content: &str) -> Vec<u8> {
    hmac(Digest::Sha256, secret.as_bytes(), content.as_bytes())
}

fn stripe(secret: &str, time: u64, body: &str) -> Incoming {
    let signature = hex(&mac(secret, &format!("{time}.{body}")));
    Incoming::get("/").method("POST").body(body.to_owned()).with("stripe-signature", format!("t={time},v1={signature}"))
}

#[test]
fn a_good_webhook_goes_on_with_its_body() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe"}));
    memory.script().expect(Play::Answer(Scripted::default()));
    let incoming = stripe(SECRET, START, r#"{"id":"evt_1"}"#);
    let answer = executor::run(memory.answer(&current, incoming)).unwrap();
    assert_eq!(told(&answer), good());
    let seen = memory.script().take_seen();
    assert_eq!(&seen[0].body[..], br#"{"id":"evt_1"}"#);
    let line: Value = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    assert_eq!((&line["consumer"], &line["authenticator"]), (&json!("hooks"), &json!("hooks")));
}

#[test]
fn either_secret_is_good_while_one_is_replaced() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe"}));
    assert_eq!(told(&answer(&memory, &current, stripe(OLD, START, "a"))), good());
    assert_eq!(told(&answer(&memory, &current, stripe(SECRET, START, "b"))), good());
    let foreign = stripe("whsec_of_somebody_else_altogether", START, "c");
    assert_eq!(told(&answer(&memory, &current, foreign)), refused("credentials-invalid"));
    let none = Incoming::get("/").method("POST").body("c");
    assert_eq!(told(&answer(&memory, &current, none)), refused("credentials-missing"));
}

#[test]
fn what_comes_a_second_time_is_refused_and_a_retry_with_its_own_time_is_not() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe"}));
    let first = || stripe(SECRET, START, "a");
    assert_eq!(told(&answer(&memory, &current, first())), good());
    assert_eq!(told(&answer(&memory, &current, first())), refused("credentials-replayed"));
    // The other secret's signature over the same is the same message.
    assert_eq!(told(&answer(&memory, &current, stripe(OLD, START, "a"))), refused("credentials-replayed"));
    assert_eq!(told(&answer(&memory, &current, stripe(SECRET, START + 1, "a"))), good());
    memory.clock().forward(Duration::from_secs(300));
    assert_eq!(told(&answer(&memory, &current, first())), refused("credentials-replayed"));
    memory.clock().forward(Duration::from_secs(1));
    assert_eq!(told(&answer(&memory, &current, first())), refused("credentials-expired"));
    memory.clock().back(Duration::from_secs(602));
    assert_eq!(told(&answer(&memory, &current, first())), refused("credentials-not-yet-valid"));
}

#[test]
fn a_forged_webhook_claims_nothing() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe"}));
    memory.ledger().fail(Some(AtomicFailure::Failed("full".into())));
    let forged = stripe("whsec_of_somebody_else_altogether", START, "a");
    assert_eq!(told(&answer(&memory, &current, forged)), refused("credentials-invalid"));
}

#[test]
fn without_the_store_a_replay_cannot_be_told_and_nothing_is_let_in() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe"}));
    for failure in [AtomicFailure::Absent, AtomicFailure::Failed("down".into())] {
        memory.ledger().fail(Some(failure));
        let answer = answer(&memory, &current, stripe(SECRET, START, "a"));
        assert_eq!(told(&answer), (503, "identity-unavailable".to_owned()));
    }
    // Who says that replays do not matter needs no store.
    let current = gateway(&memory, json!({"form": "stripe", "replay": "accept"}));
    for _ in 0..2 {
        assert_eq!(told(&answer(&memory, &current, stripe(SECRET, START, "a"))), good());
    }
}

#[test]
fn a_redelivery_of_github_is_the_same_request_and_is_taken() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "github"}));
    let delivery = || {
        let signature = format!("sha256={}", hex(&mac(SECRET, "{}")));
        Incoming::get("/").method("POST").body("{}").with("x-hub-signature-256", signature)
    };
    for _ in 0..2 {
        assert_eq!(told(&answer(&memory, &current, delivery())), good());
    }
}

#[test]
fn forms_of_ones_own_and_slack_are_taken() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "slack"}));
    let incoming = Incoming::get("/")
        .method("POST")
        .body("a=b")
        .with("x-slack-request-timestamp", START.to_string())
        .with("x-slack-signature", format!("v0={}", hex(&mac(SECRET, &format!("v0:{START}:a=b")))));
    assert_eq!(told(&answer(&memory, &current, incoming)), good());
    let custom = json!({"header": "x-sign", "prefix": "hmac=", "encoding": "base64", "timestamp_header": "x-time"});
    let current = gateway(&memory, json!({"form": {"custom": custom}}));
    let signature = encode_standard(&mac(SECRET, &format!("{START}.a=b")));
    let incoming = Incoming::get("/")
        .method("POST")
        .body("a=b")
        .with("x-time", START.to_string())
        .with("x-sign", format!("hmac={signature}"));
    assert_eq!(told(&answer(&memory, &current, incoming)), good());
}

#[test]
fn a_body_beyond_the_limit_is_not_held() {
    let memory = memory();
    let current = gateway(&memory, json!({"form": "stripe", "max_body": "10B"}));
    let answer = answer(&memory, &current, stripe(SECRET, START, "12345678901"));
    assert_eq!(answer.status, 413);
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_its_place() {
    let memory = Memory::new(1, BTreeMap::new());
    let wrong = |webhook: Value| {
        let document = json!({"authenticate": {"authenticators": {"a": {"webhook": webhook}}}, "routes": []});
        let found = memory.start(document).err().unwrap();
        found.iter().map(|found| format!("{} {}", found.path, found.code)).collect::<Vec<_>>().join("; ")
    };
    let at = "authenticate.authenticators.a.webhook";
    let secret = "0123456789abcdef";
    for (webhook, expected) in [
        (json!({"form": "stripe", "secrets": []}), format!("{at}.secrets secrets")),
        (json!({"form": "stripe", "secrets": ["short"]}), format!("{at}.secrets[0] secret")),
        (json!({"form": "standard", "secrets": ["no base64!"]}), format!("{at}.secrets[0] secret")),
        (json!({"form": "slack", "secrets": [secret], "window": "2h"}), format!("{at}.window duration")),
        (json!({"form": "slack", "secrets": [secret], "consumer": ""}), format!("{at}.consumer consumer")),
        (
            json!({"form": {"custom": {"header": "x", "timestamp_header": "t", "content": "{body}"}}, "secrets": [secret]}),
            format!("{at}.form.custom.content content"),
        ),
        (
            json!({"form": {"custom": {"header": "x", "content": "{timestamp}{body}"}}, "secrets": [secret]}),
            format!("{at}.form.custom.content content"),
        ),
        (
            json!({"form": {"custom": {"header": "a b", "content": "{id}"}}, "secrets": ["short"]}),
            format!("{at}.form.custom.header header-name; {at}.form.custom.content content; {at}.secrets[0] secret"),
        ),
    ] {
        let found = wrong(webhook);
        assert!(found.contains(&expected), "expected {expected}, found {found}");
        assert!(!found.contains(secret) && !found.contains("short"));
    }
}
