//! Connections that switch to another protocol: WebSocket, passed through (RFC 9110 section 7.8).
//!
//! The upstream gets a connection of its own over HTTP/1.1. If it agrees, both ends are joined and bytes are copied until either ends or the server
//! drains. Any other answer passes like that of every request.

use std::rc::Rc;

use edge::AtEnd;
use edge::platform::{Body, Failure, Question};
use http::{HeaderValue, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use router_core::config::Upgrade;
use router_core::dispatch::{FailureClass, RequestSent};
use router_core::head::members;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::platform::Native;
use crate::upstream::{
    AnswerBody, Deadlines, NativeAnswer, OutBody, Peer, Purpose, Shape, Unanswered, compose, connect, failed,
    head_in_time,
};

/// Both ends of a connection that switches.
pub(crate) struct Tunnel {
    pub(crate) protocol: Upgrade,
    client: OnUpgrade,
    upstream: OnUpgrade,
    /// When it has to end, if the route says so.
    until: Option<Instant>,
}

/// Asks the upstream to switch.
pub(crate) async fn ask(
    platform: &Native,
    mut question: Question<'_, Native>,
    deadlines: Deadlines,
    protocol: Upgrade,
    client: OnUpgrade,
) -> Result<NativeAnswer, Failure> {
    // A request to switch has no body that would mean anything (RFC 6455 section 4.1).
    question.body = Body::Empty;
    let peer = Peer::of_upstream(&platform.loaded, question.index, question.upstream, question.target);
    let (wire, _) = connect(&peer, deadlines, Purpose::Upgrade).await?;
    let shaken = http1::handshake::<_, OutBody>(TokioIo::new(wire)).await;
    let (mut sender, connection) = shaken.map_err(|why| failed(&why, RequestSent::No))?;
    tokio::task::spawn_local(async move { drop(connection.with_upgrades().await) });
    let mut parts = compose(&question, Shape::Http1 { chunked: false })?;
    parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    parts.headers.insert(header::UPGRADE, HeaderValue::from_static(protocol.token()));
    parts.headers.remove(header::CONTENT_LENGTH);
    let sent = sender.try_send_request(Request::from_parts(parts, OutBody::Empty));
    let mut response = head_in_time(sent, None, deadlines).await.map_err(|why| match why {
        Unanswered::Failed(failure) => failure,
        Unanswered::Unsent(_) => {
            let detail = "closed before the request was sent".to_owned();
            Failure { class: FailureClass::Reset, request_sent: RequestSent::No, detail }
        }
    })?;
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if switched
        && !members(response.headers(), &header::UPGRADE).any(|name| name.eq_ignore_ascii_case(protocol.token()))
    {
        let detail = "switched to a protocol that it was not asked for".to_owned();
        return Err(Failure { class: FailureClass::Protocol, request_sent: RequestSent::Yes, detail });
    }
    let upstream = switched.then(|| hyper::upgrade::on(&mut response));
    let (parts, incoming) = response.into_parts();
    let mut answer = NativeAnswer::new(parts, AnswerBody::new(platform, &question, incoming, None, deadlines));
    answer.tunnel = upstream.map(|upstream| Tunnel { protocol, client, upstream, until: deadlines.total });
    Ok(answer)
}

/// Copies both ways from when the answer 101 is sent. The connection counts as open until the tunnel ends, and the answer as not ended.
pub(crate) fn join(connection: Rc<Connection>, tunnel: Tunnel, at_end: Option<AtEnd>) {
    connection.patience.become_tunnel();
    let mut gauge = connection.thread.gauge.clone();
    tokio::task::spawn_local(async move {
        let Tunnel { client, upstream, until, .. } = tunnel;
        // Where one end never came to be, the other is dropped and so closed.
        let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
        let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
        let end = async {
            match until {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Broken or complete: both ends are dropped.
            _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
            () = end => {}
            () = gauge.ebb() => {}
        }
        drop(tokio::join!(client.shutdown(), upstream.shutdown()));
        drop((connection, at_end));
    });
}
