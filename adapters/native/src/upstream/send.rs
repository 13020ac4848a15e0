//! Sending a request and waiting for the head of its answer.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use edge::platform::{Body, Failure, Question};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use router_core::config::Gateway;
use router_core::dispatch::{FailureClass, RequestSent, Target, Timeouts, Upstream};

use super::compose::{Shape, compose, idempotent};
use super::connect::{Purpose, Spoken, connect, not_sent};
use super::peer::Peer;
use super::pool::{Lease, Pools, Sender};
use super::{AnswerBody, Deadlines, NativeAnswer, OutBody, Progress, failed, in_time};
use crate::exec::Local;
use crate::platform::Native;

/// Pieces of a body that wait in hyper at most, in bytes: memory of an exchange stays bounded whatever its size.
const BUFFER: usize = 256 * 1024;

/// Asks once. A request that certainly was not seen, because the connection on which it waited had been closed, is sent again on a fresh one.
pub(crate) async fn ask(
    platform: &Native,
    mut question: Question<'_, Native>,
    deadlines: Deadlines,
) -> Result<NativeAnswer, Failure> {
    let body = std::mem::replace(&mut question.body, Body::Empty);
    let chunked = matches!(&body, Body::Stream(incoming) if incoming.size_hint().exact().is_none());
    let replayable = matches!(body, Body::Empty) && idempotent(&question.head.method);
    let (body, progress) = outgoing(body, question.max_body, &platform.loaded.gateway);
    let peer = Peer::of_upstream(&platform.loaded, question.index, question.upstream, question.target);
    let sending = Sending { body, progress, chunked, replayable };
    let compose = |shape| compose(&question, shape);
    let (response, lease) = exchange(&platform.thread.pools, &peer, deadlines, sending, compose).await?;
    answer(platform, &question, response, lease, deadlines)
}

/// What is sent after the head, and what may be done about a connection that was closed.
pub(crate) struct Sending {
    pub(crate) body: OutBody,
    /// How far a body has come that the client still sends.
    pub(crate) progress: Option<Arc<Progress>>,
    /// Whether the length of the body is unknown.
    pub(crate) chunked: bool,
    /// Whether sending it twice does no harm.
    pub(crate) replayable: bool,
}

/// Sends the request that `compose` writes, on a connection that waits or on a fresh one, and waits for the head of the answer. The lease goes back
/// when the body has been read to its end.
pub(crate) async fn exchange(
    pools: &Rc<RefCell<Pools>>,
    peer: &Peer<'_>,
    deadlines: Deadlines,
    sending: Sending,
    compose: impl Fn(Shape) -> Result<Parts, Failure>,
) -> Result<(Response<Incoming>, Option<Lease>), Failure> {
    let Sending { mut body, progress, chunked, replayable } = sending;
    loop {
        let waiting = pools.borrow_mut().take(&peer.key);
        let reused = waiting.is_some();
        let mut sender = match waiting {
            Some(sender) => sender,
            None => open(pools, peer, deadlines).await?,
        };
        let shape = match sender {
            Sender::Http1(_) => Shape::Http1 { chunked },
            Sender::Http2(_) => Shape::Http2,
        };
        let request = Request::from_parts(compose(shape)?, body);
        let sent = match &mut sender {
            Sender::Http1(sender) => {
                head_in_time(sender.try_send_request(request), progress.as_deref(), deadlines).await
            }
            Sender::Http2(sender) => {
                head_in_time(sender.try_send_request(request), progress.as_deref(), deadlines).await
            }
        };
        match sent {
            Ok(response) => {
                let lease = match sender {
                    Sender::Http1(sender) => Some(Lease::new(sender, peer.key.clone(), Rc::clone(pools))),
                    Sender::Http2(_) => None,
                };
                return Ok((response, lease));
            }
            Err(Unanswered::Unsent(unsent)) if reused => {
                if matches!(sender, Sender::Http2(_)) {
                    pools.borrow_mut().forget(&peer.key);
                }
                body = unsent;
            }
            Err(Unanswered::Unsent(_)) => {
                return Err(not_sent(FailureClass::Reset, "closed before the request was sent".into()));
            }
            // The upstream closed just when the request left. Asking again does no harm (RFC 9110 section 9.2.2).
            Err(Unanswered::Failed(failure)) if reused && replayable && failure.class == FailureClass::Reset => {
                body = OutBody::Empty;
            }
            Err(Unanswered::Failed(failure)) => return Err(failure),
        }
    }
}

fn outgoing(body: Body<Incoming>, max_body: u64, gateway: &Arc<Gateway>) -> (OutBody, Option<Arc<Progress>>) {
    match body {
        Body::Empty => (OutBody::Empty, None),
        Body::Bytes(bytes) => (OutBody::Bytes(Some(bytes).filter(|bytes| !bytes.is_empty())), None),
        Body::Stream(incoming) => {
            let progress = Progress::begin();
            let (noted, gateway) = (Arc::clone(&progress), Arc::clone(gateway));
            (OutBody::Stream { incoming, left: max_body, progress: noted, gateway }, Some(progress))
        }
    }
}

/// A fresh connection.
async fn open(pools: &Rc<RefCell<Pools>>, peer: &Peer<'_>, deadlines: Deadlines) -> Result<Sender, Failure> {
    let (wire, spoken) = connect(peer, deadlines, Purpose::Requests).await?;
    let io = TokioIo::new(wire);
    let refused = |why: hyper::Error| failed(&why, RequestSent::No);
    match spoken {
        Spoken::Http1 => {
            let (sender, connection) = http1::Builder::new()
                .max_buf_size(BUFFER)
                .max_headers(HEAD_FIELDS)
                .handshake(io)
                .await
                .map_err(refused)?;
            // Errors of a connection reach the request that is on it; an idle one may end as it likes.
            tokio::task::spawn_local(async move { drop(connection.await) });
            Ok(Sender::Http1(sender))
        }
        Spoken::Http2 => {
            let handshake = http2::Builder::new(Local)
                .timer(TokioTimer::new())
                .keep_alive_interval(PING)
                .keep_alive_timeout(PING)
                .max_send_buf_size(BUFFER)
                .max_header_list_size(HEAD_LIST)
                .handshake(io);
            let shaken = in_time(deadlines.connect(), handshake).await;
            let shaken = shaken.map_err(|phase| {
                not_sent(FailureClass::Timeout(phase), format!("no HTTP/2 connection to {} in time", peer.target))
            })?;
            let (sender, connection) = shaken.map_err(refused)?;
            tokio::task::spawn_local(async move { drop(connection.await) });
            Pools::share(pools, peer.key.clone(), sender.clone());
            Ok(Sender::Http2(sender))
        }
    }
}

/// Opens a connection that waits for the next request, unless one waits. Whoever needs one meanwhile opens its own.
pub(crate) fn warm(platform: &Native, index: usize, upstream: &Upstream, target: &Target) {
    let peer = Peer::of_upstream(&platform.loaded, index, upstream, target);
    if !platform.thread.pools.borrow_mut().is_cold(&peer.key) {
        return;
    }
    let (pools, loaded, key) = (Rc::clone(&platform.thread.pools), Arc::clone(&platform.loaded), peer.key);
    let (target, protocol) = (target.clone(), upstream.protocol);
    tokio::task::spawn_local(async move {
        let tls = loaded.upstreams.get(index).and_then(Option::as_ref);
        let peer = Peer { target: &target, protocol, tls, key };
        // A failure is met again, and told, by whoever sends a request.
        let opened = open(&pools, &peer, Deadlines::begin(Timeouts::default())).await;
        pools.borrow_mut().warmed(&peer.key);
        match opened {
            Ok(Sender::Http1(sender)) => Lease::new(sender, peer.key, pools).give_back(),
            Ok(Sender::Http2(_)) | Err(_) => {}
        }
    });
}

/// How often an upstream that is silent while requests are open is asked whether it is still there, and how long it may take to say so: a
/// connection that broke without a word would take all requests with it.
const PING: Duration = Duration::from_secs(20);
/// Fields of an answer: an upstream is trusted with more than a client, but not with everything.
const HEAD_FIELDS: usize = 256;
const HEAD_LIST: u32 = 256 * 1024;

/// Why there is no head.
pub(crate) enum Unanswered {
    /// The request was certainly not sent; this is its body.
    Unsent(OutBody),
    Failed(Failure),
}

/// Waits for the head of an answer, as long as the deadlines and the client's body allow.
pub(crate) async fn head_in_time(
    sent: impl Future<Output = Result<Response<Incoming>, TrySendError<Request<OutBody>>>>,
    progress: Option<&Progress>,
    deadlines: Deadlines,
) -> Result<Response<Incoming>, Unanswered> {
    let mut sent = pin!(sent);
    let begun = tokio::time::Instant::now();
    let until = || match progress {
        Some(progress) => progress.until(&deadlines),
        None => deadlines.first_byte(begun).map(|(at, phase)| (at, FailureClass::Timeout(phase))),
    };
    loop {
        let at = until().map(|(at, _)| at);
        let timer = async {
            match at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let changed = async {
            match progress {
                Some(progress) => progress.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            sent = sent.as_mut() => return sent.map_err(|why| unanswered(why, progress)),
            () = changed => {}
            () = timer => {}
        }
        if let Some((class, detail)) = progress.and_then(Progress::fault) {
            return Err(Unanswered::Failed(Failure { class, request_sent: RequestSent::Yes, detail }));
        }
        // There may have been progress meanwhile, which moves the deadline.
        if let Some((at, class)) = until()
            && at <= tokio::time::Instant::now()
        {
            let detail = "no answer in time".to_owned();
            return Err(Unanswered::Failed(Failure { class, request_sent: RequestSent::Yes, detail }));
        }
    }
}

fn unanswered(mut why: TrySendError<Request<OutBody>>, progress: Option<&Progress>) -> Unanswered {
    if let Some((class, detail)) = progress.and_then(Progress::fault) {
        return Unanswered::Failed(Failure { class, request_sent: RequestSent::Yes, detail });
    }
    match why.take_message() {
        Some(request) => Unanswered::Unsent(request.into_body()),
        None => Unanswered::Failed(failed(why.error(), RequestSent::Yes)),
    }
}

fn answer(
    platform: &Native,
    question: &Question<'_, Native>,
    response: Response<Incoming>,
    lease: Option<Lease>,
    deadlines: Deadlines,
) -> Result<NativeAnswer, Failure> {
    let (parts, incoming) = response.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let detail = "switched to a protocol that it was not asked for".to_owned();
        return Err(Failure { class: FailureClass::Protocol, request_sent: RequestSent::Yes, detail });
    }
    let body = AnswerBody::new(platform, question, incoming, lease, deadlines);
    Ok(NativeAnswer::new(parts, body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::net::TcpListener;
    use tokio::task::LocalSet;

    use super::*;
    use crate::platform::tests::native;

    #[tokio::test]
    async fn warming_opens_one_connection_and_only_where_none_waits() {
        LocalSet::new()
            .run_until(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                let platform = native(json!({"up": {"targets": [{"url": url}]}}));
                let upstream = &platform.loaded.gateway.upstreams[0];
                let target = &upstream.targets[0];
                let key = Peer::of_upstream(&platform.loaded, 0, upstream, target).key;
                let pools = &platform.thread.pools;
                warm(&platform, 0, upstream, target);
                warm(&platform, 0, upstream, target);
                let (_first, _) = listener.accept().await.unwrap();
                let waits = |key: &_| pools.borrow().waits(key);
                while !waits(&key) {
                    tokio::task::yield_now().await;
                }
                warm(&platform, 0, upstream, target);
                assert!(!pools.borrow_mut().is_cold(&key));
                assert!(pools.borrow_mut().take(&key).is_some());
                assert!(pools.borrow_mut().take(&key).is_none(), "a second connection was opened");
            })
            .await;
    }
}
