//! What operators and container platforms ask: `/healthz`, is the process alive, and `/readyz`, should it get requests.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use router_core::Rejection;
use router_core::receive::{RequestIdRule, keep_or_make};
use router_core::respond::problem::problem;
use serde_json::json;
use tokio::net::TcpListener;

use crate::clock;
use crate::drain::{Gauge, Phase};
use crate::loaded::Loaded;

/// An operator's head may take as long as any client's by default.
const HEAD: Duration = Duration::from_secs(10);
/// Pause after the system refused to give a connection.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Answers until all is over: while the server drains `/readyz` says 503, so that no new requests are sent here.
pub(crate) async fn serve(listener: TcpListener, loaded: Arc<ArcSwap<Loaded>>, mut gauge: Gauge) {
    let states = gauge.clone();
    loop {
        let stream = tokio::select! {
            () = gauge.over() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    tokio::time::sleep(BACK_OFF).await;
                    continue;
                }
            },
        };
        let (loaded, states) = (Arc::clone(&loaded), states.clone());
        tokio::task::spawn_local(async move {
            let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
                let epoch = loaded.load().gateway.epoch.clone();
                let answer = answer(request.method(), request.uri().path(), &epoch, states.phase());
                std::future::ready(Ok::<_, Infallible>(answer))
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

fn answer(method: &Method, path: &str, epoch: &str, phase: Phase) -> Response<Full<Bytes>> {
    let (status, word) = match (path, phase) {
        ("/healthz", _) => (StatusCode::OK, "alive"),
        ("/readyz", Phase::Serving) => (StatusCode::OK, "serving"),
        ("/readyz", Phase::Draining(_) | Phase::Over) => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ => return refuse(&Rejection::RouteNotFound),
    };
    if method != Method::GET && method != Method::HEAD {
        return refuse(&Rejection::MethodNotAllowed { allow: vec![Method::GET, Method::HEAD] });
    }
    let mut response = Response::new(Full::from(json!({"status": word, "epoch": epoch}).to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refuse(rejection: &Rejection) -> Response<Full<Bytes>> {
    let mut random = [0; 10];
    // An id that can be guessed does no harm here.
    let _ = getrandom::fill(&mut random);
    let id = keep_or_make(RequestIdRule::New, false, None, clock::unix_ms(), random);
    let (status, headers, body) = problem(rejection, &id);
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
