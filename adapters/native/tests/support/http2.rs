//! HTTP/2 on both sides.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

pub type Client = SendRequest<Full<Bytes>>;

/// Speaks HTTP/2 on `stream`.
pub async fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Client {
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Connects with prior knowledge.
pub async fn connect(address: SocketAddr) -> Client {
    over(TcpStream::connect(address).await.unwrap()).await
}

pub fn get(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).unwrap()
}

/// The whole body.
pub async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// An upstream that speaks HTTP/2 with prior knowledge and answers with what it saw.
pub async fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap();
                let trailers = body.trailers().map(|fields| format!(" trailers={fields:?}")).unwrap_or_default();
                let body = body.to_bytes();
                let te = head.headers.get("te").map(|te| te.to_str().unwrap().to_owned());
                let host = head.headers.contains_key("host");
                let seen = format!(
                    "{:?} {} {} te={te:?} host={host} body={body:?}{trailers}",
                    head.version, head.method, head.uri
                );
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(seen))))
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}
