//! Ask it, with deadlines.

use bytes::Bytes;
use http::HeaderValue;
use router_core::Rejection;
use router_core::dispatch::{Asking, UpstreamHead, UpstreamHost, compose, echo};

use crate::balance::{Aim, Aimed, AimedParts};
use crate::exchange::{Ended, Exchange, Made};
use crate::platform::{Body, Failure, Platform, Question};
use crate::record;

pub(crate) async fn dispatch<P: Platform>(exchange: &mut Exchange<'_, P>, aimed: Aimed<'_, P>) -> Ended<P> {
    exchange.record.stage = "dispatch";
    let AimedParts { filtered, route, params, max_body, tell_upstream, aim } = aimed.into_parts();
    let (received, path) = filtered.into_parts();
    let (facts, body, inbound) = received.into_parts();
    let asking = Asking {
        gateway: exchange.gateway,
        route,
        params: &params,
        head: &exchange.head,
        facts: &facts,
        path: &path,
        request_id: &exchange.request_id,
        claimed: &exchange.claimed,
        tell_upstream: &tell_upstream,
    };
    match aim {
        Aim::Respond(answer) => Ended::Made(Made::from(answer)),
        Aim::Echo { max_body: shown } => match compose(&asking, None) {
            Ok(head) => reflect(exchange, &head, body, shown, max_body).await,
            Err(rejection) => Ended::Rejected(rejection),
        },
        Aim::Target { index, upstream, target, timeouts } => {
            let mut head = match compose(&asking, Some(target)) {
                Ok(head) => head,
                Err(rejection) => return Ended::Rejected(rejection),
            };
            head.edits.extend(&exchange.upstream_edits);
            let host = match &upstream.host {
                UpstreamHost::Target => None,
                UpstreamHost::Client => {
                    facts.authority.as_deref().and_then(|authority| HeaderValue::from_str(authority).ok())
                }
                UpstreamHost::Name(name) => Some(name.clone()),
            };
            let headers = &exchange.head.headers;
            if let Some(signing) = &upstream.sign {
                head.sign(signing, target, host.as_ref(), headers, exchange.platform.unix_ms());
            }
            let question = Question { index, upstream, target, head, host, headers, inbound, body, max_body, timeouts };
            let asked = exchange.platform.ask(question).await;
            exchange.record.upstream_us = Some(record::elapsed_us(exchange));
            match asked {
                Ok(answer) => Ended::Passed(answer),
                Err(failure) => Ended::Rejected(rejection_of(exchange, failure, max_body)),
            }
        }
    }
}

/// Shows at most `shown` bytes of the body. What lies behind them is not read, unless the limit of the route ends before.
async fn reflect<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    head: &UpstreamHead,
    body: Body<P::Stream>,
    shown: usize,
    max_body: u64,
) -> Ended<P> {
    let most = usize::try_from(max_body).map_or(shown, |max_body| shown.min(max_body));
    let read = match exchange.platform.read(body, most).await {
        Ok(read) => read,
        Err(failure) => return Ended::Rejected(rejection_of(exchange, failure, max_body)),
    };
    if read.truncated && most < shown {
        return Ended::Rejected(Rejection::BodyTooLarge { limit: max_body });
    }
    let seen = echo::ReadBody { bytes: &read.bytes, truncated: read.truncated };
    let (status, headers, body) = echo::echo(head, &exchange.head.headers, seen);
    Ended::Made(Made { status, headers, body: Bytes::from(body) })
}

/// What a failure becomes for the client, once the record has taken what the client is not told.
fn rejection_of<P: Platform>(exchange: &mut Exchange<'_, P>, failure: Failure, max_body: u64) -> Rejection {
    exchange.record.failure = Some(failure.class.as_str());
    exchange.record.failure_detail = Some(failure.detail).filter(|detail| !detail.is_empty());
    failure.class.rejection(max_body)
}
