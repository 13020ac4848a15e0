//! Requests and answers over HTTP/1.1 pass as they are.

use serde_json::json;

use crate::support::{Tide, Upstream, field, hello, status, to};

#[test]
fn a_request_reaches_the_upstream_and_its_answer_the_client() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send(
        "POST /a/b%2Dc?q=%7b&q HTTP/1.1\r\nhost: gate.test\r\ncontent-length: 5\r\nx-a: 1\r\nx-a: 2\r\n\r\nhello",
    );
    let mut peer = upstream.accept();
    let seen = peer.head();
    assert!(seen.starts_with("POST /a/b-c?q=%7b&q HTTP/1.1\r\n"), "{seen}");
    assert_eq!(field(&seen, "host"), Some(upstream.address.to_string()));
    assert_eq!(field(&seen, "content-length").as_deref(), Some("5"));
    assert_eq!(field(&seen, "transfer-encoding"), None);
    assert_eq!(seen.matches("x-a: ").count(), 2);
    assert_eq!(field(&seen, "x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(peer.bytes(5), "hello");
    peer.send("HTTP/1.1 418 Teapot Here\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\nset-cookie: a\r\nset-cookie: b\r\n\r\n\x1f\x00z");
    let (head, body) = client.answer();
    assert!(head.starts_with("HTTP/1.1 418 Teapot Here\r\n"), "{head}");
    assert_eq!(field(&head, "content-encoding").as_deref(), Some("gzip"));
    assert_eq!(head.matches("set-cookie: ").count(), 2);
    assert_eq!(body, "\x1f\x00z");
    assert_eq!(tide.access()["status"], 418);
}

#[test]
fn connections_are_kept_on_both_sides() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.get("/1");
    let mut peer = upstream.accept();
    for round in 1..=3 {
        if round > 1 {
            client.get(&format!("/{round}"));
        }
        assert!(peer.head().starts_with(&format!("GET /{round} ")));
        // With and without a body: each way the connection has to come back.
        peer.send(
            ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]
                [round % 2],
        );
        assert_eq!(status(&client.answer().0), 200);
    }
    assert!(!upstream.is_called());
}

#[test]
fn a_request_on_a_connection_that_the_upstream_closed_is_sent_again() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.get("/1");
    let mut peer = upstream.accept();
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    client.answer();
    drop(peer);
    client.get("/2");
    let mut peer = upstream.accept();
    assert!(peer.head().starts_with("GET /2 "));
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(status(&client.head()), 204);
}

#[test]
fn a_kept_connection_that_ends_under_a_request_is_replaced_if_asking_again_does_no_harm() {
    for (method, again) in [("GET", true), ("POST", false)] {
        let upstream = Upstream::new();
        let tide = Tide::new(to(upstream.address));
        let mut client = tide.connect();
        client.get("/1");
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        client.answer();
        client.send(&format!("{method} /2 HTTP/1.1\r\nhost: gate.test\r\n\r\n"));
        // It took the request, and may have acted on it.
        assert!(peer.head().starts_with(&format!("{method} /2 ")));
        drop(peer);
        if again {
            let mut peer = upstream.accept();
            peer.head();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
        assert_eq!(status(&client.answer().0), if again { 200 } else { 502 }, "{method}");
        assert!(!upstream.is_called());
    }
}

#[test]
fn bodies_stream_both_ways_piece_by_piece() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("PUT / HTTP/1.1\r\nhost: gate.test\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    let mut peer = upstream.accept();
    let seen = peer.head();
    assert_eq!(field(&seen, "transfer-encoding").as_deref(), Some("chunked"), "{seen}");
    // The upstream has the first piece while the client still holds the last, and may answer before it.
    assert_eq!(peer.chunk(), "first");
    peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    assert_eq!(status(&client.head()), 200);
    assert_eq!(client.chunk(), "one");
    client.send("4\r\nlast\r\n0\r\n\r\n");
    assert_eq!(peer.chunk(), "last");
    assert_eq!(peer.chunk(), "");
    peer.send("3\r\ntwo\r\n0\r\n\r\n");
    assert_eq!(client.chunk(), "two");
    assert_eq!(client.chunk(), "");
}

#[test]
fn a_get_may_have_a_body_of_unknown_length() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("GET / HTTP/1.1\r\nhost: gate.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    let mut peer = upstream.accept();
    assert_eq!(field(&peer.head(), "transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(peer.chunk(), "abc");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(status(&client.answer().0), 200);
}

#[test]
fn events_pass_one_by_one() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.get("/events");
    let mut peer = upstream.accept();
    peer.head();
    // Neither length nor chunks: it lasts until the connection ends.
    peer.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&client.head()), 200);
    for number in 0..3 {
        peer.send(&format!("data: {number}\n\n"));
        assert_eq!(client.chunk(), format!("data: {number}\n\n"));
    }
    drop(peer);
    assert_eq!(client.chunk(), "");
}

#[test]
fn answers_without_a_body_keep_their_fields() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("HEAD / HTTP/1.1\r\nhost: gate.test\r\n\r\n");
    let mut peer = upstream.accept();
    assert!(peer.head().starts_with("HEAD / "));
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n");
    assert_eq!(field(&client.head(), "content-length").as_deref(), Some("1234"));
    client.get("/");
    peer.head();
    peer.send("HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n");
    let head = client.head();
    assert_eq!((status(&head), field(&head, "etag").as_deref()), (304, Some("\"a\"")));
    client.get("/");
    peer.head();
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    let head = client.head();
    assert_eq!((status(&head), field(&head, "content-length")), (204, None));
    client.get("/");
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlast");
    assert_eq!(client.answer().1, "last");
}

#[test]
fn made_answers_to_head_say_the_length_and_have_no_body() {
    let tide = Tide::new(hello());
    let mut client = tide.connect();
    client.send("HEAD / HTTP/1.1\r\nhost: gate.test\r\n\r\nGET / HTTP/1.1\r\nhost: gate.test\r\n\r\n");
    assert_eq!(field(&client.head(), "content-length").as_deref(), Some("5"));
    assert_eq!(client.answer().1, "hello");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mut document = hello();
    document["routes"] = json!([
        {"name": "a", "match": {"paths": [{"exact": "/a"}]}, "to": {"respond": {"status": 200, "body": "a"}}},
        {"name": "b", "match": {"paths": [{"exact": "/b"}]}, "to": {"respond": {"status": 200, "body": "b"}}},
    ]);
    let tide = Tide::new(document);
    let mut client = tide.connect();
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: gate.test\r\n\r\n");
    client.send(&[one("/a"), one("/b"), one("/c"), one("/a")].concat());
    assert_eq!(client.answer().1, "a");
    assert_eq!(client.answer().1, "b");
    assert_eq!(status(&client.answer().0), 404);
    assert_eq!(client.answer().1, "a");
}

#[test]
fn an_http_1_0_client_needs_no_host_and_is_closed() {
    let tide = Tide::new(hello());
    let mut client = tide.connect();
    client.send("GET / HTTP/1.0\r\n\r\n");
    let answer = client.rest();
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("hello"), "{answer}");
}

#[test]
fn the_body_is_called_for_when_the_client_waits() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("POST / HTTP/1.1\r\nhost: gate.test\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n");
    let mut peer = upstream.accept();
    let seen = peer.head();
    assert_eq!(field(&seen, "expect"), None, "{seen}");
    assert_eq!(status(&client.head()), 100);
    client.send("body");
    assert_eq!(peer.bytes(4), "body");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(status(&client.answer().0), 200);
}

#[test]
fn a_body_that_is_refused_is_not_called_for() {
    let mut document = hello();
    document["receive"] = json!({"max_body": "10B"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.send("POST / HTTP/1.1\r\nhost: gate.test\r\ncontent-length: 400\r\nexpect: 100-continue\r\n\r\n");
    assert_eq!(status(&client.answer().0), 413);
}

#[test]
fn trailers_pass_where_the_client_reads_them() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send("GET / HTTP/1.1\r\nhost: gate.test\r\nte: trailers\r\nconnection: te\r\n\r\n");
    let mut peer = upstream.accept();
    peer.head();
    peer.send(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nab\r\n0\r\nx-sum: 7\r\n\r\n",
    );
    client.head();
    assert_eq!(client.chunk(), "ab");
    assert_eq!(client.line(), "0\r\n");
    assert_eq!(client.line(), "x-sum: 7\r\n");
    assert_eq!(client.line(), "\r\n");
}

#[test]
fn every_form_of_target_is_understood_or_refused() {
    let tide = Tide::new(hello());
    let ask = |request: &str| {
        let mut client = tide.connect();
        client.send(request);
        status(&client.head())
    };
    assert_eq!(ask("GET http://other.test/x HTTP/1.1\r\nhost: gate.test\r\n\r\n"), 200);
    assert_eq!(ask("OPTIONS * HTTP/1.1\r\nhost: gate.test\r\n\r\n"), 400);
    assert_eq!(ask("CONNECT other.test:443 HTTP/1.1\r\nhost: other.test:443\r\n\r\n"), 501);
    assert_eq!(ask("PROPFIND / HTTP/1.1\r\nhost: gate.test\r\n\r\n"), 200);
}
