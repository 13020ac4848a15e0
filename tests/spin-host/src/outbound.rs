//! Outbound requests. Connections are pooled across instances, as in Spin; TLS goes through wasmtime's own client, which
//! opens a connection for each request.

use std::error::Error as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, uri::Scheme};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error as PoolError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::connector::{CONNECT_TIMEOUT, ConnectError, Connector, DEFAULT_TIMEOUT};

/// The clients of an app.
#[derive(Debug)]
pub(crate) struct Outbound {
    http1: Client<Connector, WasiBody>,
    h2c: Client<Connector, WasiBody>,
    /// Authorities that speak HTTP/2 without TLS.
    h2c_authorities: Vec<String>,
}

impl Outbound {
    pub(crate) fn new(h2c_authorities: Vec<String>) -> Self {
        let builder = || {
            let mut builder = Client::builder(TokioExecutor::new());
            builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new());
            builder
        };
        Self { http1: builder().build(Connector), h2c: builder().http2_only(true).build(Connector), h2c_authorities }
    }

    /// Sends a request and waits for the head of the response.
    pub(crate) async fn send(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, ErrorCode> {
        if request.uri().scheme() == Some(&Scheme::HTTPS) {
            return over_tls(request, options).await;
        }
        let authority = request.uri().authority().ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let client =
            if self.h2c_authorities.iter().any(|h2c| h2c == authority.as_str()) { &self.h2c } else { &self.http1 };
        let connect = options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let answer = CONNECT_TIMEOUT.scope(connect, client.request(request));
        let response = tokio::time::timeout(first_byte, answer)
            .await
            .map_err(|_| ErrorCode::ConnectionReadTimeout)?
            .map_err(|error| pool_error(&error))?;
        Ok(response.map(|body| TimedBody::new(body, between_bytes).boxed_unsync()))
    }
}

/// The typed error is somewhere in the chain: the connector's, or one from the request's own body.
fn pool_error(error: &PoolError) -> ErrorCode {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(ConnectError(code)) = error.downcast_ref() {
            return code.clone();
        }
        if let Some(code) = error.downcast_ref::<ErrorCode>() {
            return code.clone();
        }
        cause = error.source();
    }
    ErrorCode::HttpProtocolError
}

async fn over_tls(request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, ErrorCode> {
    let (response, driver) =
        wasmtime_wasi_http::default_send_request(request, Some(options)).await.map_err(|error| match error {
            Error::Connect(error) => ConnectError::from(error).0,
            Error::ConnectionTimeout => ErrorCode::ConnectionTimeout,
            Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
            Error::Tls(_) | Error::InvalidDnsNameError(_) => ErrorCode::TlsProtocolError,
            _ => ErrorCode::HttpProtocolError,
        })?;
    tokio::spawn(driver);
    Ok(response.map(|body| body.boxed_unsync()))
}

/// A response body that fails when the upstream falls silent.
struct TimedBody {
    body: Incoming,
    period: Duration,
    /// Set while we wait for a frame.
    silence: Option<Pin<Box<Sleep>>>,
}

impl TimedBody {
    fn new(body: Incoming, period: Duration) -> Self {
        Self { body, period, silence: None }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.silence = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::from)));
        }
        let period = self.period;
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + period)));
        silence.as_mut().poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
