//! HTTP/2 from clients and towards upstreams.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::http2::{connect, get, text, upstream};
use crate::support::{Tide, Upstream, hello, to};

#[tokio::test]
async fn a_client_may_speak_http2_with_prior_knowledge() {
    let tide = Tide::new(hello());
    let mut client = connect(tide.server.addresses[0]).await;
    // Several at once on one connection.
    let (a, b) = (client.send_request(get("http://gate.test/a")), client.clone());
    let mut b = b;
    let (a, b) = tokio::join!(a, b.send_request(get("http://gate.test/b")));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((a.version(), a.status()), (Version::HTTP_2, StatusCode::OK));
    assert_eq!((text(a).await, text(b).await), ("hello".into(), "hello".into()));
}

#[tokio::test]
async fn http2_goes_through_to_an_http1_upstream() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let peer = std::thread::spawn(move || {
        let mut peer = upstream.accept();
        let head = peer.head();
        peer.send("HTTP/1.1 200 OK\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\ncontent-length: 2\r\n\r\nok");
        head
    });
    let mut client = connect(tide.server.addresses[0]).await;
    let request =
        Request::get("http://gate.test/x?y").header("cookie", "a=1").header("cookie", "b=2").body(Full::default());
    let response = client.send_request(request.unwrap()).await.unwrap();
    assert!(!response.headers().contains_key("x-hop"));
    assert!(!response.headers().contains_key("keep-alive"));
    assert_eq!(text(response).await, "ok");
    let head = peer.join().unwrap();
    assert!(head.starts_with("GET /x?y HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("cookie: a=1; b=2\r\n"), "{head}");
    assert!(head.contains("x-forwarded-host: gate.test\r\n"), "{head}");
}

#[tokio::test]
async fn an_upstream_may_speak_http2_with_prior_knowledge() {
    let address = upstream().await;
    let mut document = to(address);
    document["upstreams"]["up"]["protocol"] = json!("http2");
    let tide = Tide::new(document);
    let mut client = connect(tide.server.addresses[0]).await;
    let request =
        Request::post("http://gate.test/x").header("te", "trailers").body(Full::new(Bytes::from("body"))).unwrap();
    let seen = text(client.send_request(request).await.unwrap()).await;
    assert_eq!(seen, format!("HTTP/2.0 POST http://{address}/x te=Some(\"trailers\") host=false body=b\"body\""));
    let again = text(client.send_request(get("http://gate.test/y")).await.unwrap()).await;
    assert!(again.contains("/y te=None"), "{again}");
}

#[tokio::test]
async fn listeners_speak_only_what_they_are_told() {
    let mut document = hello();
    document["native"] = json!({"listeners": [
        {"address": "127.0.0.1:0", "protocols": "http1"},
        {"address": "127.0.0.1:0", "protocols": "http2"},
    ]});
    let tide = Tide::new(document);
    let response = connect(tide.server.addresses[1]).await.send_request(get("http://gate.test/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(connect(tide.server.addresses[0]).await.send_request(get("http://gate.test/")).await.is_err());
}

#[tokio::test]
async fn a_body_that_breaks_off_resets_its_stream_only() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let peers = std::thread::spawn(move || {
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
        drop(peer);
        let mut peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    let mut client = connect(tide.server.addresses[0]).await;
    let broken = client.send_request(get("http://gate.test/")).await.unwrap();
    assert_eq!(broken.status(), StatusCode::OK);
    assert!(broken.into_body().collect().await.is_err());
    assert_eq!(text(client.send_request(get("http://gate.test/")).await.unwrap()).await, "ok");
    peers.join().unwrap();
}

#[tokio::test]
async fn fields_over_the_limit_are_refused_on_their_stream() {
    let mut document = hello();
    document["receive"] = json!({"max_headers": "1KiB"});
    let tide = Tide::new(document);
    let mut client = connect(tide.server.addresses[0]).await;
    let request = Request::get("http://gate.test/").header("x", "x".repeat(2000)).body(Full::default()).unwrap();
    let refused = client.send_request(request).await.unwrap();
    assert_eq!(refused.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert!(text(refused).await.contains("urn:tidegate:problem:headers-too-large"));
    assert_eq!(text(client.send_request(get("http://gate.test/")).await.unwrap()).await, "hello");
}

#[tokio::test]
async fn a_client_cannot_say_who_it_is_behind_its_body() {
    let address = upstream().await;
    let mut document = to(address);
    document["upstreams"]["up"]["protocol"] = json!("http2");
    document["routes"][0]["authenticate"] =
        json!({"mode": "off", "forward": {"headers": {"x-user": {"claim": "sub"}}}});
    let tide = Tide::new(document);
    let stream = TokioIo::new(TcpStream::connect(tide.server.addresses[0]).await.unwrap());
    let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let mut trailers = HeaderMap::new();
    for name in ["x-user", "x_user", "client-cert", "x-forwarded-for", "x-sum"] {
        trailers.insert(name, HeaderValue::from_static("1"));
    }
    let body = Full::new(Bytes::from("body")).with_trailers(std::future::ready(Some(Ok(trailers))));
    let seen = text(client.send_request(Request::post("http://gate.test/x").body(body).unwrap()).await.unwrap()).await;
    assert!(seen.ends_with(r#"trailers={"x-sum": "1"}"#), "{seen}");
}
