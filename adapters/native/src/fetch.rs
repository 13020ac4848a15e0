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
