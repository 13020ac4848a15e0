//! What becomes of clients when the stores behind the cache fail: nothing but that the upstream is asked.

use std::collections::BTreeMap;
use std::rc::Rc;

use edge::Current;
use edge::platform::{CacheFailure, KvFailure};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, executor};

const PEPPER: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "tide_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_3NG2lr";
const KEY_HASH: &str = "791e2b791cf8de1b44909e1a372cede3f447d2d32beab62acb350279acb56516";

/// A gateway that stores what it is given, with a route that purges.
fn gateway() -> (Memory, Rc<Current>) {
    let memory = Memory::new(1, BTreeMap::from([("PEPPER".to_owned(), PEPPER.to_owned())]));
    let document = json!({
        "authenticate": {"authenticators": {"operators": {"api_key": {
            "prefix": "tide", "pepper": "${secret:PEPPER}", "keys": [{"hash": KEY_HASH, "consumer": "operator"}],
        }}}},
        "cache": {"rules": {"all": {"ttl": "1h"}}, "default": "all"},
        "upstreams": {"api": {"targets": [{"url": "http://api.test"}]}},
        "routes": [
            {"name": "purge", "match": {"paths": [{"exact": "/purge"}]}, "authenticate": {"any": ["operators"]}, "to": {"purge": {}}},
            {"name": "all", "to": {"upstream": "api"}},
        ],
        "reload": {"interval": "0s"},
    });
    let current = memory.start(document).unwrap();
    (memory, current)
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    let outgoing = executor::run(memory.answer(current, incoming)).unwrap();
    executor::run(memory.run_background()).unwrap();
    outgoing
}

/// The body that a client gets, while the upstream would give this one.
fn body(memory: &Memory, current: &Rc<Current>, upstream: &'static str) -> String {
    let headers = HeaderMap::from_iter([("x-a".parse().unwrap(), HeaderValue::from_static("b"))]);
    memory.script().expect(Play::Answer(Scripted {
        status: StatusCode::OK,
        headers,
        body: ScriptedBody::new([upstream.into()]),
    }));
    let outgoing = answer(memory, current, Incoming::get("/a"));
    assert_eq!(outgoing.status, 200);
    String::from_utf8(outgoing.body().to_vec()).unwrap()
}

#[test]
fn a_store_that_fails_is_a_miss_and_counted() {
    let (memory, current) = gateway();
    assert_eq!(body(&memory, &current, "one"), "one");
    assert_eq!(body(&memory, &current, "two"), "one");
    memory.shelf().fail(Some(CacheFailure::Failed("the disk is full".to_owned())));
    let asked = body(&memory, &current, "three");
    assert!(asked == "two" || asked == "three", "{asked}");
    let line: Value = serde_json::from_str(memory.lines().take().last().unwrap()).unwrap();
    assert_eq!(line["cache"], "miss");
    assert!(line["failure_detail"].as_str().unwrap().contains("the disk is full"), "{line}");
    memory.shelf().fail(None);
    assert_eq!(body(&memory, &current, "four"), "one");
}

#[test]
fn a_purge_that_cannot_be_written_down_is_refused_and_purges_nothing() {
    let (memory, current) = gateway();
    assert_eq!(body(&memory, &current, "one"), "one");
    memory.store().fail(Some(KvFailure::Failed("it is gone".to_owned())));
    let order = Incoming::get("/purge").method("POST").with("x-api-key", KEY).body("{\"everything\":true}");
    let outgoing = answer(&memory, &current, order);
    assert_eq!(outgoing.status, 503);
    let problem: Value = serde_json::from_slice(&outgoing.body()).unwrap();
    assert!(problem["type"].as_str().unwrap().ends_with("purge-unavailable"), "{problem}");
    assert_eq!(body(&memory, &current, "two"), "one");
}
