//! Opens a TCP connection to an upstream, within the time the request allows, and says exactly why it could not.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use wasmtime_wasi_http::p3::bindings::http::types::{DnsErrorPayload, ErrorCode};

/// Spin's default for each of the three timeouts of a request.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

tokio::task_local! {
    /// How long the request at hand may take to connect. The pool's connector is told nothing but the URL.
    pub(crate) static CONNECT_TIMEOUT: Duration;
}

/// Why no connection could be had, found again in the source chain of the pool's error.
#[derive(Debug)]
pub(crate) struct ConnectError(pub(crate) ErrorCode);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect: {:?}", self.0)
    }
}

impl std::error::Error for ConnectError {}

impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        let unresolved = error.to_string().starts_with("failed to lookup address information");
        Self(match error.kind() {
            io::ErrorKind::TimedOut => ErrorCode::ConnectionTimeout,
            io::ErrorKind::AddrNotAvailable => unknown_name(),
            _ if unresolved => unknown_name(),
            _ => ErrorCode::ConnectionRefused,
        })
    }
}

fn unknown_name() -> ErrorCode {
    ErrorCode::DnsError(DnsErrorPayload { rcode: Some("address not available".into()), info_code: Some(0) })
}

/// The connector of the pool.
#[derive(Clone, Debug)]
pub(crate) struct Connector;

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(async move {
            let host = uri.host().unwrap_or_default();
            let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
            let timeout = CONNECT_TIMEOUT.try_get().unwrap_or(DEFAULT_TIMEOUT);
            let connecting = TcpStream::connect((host, uri.port_u16().unwrap_or(80)));
            let stream = tokio::time::timeout(timeout, connecting)
                .await
                .map_err(|_| ConnectError(ErrorCode::ConnectionTimeout))??;
            stream.set_nodelay(true)?;
            Ok(TokioIo::new(stream))
        })
    }
}
