//! What operators and container platforms ask: `/healthz`, is the process alive, `/readyz`, should it get requests, `/metrics`, `/limits/NAME`, how a
//! count stands, and `/cache/purge`.

mod limits;
mod operator;
mod purge;

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use router_core::Rejection;
use router_core::receive::{RequestIdRule, keep_or_make};
use router_core::respond::problem::problem;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::clock;
use crate::drain::{Gauge, Phase};
use crate::metrics::Meters;
use crate::platform::Native;
use crate::worker::Shared;

/// An operator's head may take as long as any client's by default.
const HEAD: Duration = Duration::from_secs(10);
/// Pause after the system refused to give a connection.
const BACK_OFF: Duration = Duration::from_millis(100);

/// What is asked for.
struct Desk {
    thread: Rc<crate::platform::Thread>,
    metrics: Meters,
    states: Gauge,
}

/// Answers until all is over: while the server drains `/readyz` says 503, so that no new requests are sent here.
pub(crate) async fn serve(listener: TcpListener, shared: Shared, mut gauge: Gauge) {
    let metrics = shared.metrics.clone();
    let desk = Rc::new(Desk { thread: shared.thread(gauge.clone()), metrics, states: gauge.clone() });
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
        let desk = Rc::clone(&desk);
        tokio::task::spawn_local(async move {
            let service = service_fn(|request: http::Request<Incoming>| {
                let desk = Rc::clone(&desk);
                async move { Ok::<_, Infallible>(desk.answer(request).await) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

impl Desk {
    async fn answer(&self, request: http::Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if let Some(name) = path.strip_prefix("/limits/") {
            let platform = Native::new(Rc::clone(&self.thread));
            return match limits::answer(&platform, name, &request).await {
                Ok(told) => json_answer(StatusCode::OK, &told),
                Err((status, why)) => json_answer(status, &json!({"error": why})),
            };
        }
        if path == "/cache/purge" {
            let platform = Native::new(Rc::clone(&self.thread));
            return match purge::answer(&platform, request).await {
                Ok(told) => json_answer(StatusCode::OK, &told),
                Err((status, why)) => json_answer(status, &json!({"error": why})),
            };
        }
        if !matches!(path, "/healthz" | "/readyz" | "/metrics") {
            return refuse(&Rejection::RouteNotFound);
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return refuse(&Rejection::MethodNotAllowed { allow: vec![Method::GET, Method::HEAD] });
        }
        if path == "/metrics" {
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            return with_type(StatusCode::OK, kind, self.metrics.text());
        }
        let (status, word) = match (path, self.states.phase()) {
            ("/healthz", _) => (StatusCode::OK, "alive"),
            (_, Phase::Serving) => (StatusCode::OK, "serving"),
            (_, Phase::Draining(_) | Phase::Over) => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        };
        let epoch = self.thread.loaded.load().gateway.epoch.clone();
        json_answer(status, &json!({"status": word, "epoch": epoch}))
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    with_type(status, HeaderValue::from_static("application/json"), body.to_string())
}

fn with_type(status: StatusCode, kind: HeaderValue, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
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
