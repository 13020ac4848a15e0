//! Accepts connections, HTTP/1.1 and HTTP/2 with prior knowledge on the same port, and hands requests to instances.

use std::convert::Infallible;
use std::net::SocketAddr;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::instance::Instances;
use crate::output::Source;
use crate::request::prepare;

/// Serves until it is dropped, connections included.
pub(crate) async fn serve(listener: TcpListener, server: SocketAddr, handler: ProxyHandler<Instances>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    connections.spawn(connection(stream, client, server, handler.clone()));
                }
                Err(error) => handler.state().app.output.line(Source::Host, &format!("cannot accept: {error}")),
            },
            // Forget the ones that ended.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, client: SocketAddr, server: SocketAddr, handler: ProxyHandler<Instances>) {
    // Otherwise a body behind its head waits for the client's delayed acknowledgement, some 40 ms.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(answer(request, client, server, &handler).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    // The client sees the same error, or has caused it.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    client: SocketAddr,
    server: SocketAddr,
    handler: &ProxyHandler<Instances>,
) -> Response<WasiBody> {
    if request.uri().path() == "/.well-known/spin/health" {
        return own(StatusCode::OK, "OK");
    }
    let output = &handler.state().app.output;
    let request = match prepare(request, client, server) {
        Ok(request) => request.map(|body| body.map_err(Error::from).boxed_unsync()),
        Err(unfit) => {
            output.line(Source::Host, &format!("request refused: {}", unfit.0));
            return own(StatusCode::INTERNAL_SERVER_ERROR, "");
        }
    };
    match handler.handle((), request).await {
        Ok(response) => response,
        Err(error) => {
            output.line(Source::Host, &format!("request failed: {error:?}"));
            own(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
    }
}

fn own(status: StatusCode, body: &'static str) -> Response<WasiBody> {
    let mut response = Response::new(Full::from(body).map_err(Error::from).boxed_unsync());
    *response.status_mut() = status;
    response
}
