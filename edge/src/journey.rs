//! The journey of a request. A line per stage, and no policy.

use std::ops::ControlFlow;
use std::sync::Arc;

use router_core::{Gateway, Rejection, RequestHead};

use crate::exchange::{Arrived, Ended, Exchange, Reply, Request};
use crate::platform::Platform;
use crate::{authenticate, balance, cache, dispatch, filter, limit, receive, respond, route};

/// Takes one request through all stages. Every request ends in `respond`, whatever happened before.
pub async fn journey<P: Platform>(gateway: &Arc<Gateway>, platform: &P, request: Request<P>) -> Reply<P> {
    let (mut exchange, arrived) = Exchange::open(gateway, platform, request);
    let ControlFlow::Break(ended) = travel(&mut exchange, arrived).await;
    let ended = cache::keep(&mut exchange, ended).await;
    respond::respond(exchange, ended)
}

async fn travel<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    arrived: Arrived<P>,
) -> ControlFlow<Ended<P>, std::convert::Infallible> {
    let received = receive::receive(exchange, arrived)?;
    let filtered = filter::filter(exchange, received)?;
    let routed = route::route(exchange, filtered)?;
    let identified = authenticate::authenticate(exchange, routed).await?;
    let admitted = limit::limit(exchange, identified).await?;
    let missed = cache::cache(exchange, admitted).await?;
    let aimed = balance::balance(exchange, missed)?;
    ControlFlow::Break(dispatch::dispatch(exchange, aimed).await)
}

/// Answers a request that the platform could not even hand over, such as one whose fields have forbidden bytes. `head` is what could be read.
pub fn refuse<P: Platform>(gateway: &Arc<Gateway>, platform: &P, head: RequestHead, rejection: Rejection) -> Reply<P> {
    let exchange = Exchange::new(gateway, platform, head);
    respond::respond(exchange, Ended::Rejected(rejection))
}
