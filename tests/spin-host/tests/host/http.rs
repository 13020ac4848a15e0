//! The way in: what the component sees of a request, and what a client gets.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use spin_host::Settings;
use tokio::net::TcpStream;

use crate::support::{get, raw, send, start};

#[tokio::test]
async fn spin_fields_come_after_those_a_client_forged() {
    let app = start(Settings::default()).await;
    let answer = get(&app, "/inspect?a=b", &["spin-client-addr: 10.9.8.7:6", "Spin-Full-Url: http://forged/"]).await;
    let seen: Vec<_> = answer.text().lines().filter(|line| line.starts_with("spin-client-addr: ")).collect();
    assert_eq!(seen[0], "spin-client-addr: 10.9.8.7:6");
    assert!(seen[1].starts_with("spin-client-addr: 127.0.0.1:"), "{seen:?}");
    let urls: Vec<_> = answer.text().lines().filter(|line| line.starts_with("spin-full-url: ")).collect();
    assert_eq!(
        urls,
        ["spin-full-url: http://forged/", &format!("spin-full-url: http://{}/inspect?a=b", app.address())]
    );
    for line in ["spin-path-info: /inspect", "spin-raw-component-route: /...", "spin-base-path: /"] {
        assert!(answer.has_line(line), "{line}\n{}", answer.text());
    }
}

#[tokio::test]
async fn connection_is_hidden_but_not_the_fields_it_names() {
    let app = start(Settings::default()).await;
    let headers = ["connection: close, x-hop", "x-hop: 1", "keep-alive: timeout=5", "te: trailers"];
    let answer = get(&app, "/inspect", &headers).await;
    assert!(!answer.text().contains("connection:"), "{}", answer.text());
    for line in ["x-hop: 1", "keep-alive: timeout=5", "te: trailers"] {
        assert!(answer.has_line(line), "{line}\n{}", answer.text());
    }
}

#[tokio::test]
async fn paths_and_methods_arrive_as_they_were_sent() {
    let app = start(Settings::default()).await;
    let answer = send(app.address(), "BREW", "/inspect?%zz=/%2e%2e//x", &[], b"").await;
    assert!(answer.has_line("path Some(\"/inspect?%zz=/%2e%2e//x\")"), "{}", answer.text());
    assert!(answer.has_line("method Method::Other(\"BREW\")"), "{}", answer.text());
}

#[tokio::test]
async fn a_field_value_outside_utf_8_never_reaches_the_component() {
    let app = start(Settings::default()).await;
    let request = b"GET /inspect HTTP/1.1\r\nhost: a\r\nx-name: caf\xe9\r\nconnection: close\r\n\r\n";
    assert!(raw(app.address(), request).await.starts_with(b"HTTP/1.1 500"));
    let answer = get(&app, "/inspect", &["x-name: café"]).await;
    assert!(answer.has_line("x-name: café"), "{}", answer.text());
}

#[tokio::test]
async fn fields_that_belong_to_the_host_are_refused() {
    let app = start(Settings::default()).await;
    let answer = get(&app, "/forbidden", &[]).await;
    let expected = "connection forbidden\nhost forbidden\ntransfer-encoding forbidden\nte accepted\nx-free accepted\n";
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn a_body_shorter_than_announced_closes_the_connection() {
    let app = start(Settings::default()).await;
    let request = format!("GET /short HTTP/1.1\r\nhost: {}\r\n\r\n", app.address());
    let answer = raw(app.address(), request.as_bytes()).await;
    assert!(!answer.ends_with(b"abc\r\n"), "{:?}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn an_error_code_of_the_component_is_a_500() {
    let app = start(Settings::default()).await;
    assert_eq!(get(&app, "/refuse", &[]).await.status, 500);
}

#[tokio::test]
async fn health_is_answered_by_the_host() {
    let app = start(Settings::default()).await;
    assert_eq!(get(&app, "/.well-known/spin/health", &[]).await.text(), "OK");
}

#[tokio::test]
async fn http2_with_prior_knowledge_carries_trailers_on_the_same_port() {
    let app = start(Settings::default()).await;
    let mut client = http2(app.address()).await;
    let request = Request::get(format!("http://{}/stream", app.address())).body(empty()).expect("a request");
    let answer = client.send_request(request).await.expect("an answer").into_body().collect().await.expect("a body");
    assert_eq!(answer.trailers().expect("trailers")["x-end"], "yes");
    assert_eq!(answer.to_bytes(), "one\ntwo\n");
    assert_eq!(get(&app, "/stream", &[]).await.text(), "one\ntwo\n");
}

/// Each frame is sent only after the one before has come back: a body held back anywhere would hang here.
#[tokio::test]
async fn bodies_stream_both_ways_with_their_trailers() {
    let app = start(Settings::default()).await;
    let mut client = http2(app.address()).await;
    let (frames, body) = tokio::sync::mpsc::unbounded_channel();
    let body = StreamBody::new(futures_util::stream::unfold(body, |mut body| async {
        let frame: Frame<Bytes> = body.recv().await?;
        Some((Ok::<_, Infallible>(frame), body))
    }));
    let request = Request::post(format!("http://{}/echo", app.address())).body(body.boxed_unsync()).expect("a request");
    let mut answer = client.send_request(request).await.expect("an answer").into_body();
    for text in ["first", "second", "third"] {
        frames.send(Frame::data(text.into())).expect("an open body");
        let frame = answer.frame().await.expect("a frame").expect("no error");
        assert_eq!(frame.into_data().expect("data"), text);
    }
    let trailers = HeaderMap::from_iter([("x-sum".parse().expect("a name"), HeaderValue::from_static("3"))]);
    frames.send(Frame::trailers(trailers)).expect("an open body");
    drop(frames);
    let frame = answer.frame().await.expect("a frame").expect("no error");
    assert_eq!(frame.into_trailers().expect("trailers")["x-sum"], "3");
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, Infallible>;

fn empty() -> Body {
    http_body_util::Empty::new().boxed_unsync()
}

async fn http2(to: std::net::SocketAddr) -> hyper::client::conn::http2::SendRequest<Body> {
    let stream = TcpStream::connect(to).await.expect("a connection");
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    client
}
