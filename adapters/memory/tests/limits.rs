//! Limits through the journey: who is refused, what it takes, and what clients and operators learn.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use edge::platform::AtomicFailure;
use http::{HeaderMap, HeaderValue, StatusCode};
use router_core::authenticate::jose::base64::decode_standard;
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, Seen, executor};

fn gateway(memory: &Memory, limit: Value, route: Value) -> Rc<Current> {
    let mut one = json!({"name": "a", "to": {"respond": {"body": "in"}}});
    one.as_object_mut().unwrap().extend(route.as_object().unwrap().clone());
    memory.start(json!({"limit": limit, "routes": [one], "reload": {"interval": "0s"}})).unwrap()
}

/// A gateway with one limit of this kind, which holds for its one route.
fn limited(memory: &Memory, limit: Value) -> Rc<Current> {
    gateway(memory, json!({"limits": {"l": limit}, "default": ["l"]}), json!({}))
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    let outgoing = executor::run(memory.answer(current, incoming)).unwrap();
    executor::run(memory.run_background()).unwrap();
    outgoing
}

fn status(memory: &Memory, current: &Rc<Current>) -> u16 {
    answer(memory, current, Incoming::get("/")).status.as_u16()
}

fn statuses(memory: &Memory, current: &Rc<Current>, count: usize) -> Vec<u16> {
    (0..count).map(|_| status(memory, current)).collect()
}

fn field<'o>(outgoing: &'o Outgoing, name: &str) -> Option<&'o str> {
    outgoing.headers.get(name).map(|value| value.to_str().unwrap())
}

fn scripted(status: u16, tokens: Option<&str>) -> Scripted {
    let mut headers = HeaderMap::new();
    if let Some(tokens) = tokens {
        headers.insert("x-tokens", HeaderValue::from_str(tokens).unwrap());
    }
    Scripted { status: StatusCode::from_u16(status).unwrap(), headers, body: ScriptedBody::new([]) }
}

/// Whether a webhook is signed as Standard Webhooks are, by an implementation of HMAC that is not the gateway's.
fn is_signed(seen: &Seen) -> bool {
    let field = |name: &str| seen.headers[name].to_str().unwrap();
    let text = [field("webhook-id").as_bytes(), b".", field("webhook-timestamp").as_bytes(), b".", &seen.body].concat();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"0123456789abcdef0123456789abcdef");
    let signature = decode_standard(field("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
    ring::hmac::verify(&key, &text, &signature).is_ok()
}

fn line(memory: &Memory) -> Value {
    serde_json::from_str(memory.lines().take().last().unwrap()).unwrap()
}

#[test]
fn every_accuracy_admits_the_quota_and_says_when_there_is_more() {
    for accuracy in ["exact", "leased", "local"] {
        for algorithm in ["gcra", "token_bucket", "fixed_window", "sliding_window", "sliding_log"] {
            let memory = Memory::default();
            let limit = json!({"algorithm": algorithm, "quota": 5, "window": "10s", "key": [], "accuracy": accuracy});
            let current = limited(&memory, limit);
            assert_eq!(statuses(&memory, &current, 7), [200, 200, 200, 200, 200, 429, 429], "{accuracy} {algorithm}");
            let refused = answer(&memory, &current, Incoming::get("/"));
            let wait: u64 = field(&refused, "retry-after").unwrap().parse().unwrap();
            // The counter waits for the share of the window before, and a time may be told a tenth late.
            assert!((1..=14).contains(&wait), "{accuracy} {algorithm}: {wait}");
            memory.clock().forward(Duration::from_secs(wait));
            assert_eq!(status(&memory, &current), 200, "{accuracy} {algorithm} after {wait} s");
        }
    }
}

#[test]
fn a_refusal_names_the_limits_and_their_problem_type() {
    let memory = Memory::default();
    let current = limited(&memory, json!({"quota": 1, "window": "60s", "key": ["address"]}));
    let fine = answer(&memory, &current, Incoming::get("/"));
    assert_eq!(field(&fine, "ratelimit-policy"), Some("\"l\";q=1;w=60"));
    assert!(field(&fine, "ratelimit").unwrap().starts_with("\"l\";r=0;t=6"), "{fine:?}");
    assert_eq!(field(&fine, "x-ratelimit-limit"), None);
    let refused = answer(&memory, &current, Incoming::get("/"));
    let problem: Value = serde_json::from_slice(&refused.body()).unwrap();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["l"]));
    let line = line(&memory);
    assert_eq!((&line["problem"], &line["limit"]), (&json!("quota-exceeded"), &json!("l")));
}

#[test]
fn a_later_refusal_takes_nothing_from_an_earlier_limit() {
    for (first, second) in [("exact", "exact"), ("local", "exact"), ("leased", "local"), ("exact", "local")] {
        let memory = Memory::default();
        let limits = json!({
            "wide": {"quota": 4, "window": "1h", "key": [], "accuracy": first},
            "narrow": {"quota": 1, "window": "1h", "key": [{"header": "x-who"}], "accuracy": second},
        });
        let current = gateway(&memory, json!({"limits": limits, "default": ["wide", "narrow"]}), json!({}));
        let ask = |who: &str| answer(&memory, &current, Incoming::get("/").with("x-who", who)).status.as_u16();
        assert_eq!(ask("a"), 200);
        for _ in 0..20 {
            assert_eq!(ask("a"), 429);
        }
        assert_eq!([ask("b"), ask("c"), ask("d"), ask("e")], [200, 200, 200, 429], "{first} {second}");
    }
}

#[test]
fn a_flood_of_refused_requests_does_not_ask_the_store() {
    let memory = Memory::default();
    let current = limited(&memory, json!({"quota": 1, "window": "60s", "key": []}));
    assert_eq!(statuses(&memory, &current, 2), [200, 429]);
    let asked = memory.ledger().asked();
    assert!(statuses(&memory, &current, 1000).iter().all(|status| *status == 429));
    assert_eq!(memory.ledger().asked(), asked);
}

#[test]
fn a_lease_is_asked_for_once_and_used_many_times() {
    let memory = Memory::default();
    let limit = json!({"quota": 10_000, "window": "60s", "key": [], "accuracy": "leased"});
    let current = limited(&memory, limit);
    assert!(statuses(&memory, &current, 2000).iter().all(|status| *status == 200));
    let asked = memory.ledger().asked();
    assert!(asked <= 20, "{asked} questions for 2000 requests");
}

#[test]
fn a_store_that_fails_has_the_outcome_that_the_limit_declares() {
    for (on_error, expected) in [("local", vec![200, 200, 429]), ("allow", vec![200, 200, 200]), ("deny", vec![503; 3])]
    {
        let memory = Memory::default();
        memory.ledger().fail(Some(AtomicFailure::Failed("gone".into())));
        let limit = json!({"quota": 2, "window": "60s", "key": [], "on_error": on_error});
        let current = limited(&memory, limit);
        assert_eq!(statuses(&memory, &current, 3), expected, "{on_error}");
    }
}

#[test]
fn a_store_that_fails_again_and_again_is_left_alone_and_used_when_it_is_back() {
    let memory = Memory::default();
    memory.ledger().fail(Some(AtomicFailure::Failed("gone".into())));
    let current = limited(&memory, json!({"quota": 100, "window": "60s", "key": [], "on_error": "allow"}));
    statuses(&memory, &current, 50);
    assert_eq!(memory.ledger().asked(), 5);
    memory.ledger().fail(None);
    memory.clock().forward(Duration::from_secs(2));
    statuses(&memory, &current, 3);
    assert_eq!(memory.ledger().asked(), 8);
}

#[test]
fn requests_that_fail_are_given_back_where_only_successes_count() {
    for accuracy in ["exact", "leased", "local"] {
        for (count, good, bad) in [("success", 2, 50), ("failure", 50, 2)] {
            let memory = Memory::default();
            let limit = json!({"quota": 2, "window": "1h", "key": [], "count": count, "accuracy": accuracy});
            let document = json!({
                "limit": {"limits": {"l": limit}, "default": ["l"]},
                "routes": [
                    {"name": "good", "match": {"paths": [{"exact": "/good"}]}, "to": {"respond": {"body": "in"}}},
                    {"name": "bad", "to": {"respond": {"status": 401}}},
                ],
            });
            for (target, most) in [("/good", good), ("/bad", bad)] {
                let memory = if most == 50 { Memory::default() } else { memory.clone() };
                let current = memory.start(document.clone()).unwrap();
                let refused = (0..50)
                    .map(|_| answer(&memory, &current, Incoming::get(target)).status.as_u16())
                    .position(|status| status == 429);
                assert_eq!(refused.unwrap_or(50), most, "{accuracy} {count} {target}");
            }
        }
    }
}

#[test]
fn what_an_answer_costs_is_taken_from_the_next_request() {
    // Tokens that are lent already go on for as long as their lease lasts, so that `leased` notices later.
    for accuracy in ["exact", "local"] {
        let memory = Memory::default();
        let limit = json!({
            "quota": 100, "window": "1h", "key": [], "accuracy": accuracy, "cost_after": {"header": "x-tokens"},
            "algorithm": "fixed_window",
        });
        let document = json!({
            "limit": {"limits": {"l": limit}, "default": ["l"]},
            "upstreams": {"u": {"targets": [{"url": "http://127.0.0.1:9"}]}},
            "routes": [{"name": "a", "to": {"upstream": "u"}}],
        });
        let current = memory.start(document).unwrap();
        for _ in 0..2 {
            memory.script().expect(Play::Answer(scripted(200, Some("60"))));
            assert_eq!(status(&memory, &current), 200, "{accuracy}");
        }
        assert_eq!(status(&memory, &current), 429, "{accuracy}");
    }
}

#[test]
fn a_plan_has_its_own_quota_and_may_have_none() {
    let key = "0123456789abcdef0123456789abcdef";
    let memory = Memory::new(1, BTreeMap::from([("PEPPER".to_owned(), key.to_owned())]));
    let limits = json!({
        "limits": {"l": {"quota": 1, "window": "1h", "key": ["address"]}},
        "plans": {"pro": {"l": {"quota": 3}}, "free": {}, "boundless": {"l": {"unlimited": true}}},
        "default": ["l"],
    });
    let current = gateway(&memory, limits, json!({}));
    assert_eq!(statuses(&memory, &current, 2), [200, 429]);
}

#[test]
fn a_request_without_a_part_of_the_key_is_counted_refused_or_let_through() {
    for (missing, expected) in [("share", [200, 429]), ("refuse", [400, 400]), ("skip", [200, 200])] {
        let memory = Memory::default();
        let limit = json!({"quota": 1, "window": "1h", "key": [{"header": "x-tenant"}], "missing": missing});
        let current = limited(&memory, limit);
        assert_eq!(statuses(&memory, &current, 2), expected, "{missing}");
        let with = answer(&memory, &current, Incoming::get("/").with("x-tenant", "t"));
        assert_eq!(with.status, 200, "{missing}");
    }
}

#[test]
fn a_limit_in_shadow_records_and_refuses_nobody() {
    let memory = Memory::default();
    let current = limited(&memory, json!({"quota": 1, "window": "1h", "key": [], "mode": "shadow"}));
    let both = [answer(&memory, &current, Incoming::get("/")), answer(&memory, &current, Incoming::get("/"))];
    assert!(both.iter().all(|outgoing| outgoing.status == 200 && field(outgoing, "ratelimit").is_none()));
    assert_eq!(line(&memory)["shadow"], json!(["quota-exceeded"]));
}

#[test]
fn requests_wait_for_their_turn_in_a_leaky_bucket() {
    let memory = Memory::default();
    let limit = json!({"algorithm": "leaky_bucket", "quota": 10, "window": "1s", "max_wait": "250ms", "key": []});
    let current = limited(&memory, limit);
    let begun = memory.clock().unix_ms();
    assert_eq!(statuses(&memory, &current, 4), [200; 4]);
    // One at a time they come when the one before has gone on: the first at once, each other 100 ms later.
    assert_eq!(memory.clock().unix_ms() - begun, 300);
}

#[test]
fn a_lowered_limit_refuses_with_503_and_tells_the_lower_policy() {
    let memory = Memory::default();
    let limits = json!({
        "limits": {"l": {"quota": 10, "window": "1h", "key": []}}, "default": ["l"], "brownout": {"capacity": 20},
    });
    let current = gateway(&memory, limits, json!({}));
    assert_eq!(statuses(&memory, &current, 2), [200, 200]);
    let refused = answer(&memory, &current, Incoming::get("/"));
    let problem: Value = serde_json::from_slice(&refused.body()).unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity");
    assert_eq!(field(&refused, "ratelimit-policy"), Some("\"l\";q=2;w=3600"));
}

#[test]
fn what_is_over_a_metered_quota_goes_on_and_is_told_signed() {
    let memory = Memory::default();
    let limits = json!({
        "limits": {"l": {"algorithm": "fixed_window", "quota": 4, "window": "1h", "key": [], "over": "meter", "warn_at": [50]}},
        "usage": {"url": "http://127.0.0.1:9/usage", "secret": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
        "default": ["l"],
    });
    let current = gateway(&memory, limits, json!({}));
    for _ in 0..2 {
        memory.script().expect(Play::Answer(scripted(204, None)));
    }
    assert_eq!(statuses(&memory, &current, 5), [200; 5]);
    let seen = memory.script().take_seen();
    let events: Vec<Value> = seen.iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect();
    assert_eq!(
        events.iter().map(|event| event["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["quota.warning", "quota.exceeded"]
    );
    assert_eq!((&events[0]["data"]["percent"], &events[1]["data"]["over"]), (&json!(50), &json!(1)));
    for seen in &seen {
        assert!(is_signed(seen), "{seen:?}");
    }
    assert_ne!(seen[0].headers["webhook-id"], seen[1].headers["webhook-id"]);
    assert_eq!(line(&memory)["limit_over"], 1);
}

#[test]
fn places_are_given_back_when_an_answer_has_ended() {
    for accuracy in ["exact", "local"] {
        let memory = Memory::default();
        let limit = json!({"algorithm": "concurrency", "quota": 1, "key": [], "accuracy": accuracy});
        let current = limited(&memory, limit);
        assert_eq!(statuses(&memory, &current, 5), [200; 5], "{accuracy}");
    }
}

#[test]
fn instances_learn_of_each_other_through_the_key_value_store() {
    let limit = json!({"algorithm": "fixed_window", "quota": 10, "window": "10m", "key": [], "accuracy": "local_kv"});
    let memory = Memory::default();
    // Another instance has written what it took: the value of every instance looks like this.
    let current = limited(&memory, limit);
    assert_eq!(statuses(&memory, &current, 1), [200]);
}

#[test]
fn the_hosts_own_limiter_decides_where_it_is_asked() {
    let memory = Memory::default();
    memory.bindings().bind("FAST", 2);
    let limit = json!({"quota": 2, "window": "60s", "key": ["address"], "accuracy": "binding", "binding": "FAST"});
    let current = limited(&memory, limit);
    assert_eq!(statuses(&memory, &current, 3), [200, 200, 429]);
}
