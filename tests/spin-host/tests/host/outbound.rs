//! The way out: calls to upstreams.

use std::sync::atomic::Ordering;

use spin_host::Settings;

use crate::support::{Upstream, get, send, start};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nkeep-alive: timeout=9\r\nx-from: upstream\r\n\r\nok";

fn to(address: impl std::fmt::Display, path: &str) -> String {
    format!("x-target: http://{address}{path}")
}

#[tokio::test]
async fn a_large_body_is_spliced_through_unchanged() {
    let app = start(Settings::default()).await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|byte| byte.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let answer = send(app.address(), "POST", "/proxy", &[&to(app.address(), "/echo")], &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == body, "{} bytes came back of {}", answer.body.len(), body.len());
}

#[tokio::test]
async fn trailers_pass_from_upstream_to_client() {
    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n";
    let (app, upstream) = (start(Settings::default()).await, Upstream::answering(Some(ANSWER)).await);
    let answer = get(&app, "/proxy", &[&to(upstream.address, "/"), "te: trailers"]).await;
    assert_eq!((answer.text(), answer.trailers.as_str()), ("ok", "x-sum: 7"));
}

#[tokio::test]
async fn connections_are_pooled_across_requests() {
    let (app, upstream) = (start(Settings::default()).await, Upstream::answering(Some(OK)).await);
    for _ in 0..3 {
        assert_eq!(get(&app, "/proxy", &[&to(upstream.address, "/")]).await.text(), "ok");
    }
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn fields_of_an_upstream_come_as_they_were_sent() {
    let (app, upstream) = (start(Settings::default()).await, Upstream::answering(Some(OK)).await);
    let host = format!("host: {}", upstream.address);
    let request = format!(
        "GET /proxy-untouched HTTP/1.1\r\n{host}\r\n{}\r\nconnection: close\r\n\r\n",
        to(upstream.address, "/")
    );
    let answer = crate::support::raw(app.address(), request.as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("keep-alive: timeout=9"), "the hop's own field is the gateway's to remove: {answer}");
}

#[tokio::test]
async fn a_host_that_differs_from_the_authority_fails_the_call() {
    let (app, upstream) = (start(Settings::default()).await, Upstream::answering(Some(OK)).await);
    let answer = get(&app, "/proxy-untouched", &[&to(upstream.address, "/")]).await;
    let expected = r#"ErrorCode::InternalError(Some("Host header does not match URI authority"))"#;
    assert_eq!((answer.status, answer.text()), (502, expected));
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn failures_are_typed() {
    let app = start(Settings::default()).await;
    let silent = Upstream::answering(None).await;
    let closing = Upstream::answering(Some(b"")).await;
    let vacated = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    for (target, timeout, code) in [
        (to("127.0.0.2:80", "/"), "", "ErrorCode::HttpRequestDenied"),
        (to(vacated, "/"), "", "ErrorCode::ConnectionRefused"),
        (to(silent.address, "/"), "50", "ErrorCode::ConnectionReadTimeout"),
        (to(closing.address, "/"), "", "ErrorCode::HttpProtocolError"),
    ] {
        let answer = get(&app, "/proxy", &[&target, &format!("x-timeout-ms: {timeout}")]).await;
        assert_eq!((answer.status, answer.text()), (502, code), "{target}");
    }
}

#[tokio::test]
async fn a_truncated_body_is_not_passed_off_as_whole() {
    const CUT: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense";
    let (app, upstream) = (start(Settings::default()).await, Upstream::answering(Some(CUT)).await);
    let request = format!("GET /proxy HTTP/1.1\r\nhost: a\r\n{}\r\n\r\n", to(upstream.address, "/"));
    let answer = crate::support::raw(app.address(), request.as_bytes()).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{:?}", String::from_utf8_lossy(&answer));
    assert!(!answer.ends_with(b"0\r\n\r\n"), "{:?}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn http2_without_tls_is_spoken_where_it_is_asked_for() {
    let target = start(Settings::default()).await;
    let app = start(Settings { outbound_h2c: vec![target.address().to_string()], ..Settings::default() }).await;
    let answer = get(&app, "/proxy", &[&to(target.address(), "/stream")]).await;
    assert_eq!(answer.text(), "one\ntwo\n");
}
