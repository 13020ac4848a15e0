//! Upstreams and clients that fail: a clear answer in bounded time, and a log line that says which.

use std::net::TcpListener;
use std::sync::Arc;

use router_core::RequestHead;
use serde_json::json;
use tidegate_native::ConfigSource;

use crate::support::{Tide, Upstream, gateway, hello, problem, status, to};

/// What the client is told and what the log says when the upstream does this with the connection.
fn failing(fail: impl FnOnce(&Upstream)) -> ((u16, String), String) {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.get("/");
    fail(&upstream);
    let answer = problem(&client.answer());
    (answer, tide.access()["failure"].as_str().unwrap().to_owned())
}

#[test]
fn an_upstream_that_refuses_is_unreachable() {
    // Bound and closed again: nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tide = Tide::new(to(address));
    let mut client = tide.connect();
    client.get("/");
    assert_eq!(problem(&client.answer()), (502, "upstream-unreachable".into()));
    assert_eq!(tide.access()["failure"], "connect");
}

#[test]
fn a_name_that_nobody_has_is_unreachable() {
    let mut document = to("127.0.0.1:1".parse().unwrap());
    // Reserved never to exist (RFC 6761 section 6.4).
    document["upstreams"]["up"]["targets"][0]["url"] = json!("http://nobody.invalid");
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.get("/");
    assert_eq!(problem(&client.answer()), (502, "upstream-unreachable".into()));
    assert_eq!(tide.access()["failure"], "dns");
}

#[test]
fn an_upstream_that_resets_or_ends_has_failed() {
    let reset = failing(|upstream| {
        let mut peer = upstream.accept();
        peer.head();
        peer.reset();
    });
    assert_eq!(reset, ((502, "upstream-reset".into()), "reset".into()));
    let ended = failing(|upstream| {
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 O");
    });
    assert_eq!(ended, ((502, "upstream-reset".into()), "reset".into()));
}

#[test]
fn an_upstream_that_does_not_speak_http_has_failed() {
    for junk in
        ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 twohundred OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"]
    {
        let junked = failing(|upstream| {
            let mut peer = upstream.accept();
            peer.head();
            peer.send(junk);
        });
        assert_eq!(junked, ((502, "upstream-protocol".into()), "protocol".into()), "{junk}");
    }
    let switched = failing(|upstream| {
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n");
    });
    assert_eq!(switched, ((502, "upstream-protocol".into()), "protocol".into()));
}

#[test]
fn an_upstream_that_stalls_is_given_up_in_time() {
    for (deadline, failure) in [("first_byte", "timeout_first_byte"), ("total", "timeout_total")] {
        let upstream = Upstream::new();
        let mut document = to(upstream.address);
        document["upstreams"]["up"]["timeouts"] = json!({deadline: "50ms"});
        let tide = Tide::new(document);
        let mut client = tide.connect();
        client.get("/");
        let mut peer = upstream.accept();
        peer.head();
        assert_eq!(problem(&client.answer()), (504, "upstream-timeout".into()));
        assert_eq!(tide.access()["failure"], failure);
        peer.gone();
    }
}

#[test]
fn a_handshake_that_stalls_is_given_up_in_time() {
    let upstream = Upstream::new();
    let authority = crate::support::tls::Authority::new();
    let tide = Tide::new(json!({
        "upstreams": {"up": {
            "targets": [{"url": format!("https://{}", upstream.address)}],
            "timeouts": {"connect": "50ms"},
            "tls": {"ca": authority.ca()},
        }},
        "routes": [{"name": "all", "to": {"upstream": "up"}}],
    }));
    let mut client = tide.connect();
    client.get("/");
    assert_eq!(problem(&client.answer()), (504, "upstream-timeout".into()));
    assert_eq!(tide.access()["failure"], "timeout_connect");
}

#[test]
fn a_body_that_breaks_off_breaks_the_client_and_is_logged() {
    for (head, sent, failure) in [
        ("content-length: 100", "short", "reset"),
        ("transfer-encoding: chunked", "5\r\nshort\r\n", "reset"),
        ("transfer-encoding: chunked", "5\r\nshort\r\nzz\r\n", "protocol"),
    ] {
        let upstream = Upstream::new();
        let tide = Tide::new(to(upstream.address));
        let mut client = tide.connect();
        client.send("GET / HTTP/1.1\r\nhost: gate.test\r\nx-request-id: the-one-that-broke\r\n\r\n");
        let mut peer = upstream.accept();
        peer.head();
        peer.send(&format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{sent}"));
        drop(peer);
        assert_eq!(status(&client.head()), 200);
        let rest = client.rest();
        assert!(rest.contains("short") && !rest.ends_with("0\r\n\r\n"), "{rest:?}");
        let line = tide.event("upstream_body");
        assert_eq!((&line["request_id"], &line["upstream"]), (&json!("the-one-that-broke"), &json!("up")));
        assert_eq!((&line["failure"], &line["bytes"]), (&json!(failure), &json!(5)), "{line}");
    }
}

#[test]
fn a_body_that_stalls_is_given_up_in_time() {
    for (deadline, failure) in [("idle", "timeout_idle"), ("total", "timeout_total")] {
        let upstream = Upstream::new();
        let mut document = to(upstream.address);
        document["upstreams"]["up"]["timeouts"] = json!({deadline: "100ms"});
        let tide = Tide::new(document);
        let mut client = tide.connect();
        client.get("/");
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
        assert_eq!(status(&client.head()), 200);
        assert_eq!(client.rest(), "short");
        assert_eq!(tide.event("upstream_body")["failure"], failure);
        peer.gone();
    }
}

#[test]
fn a_client_that_goes_away_takes_its_upstream_request_along() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    // Before the answer, and within it.
    let mut client = tide.connect();
    client.get("/");
    let mut peer = upstream.accept();
    peer.head();
    drop(client);
    peer.gone();
    let mut client = tide.connect();
    client.get("/");
    let mut peer = upstream.accept();
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
    assert_eq!(status(&client.head()), 200);
    client.reset();
    peer.gone();
}

#[test]
fn a_client_that_stops_within_its_body_ends_the_upstream_request() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("POST / HTTP/1.1\r\nhost: gate.test\r\ncontent-length: 100\r\n\r\nhalf");
    let mut peer = upstream.accept();
    peer.head();
    assert_eq!(peer.bytes(4), "half");
    drop(client);
    peer.gone();
}

#[test]
fn a_client_that_stalls_within_its_body_is_told_so_in_time() {
    let upstream = Upstream::new();
    let mut document = to(upstream.address);
    document["upstreams"]["up"]["timeouts"] = json!({"idle": "50ms"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.send("POST / HTTP/1.1\r\nhost: gate.test\r\ncontent-length: 100\r\n\r\nhalf");
    let mut peer = upstream.accept();
    peer.head();
    assert_eq!(problem(&client.answer()).0, 400);
    assert_eq!(tide.access()["failure"], "client_body");
    peer.gone();
}

#[test]
fn a_body_that_turns_out_too_large_is_refused() {
    let upstream = Upstream::new();
    let mut document = to(upstream.address);
    document["receive"] = json!({"max_body": "10B"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.send("POST / HTTP/1.1\r\nhost: gate.test\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n");
    let mut peer = upstream.accept();
    peer.head();
    assert_eq!(peer.chunk(), "0123456789");
    client.send("1\r\nx\r\n");
    assert_eq!(problem(&client.answer()), (413, "body-too-large".into()));
    peer.gone();
}

#[test]
fn a_panic_ends_one_request_and_no_other() {
    let upstream = Upstream::new();
    let config = ConfigSource::Gateway(Arc::new(gateway(to(upstream.address))));
    let observer = |head: &RequestHead| assert!(head.path != "/panic", "asked to");
    let tide = Tide::with(config, |options| options.with_observer(Arc::new(observer)));
    let mut neighbour = tide.connect();
    neighbour.get("/");
    let mut peer = upstream.accept();
    peer.head();
    let mut client = tide.connect();
    client.get("/panic");
    assert_eq!(problem(&client.answer()), (500, "internal".into()));
    assert_eq!(tide.event("panic")["reason"], "asked to");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assert_eq!(neighbour.answer().1, "ok");
    // Even the connection lives.
    client.get("/");
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assert_eq!(client.answer().1, "ok");
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    let mut document = hello();
    document["native"] = json!({"max_connections": 1});
    let tide = Tide::new(document);
    let mut first = tide.connect();
    first.get("/");
    first.answer();
    let mut second = tide.connect();
    second.get("/");
    // The second is served once the first is gone, and not before: its answer would be there.
    first.get("/");
    first.answer();
    second.stream.get_ref().set_nonblocking(true).unwrap();
    assert!(second.stream.get_ref().peek(&mut [0]).is_err());
    second.stream.get_ref().set_nonblocking(false).unwrap();
    drop(first);
    assert_eq!(second.answer().1, "hello");
}
