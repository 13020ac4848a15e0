//! WebSocket passes through.

use serde_json::{Value, json};

use crate::support::{Tide, Upstream, Wire, field, status, to};

fn document(upstream: &Upstream) -> Value {
    let mut document = to(upstream.address);
    document["routes"][0]["upgrade"] = json!(["websocket"]);
    document
}

const ASK: &str = "GET /ws HTTP/1.1\r\nhost: gate.test\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
const AGREE: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn open(tide: &Tide, upstream: &Upstream, early: &str) -> (Wire, Wire) {
    let mut client = tide.connect();
    client.send(ASK);
    let mut peer = upstream.accept();
    let seen = peer.head();
    assert_eq!(field(&seen, "connection").as_deref(), Some("upgrade"));
    assert_eq!(field(&seen, "upgrade").as_deref(), Some("websocket"));
    assert_eq!(field(&seen, "sec-websocket-key").as_deref(), Some("dGhlIHNhbXBsZSBub25jZQ=="));
    peer.send(&format!("{AGREE}{early}"));
    let head = client.head();
    assert_eq!(status(&head), 101);
    assert_eq!(field(&head, "connection").as_deref(), Some("upgrade"), "{head}");
    assert_eq!(field(&head, "upgrade").as_deref(), Some("websocket"));
    assert_eq!(field(&head, "sec-websocket-accept").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    (client, peer)
}

#[test]
fn bytes_pass_both_ways_until_one_side_ends() {
    let upstream = Upstream::new();
    let tide = Tide::new(document(&upstream));
    // What the upstream sent right behind its head belongs to the tunnel.
    let (mut client, mut peer) = open(&tide, &upstream, "early");
    assert_eq!(client.bytes(5), "early");
    for word in ["ping", "pong"] {
        client.send(word);
        assert_eq!(peer.bytes(4), word);
        peer.send(word);
        assert_eq!(client.bytes(4), word);
    }
    // An end in one direction leaves the other open.
    client.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(peer.rest(), "");
    peer.send("last");
    drop(peer);
    assert_eq!(client.rest(), "last");
}

#[test]
fn a_refusal_passes_as_it_is() {
    let upstream = Upstream::new();
    let tide = Tide::new(document(&upstream));
    let mut client = tide.connect();
    client.send(ASK);
    let mut peer = upstream.accept();
    peer.head();
    peer.send("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
    let (head, body) = client.answer();
    assert_eq!((status(&head), body.as_str()), (403, "no"));
}

#[test]
fn a_route_without_upgrades_asks_for_none() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = tide.connect();
    client.send(ASK);
    let mut peer = upstream.accept();
    let seen = peer.head();
    assert_eq!((field(&seen, "upgrade"), field(&seen, "connection")), (None, None), "{seen}");
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assert_eq!(client.answer().1, "ok");
}

#[test]
fn tunnels_end_when_the_server_drains() {
    let upstream = Upstream::new();
    let mut document = document(&upstream);
    document["native"] = json!({"drain": "1h"});
    let tide = Tide::new(document);
    let (client, peer) = open(&tide, &upstream, "");
    tide.server.shutdown();
    client.gone();
    peer.gone();
    tide.server.join();
}
