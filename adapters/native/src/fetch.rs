//! What the gateway asks on its own behalf, over the same connections as everything else.
//!
//! Servers are known by the authorities that the system trusts, never by those of an upstream. Redirects are not followed: an answer is what the
//! server said that was asked.

use bytes::{Bytes, BytesMut};
use edge::platform::{Errand, Failure, Fetch, Fetched};
use http::{HeaderValue, StatusCode, header};
use http_body::Body as _;
use hyper::body::Incoming;
use router_core::dispatch::{FailureClass, RequestSent, Timeouts};
use router_core::head::Scheme;

use crate::platform::Native;
use crate::tls::{ClientTls, system_tls};
use crate::upstream::{Deadlines, Head, OutBody, Peer, Sending, exchange, failed, idempotent, in_time};

impl Fetch for Native {
    async fn fetch(&self, errand: Errand<'_>) -> Result<Fetched, Failure> {
        let timeouts = Timeouts { connect: None, first_byte: None, idle: None, total: Some(errand.timeout) };
        let deadlines = Deadlines::begin(timeouts);
        let tls = match errand.target.scheme() {
            Scheme::Http => None,
            Scheme::Https => Some(roots().await?),
        };
        run(self, errand, deadlines, tls.as_ref()).await
    }
}

/// TLS with the authorities of the system. They are read once, from files, and so not on a thread that serves.
async fn roots() -> Result<ClientTls, Failure> {
    let refused = |detail| Failure { class: FailureClass::Tls, request_sent: RequestSent::No, detail };
    match tokio::task::spawn_blocking(system_tls).await {
        Ok(read) => read.map_err(|why| refused(why.to_string())),
        Err(why) => Err(refused(why.to_string())),
    }
}

async fn run(
    platform: &Native,
    errand: Errand<'_>,
    deadlines: Deadlines,
    tls: Option<&ClientTls>,
) -> Result<Fetched, Failure> {
    let Errand { target, method, path_and_query, mut headers, body, max_answer, .. } = errand;
    let peer = Peer::of_errand(&platform.loaded, target, tls);
    // An answer is read as it comes; nothing here decodes it.
    headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    let replayable = body.is_empty() && idempotent(&method);
    let body = if body.is_empty() { OutBody::Empty } else { OutBody::Bytes(Some(body)) };
    let sending = Sending { body, progress: None, chunked: false, replayable };
    let head = Head { method: &method, path_and_query: &path_and_query, target, host: None };
    let compose = |shape| head.on_the_wire(headers.clone(), shape);
    let (response, lease) = exchange(&platform.thread.pools, &peer, deadlines, sending, compose).await?;
    let (parts, incoming) = response.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(broken(FailureClass::Protocol, "switched to a protocol that it was not asked for".to_owned()));
    }
    let body = match in_time(deadlines.whole(), read(incoming, max_answer)).await {
        Ok(read) => read?,
        Err(phase) => return Err(broken(FailureClass::Timeout(phase), "the answer did not end in time".to_owned())),
    };
    if let Some(lease) = lease {
        lease.give_back();
    }
    Ok(Fetched { status: parts.status, headers: parts.headers, body })
}

/// The whole body, if it has at most `max` bytes.
async fn read(mut incoming: Incoming, max: usize) -> Result<Bytes, Failure> {
    let too_long = || broken(FailureClass::Protocol, format!("the answer is longer than {max} bytes"));
    if incoming.size_hint().lower() > max as u64 {
        return Err(too_long());
    }
    let mut bytes = BytesMut::new();
    loop {
        let next = std::future::poll_fn(|context| std::pin::Pin::new(&mut incoming).poll_frame(context));
        let frame = match next.await {
            None => return Ok(bytes.freeze()),
            Some(Ok(frame)) => frame,
            Some(Err(why)) => return Err(failed(&why, RequestSent::Yes)),
        };
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > max - bytes.len() {
            return Err(too_long());
        }
        bytes.extend_from_slice(&data);
    }
}

fn broken(class: FailureClass, detail: String) -> Failure {
    Failure { class, request_sent: RequestSent::Yes, detail }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use http::{HeaderMap, Method};
    use router_core::dispatch::{Phase, Target};
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::LocalSet;

    use super::*;
    use crate::platform::tests::native;

    /// A server that answers every request on a connection with the same bytes, and counts connections.
    async fn server(answer: &'static str) -> (Target, Rc<Cell<u32>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let connections = Rc::new(Cell::new(0));
        let counted = Rc::clone(&connections);
        tokio::task::spawn_local(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.set(counted.get() + 1);
                tokio::task::spawn_local(async move {
                    let mut head = [0; 4096];
                    while stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        (target, connections)
    }

    fn errand(target: &Target) -> Errand<'_> {
        Errand {
            target,
            method: Method::GET,
            path_and_query: "/keys".into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: Duration::from_secs(30),
            max_answer: 4,
        }
    }

    #[tokio::test]
    async fn an_errand_brings_the_whole_answer_and_its_connection_serves_the_next() {
        LocalSet::new()
            .run_until(async {
                let platform = native(json!({}));
                let (target, connections) = server("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone").await;
                for _ in 0..3 {
                    let fetched = platform.fetch(errand(&target)).await.unwrap();
                    assert_eq!((fetched.status, &fetched.body[..]), (StatusCode::NOT_FOUND, &b"none"[..]));
                }
                assert_eq!(connections.get(), 1);
            })
            .await;
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_like_every_other() {
        LocalSet::new()
            .run_until(async {
                let (target, _) = server("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n").await;
                let fetched = native(json!({})).fetch(errand(&target)).await.unwrap();
                assert_eq!(
                    (fetched.status, &fetched.headers[header::LOCATION]),
                    (StatusCode::FOUND, &"/x".parse().unwrap())
                );
            })
            .await;
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_a_failure_whether_or_not_it_says_so() {
        LocalSet::new()
            .run_until(async {
                let platform = native(json!({}));
                for answer in [
                    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345",
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n",
                ] {
                    let failure = platform.fetch(errand(&server(answer).await.0)).await.unwrap_err();
                    assert_eq!(failure.class, FailureClass::Protocol, "{failure:?}");
                }
            })
            .await;
    }

    /// The clock goes on by itself when everybody waits.
    #[tokio::test(start_paused = true)]
    async fn the_deadline_holds_until_the_end_of_the_answer() {
        LocalSet::new()
            .run_until(async {
                let platform = native(json!({}));
                for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n123"] {
                    let failure = platform.fetch(errand(&server(answer).await.0)).await.unwrap_err();
                    assert_eq!(failure.class, FailureClass::Timeout(Phase::Total), "{failure:?}");
                }
            })
            .await;
    }
}
