//! Promise: whatever a client sends and whatever an upstream answers, every request ends in one answer and one log line, never in a panic, and only
//! the gateway's own faults are 500.
#![no_main]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use edge::Current;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tidegate_memory::executor::run;
use tidegate_memory::{Incoming, Memory, Play, Scripted, ScriptedBody};

thread_local! {
    static STAGE: RefCell<Option<(Memory, Rc<Current>)>> = const { RefCell::new(None) };
}

fn start() -> (Memory, Rc<Current>) {
    let memory = Memory::new(1, BTreeMap::new());
    let document = json!({
        "receive": {"max_url": "1KiB", "max_headers": "2KiB", "max_body": "256B", "trusted_proxies": ["127.0.0.0/8"]},
        "filter": {
            "path": {"encoded_slash": "redirect", "encoded_backslash": "unescape"},
            "addresses": {"deny": ["192.0.2.0/24"]},
            "cors": {"origins": [{"regex": "https://[a-z]+\\.test"}], "credentials": true},
        },
        "upstreams": {"u": {"targets": [{"url": "http://a.test/base"}, {"url": "http://b.test"}]}},
        "reload": {"interval": "0s"},
        "routes": [
            {"name": "r1", "match": {"paths": [{"template": "/a/{id}/x{n}"}]}, "rewrite": {"template": "/{n}/{id}"}, "to": {"upstream": "u"}},
            {"name": "r2", "match": {"paths": [{"prefix": "/strip"}]}, "rewrite": {"strip_prefix": "/strip"}, "to": {"upstream": "u"}},
            {"name": "r3", "match": {"paths": [{"regex": "/re/(?<a>[^/]*)/(?<b>.*)"}]},
             "rewrite": {"regex": {"pattern": "re/(.*)", "substitution": "$1"}}, "to": {"upstream": "u"}},
            {"name": "r4", "match": {"paths": [{"template": "/go/{*rest}"}], "trailing_slash": "redirect"}, "to": {"redirect": {"path": "/to/{rest}"}}},
            {"name": "r5", "match": {"hosts": ["*.test"], "headers": {"x-a": {"regex": "[0-9]+"}}, "query": {"q": "present"}}, "to": {"echo": {}}},
            {"name": "r6", "match": {"methods": ["GET", "PURGE"], "paths": [{"exact": "/fixed"}]}, "to": {"respond": {"body": "x"}}},
        ],
    });
    let current = memory.start(document).expect("the document of this target is sound");
    (memory, current)
}

/// Lines of input: method, target, fields, a blank line, a body, a blank line, the upstream's status and fields.
fn exchange(data: &[u8]) -> (Incoming, Scripted) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, "\n\n");
    let mut head = parts.next().unwrap_or_default().split('\n');
    let method = head.next().unwrap_or_default();
    let target = head.next().unwrap_or_default();
    let mut incoming = Incoming::get(target).method(method);
    for line in head.take(200) {
        if let Some((name, value)) = line.split_once(':') {
            incoming = incoming.with(name, value.as_bytes());
        }
    }
    if let Some(body) = parts.next().filter(|body| !body.is_empty()) {
        incoming = incoming.body(body.as_bytes().to_vec());
    }
    let mut answer = parts.next().unwrap_or_default().split('\n');
    let status =
        answer.next().and_then(|status| StatusCode::from_bytes(status.as_bytes()).ok()).unwrap_or(StatusCode::OK);
    let headers: HeaderMap = answer
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        })
        .take(100)
        .collect();
    (incoming, Scripted { status, headers, body: ScriptedBody::default() })
}

fuzz_target!(|data: &[u8]| {
    STAGE.with_borrow_mut(|stage| {
        let (memory, current) = stage.get_or_insert_with(start);
        let (incoming, answer) = exchange(data);
        let upstream_says = answer.status;
        memory.script().expect(Play::Answer(answer));
        let outgoing =
            run(memory.answer(current, incoming)).unwrap_or_else(|_| panic!("the memory platform never waits"));
        let seen = memory.script().take_seen();
        let lines = memory.lines().take();
        assert_eq!(lines.len(), 1, "one request, one line: {lines:?}");
        assert!(seen.len() <= 1);
        assert!(outgoing.headers.contains_key("x-request-id"));
        assert!(!outgoing.headers.contains_key("connection"));
        if outgoing.status == StatusCode::INTERNAL_SERVER_ERROR {
            assert!(seen.len() == 1 && upstream_says == StatusCode::INTERNAL_SERVER_ERROR, "{lines:?}");
        }
        for seen in seen {
            assert!(seen.target != "http://a.test/base" || seen.path_and_query.starts_with("/base/"), "{seen:?}");
            assert!(
                !seen.path_and_query.split(['?']).next().unwrap_or_default().split('/').any(|segment| segment == ".."),
                "{seen:?}"
            );
            assert!(!seen.headers.contains_key("connection") && !seen.headers.contains_key("te"), "{seen:?}");
        }
    });
});
