//! One client connection, from its first byte to its last.

use std::any::Any;
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::Version;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use router_core::Rejection;
use router_core::authenticate::certificate::ClientCertificate;
use router_core::config::{Gateway, ListenerProtocols};
use router_core::head::Scheme;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::drain::Gauge;
use crate::exec::Local;
use crate::io::ClientIo;
use crate::patience::{Limits, Patience, Verdict};
use crate::platform::{Native, Thread};
use crate::response::ReplyBody;
use crate::{request, response, tls};

/// Streams that one HTTP/2 client may have open at a time: what browsers reckon with at least is 100.
const STREAMS: u32 = 256;
/// How often a silent HTTP/2 client is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);
/// What hyper takes at least for a head before it refuses it by itself.
const HEAD_BUFFER: usize = 417_792;
/// How many fields hyper takes without allocating.
const HEAD_FIELDS: usize = 100;

/// What all requests of a connection share.
pub(crate) struct Connection {
    pub(crate) thread: Rc<Thread>,
    pub(crate) peer: IpAddr,
    pub(crate) scheme: Scheme,
    /// The certificate that the client showed, if its listener asks for one.
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
    pub(crate) patience: Arc<Patience>,
    /// Held until the connection is over, its tunnel included.
    _berth: OwnedSemaphorePermit,
}

/// A request that has begun. Ends when its answer is complete or given up.
pub(crate) struct Turn(Arc<Patience>);

impl Turn {
    pub(crate) fn begin(connection: &Connection, version: Version) -> Self {
        connection.patience.begin(version == Version::HTTP_2);
        Self(Arc::clone(&connection.patience))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Serves a connection that the listener at `index` accepted.
pub(crate) async fn serve(thread: Rc<Thread>, index: usize, stream: TcpStream, berth: OwnedSemaphorePermit) {
    // Small pieces, such as events, leave at once.
    let (Ok(peer), Ok(())) = (stream.peer_addr(), stream.set_nodelay(true)) else { return };
    let loaded = thread.loaded.load_full();
    let Some(shore) = loaded.listeners.get(index) else { return };
    let mut connection = Connection {
        thread: Rc::clone(&thread),
        // An IPv4 client of an IPv6 socket is an IPv4 client.
        peer: peer.ip().to_canonical(),
        scheme: Scheme::Http,
        certificate: None,
        patience: Arc::new(Patience::new(Instant::now())),
        _berth: berth,
    };
    let gateway = &loaded.gateway;
    let Some(tls) = &shore.tls else { return converse(connection, stream, gateway, shore.protocols).await };
    connection.scheme = Scheme::Https;
    let mut gauge = thread.gauge.clone();
    let handshake = TlsAcceptor::from(Arc::clone(tls)).accept(stream);
    let stream = tokio::select! {
        shaken = tokio::time::timeout(gateway.native.head_timeout, handshake) => match shaken {
            Ok(Ok(stream)) => stream,
            // Scanners and clients that do not trust the certificate: daily business, not worth a line.
            Ok(Err(_)) | Err(_) => return,
        },
        () = gauge.ebb() => return,
    };
    connection.certificate = tls::client_certificate(stream.get_ref().1);
    connection.patience = Arc::new(Patience::new(Instant::now()));
    let protocols = match (stream.get_ref().1.alpn_protocol(), shore.protocols) {
        (Some(b"h2"), _) => ListenerProtocols::Http2,
        (Some(_), _) => ListenerProtocols::Http1,
        (None, protocols) => protocols,
    };
    converse(connection, stream, gateway, protocols).await;
}

async fn converse<S>(connection: Connection, stream: S, gateway: &Gateway, protocols: ListenerProtocols)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = Limits { head: gateway.native.head_timeout, keep_alive: gateway.native.keep_alive };
    let connection = Rc::new(connection);
    let patience = Arc::clone(&connection.patience);
    let mut gauge = connection.thread.gauge.clone();
    let mut io = ClientIo::new(stream, Arc::clone(&patience));
    let http2 = match protocols {
        ListenerProtocols::Http1 => false,
        ListenerProtocols::Http2 => true,
        ListenerProtocols::Both => tokio::select! {
            sniffed = tokio::time::timeout(limits.head, io.sniff_http2()) => match sniffed {
                Ok(Ok(http2)) => http2,
                Ok(Err(_)) | Err(_) => return,
            },
            () = gauge.ebb() => return,
        },
    };
    let io = TokioIo::new(io);
    let service = service_fn(move |request| answer(Rc::clone(&connection), request));
    if http2 {
        let exchange = pin!(http2_builder(gateway).serve_connection(io, service));
        attend(exchange, |exchange| exchange.graceful_shutdown(), &patience, gauge, limits).await;
    } else {
        let exchange = pin!(http1_builder(gateway).serve_connection(io, service).with_upgrades());
        attend(exchange, |exchange| exchange.graceful_shutdown(), &patience, gauge, limits).await;
    }
}

/// Drives a connection to its end, and ends it when it idles or the server drains.
async fn attend<E: Future>(
    mut exchange: Pin<&mut E>,
    end: impl Fn(Pin<&mut E>),
    patience: &Patience,
    mut gauge: Gauge,
    limits: Limits,
) {
    let mut over_gauge = gauge.clone();
    let mut watchman = pin!(tokio::time::sleep(limits.head));
    let mut over = pin!(over_gauge.over());
    let mut serving = true;
    loop {
        tokio::select! {
            biased;
            // An error is the client's: it went away or sent what was refused already.
            _ = exchange.as_mut() => return,
            () = &mut over => return,
            () = gauge.ebb(), if serving => {
                serving = false;
                patience.close();
                end(exchange.as_mut());
            }
            () = &mut watchman => {}
        }
        let now = Instant::now();
        match patience.verdict(now, &limits) {
            Verdict::Drop => return,
            Verdict::Wait(until) => watchman.as_mut().reset(until),
            Verdict::Close => {
                patience.close();
                end(exchange.as_mut());
                watchman.as_mut().reset(now + limits.head);
            }
        }
    }
}

/// The bytes of a head within the document's limits.
fn most_head(gateway: &Gateway) -> usize {
    usize::try_from(gateway.receive.max_url + gateway.receive.max_headers).unwrap_or(usize::MAX)
}

/// hyper's limits stand above those of the document, so that a problem is what a client gets.
fn http1_builder(gateway: &Gateway) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(HEAD_BUFFER.max(most_head(gateway).saturating_mul(2)));
    let fields = gateway.receive.max_header_count as usize;
    if fields > HEAD_FIELDS {
        builder.max_headers(fields + 1);
    }
    builder
}

/// hyper's own defences against floods of resets stay on.
fn http2_builder(gateway: &Gateway) -> http2::Builder<Local> {
    // HTTP/2 counts 32 bytes more for each field (RFC 9113 section 6.5.2).
    let fields = (gateway.receive.max_header_count as usize).saturating_mul(32);
    let list = most_head(gateway).saturating_add(fields).saturating_mul(2);
    let mut builder = http2::Builder::new(Local);
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(list).unwrap_or(u32::MAX));
    builder
}

/// Takes one request through the journey. A panic ends this request only.
async fn answer(
    connection: Rc<Connection>,
    request: http::Request<Incoming>,
) -> Result<http::Response<ReplyBody>, Infallible> {
    let turn = Turn::begin(&connection, request.version());
    let platform = Native::new(Rc::clone(&connection.thread));
    let gateway = Arc::clone(&platform.loaded.gateway);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let traits = response::Traits::of(&request);
    let observer = platform.thread.observer.as_ref();
    let journey = async {
        let request = request::receive(&connection, request);
        if let Some(observer) = observer {
            observer(&request.head);
        }
        edge::journey(&gateway, &platform, request).await
    };
    let reply = match contain(journey).await {
        Ok(reply) => reply,
        Err(panic) => {
            let line = json!({"event": "panic", "method": method.as_str(), "path": uri.path(), "reason": panic});
            platform.thread.logger.line(line.to_string());
            let head = request::bare_head(&connection, method, &uri);
            edge::refuse(&gateway, &platform, head, Rejection::Internal)
        }
    };
    Ok(response::response(&connection, turn, traits, reply))
}

/// Runs `work`; `Err` is what it said when it panicked. What it touched is its own and is dropped.
async fn contain<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(words(panic.as_ref()))),
    })
    .await
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::Ipv4Addr;

    use tokio::sync::Semaphore;

    use super::*;

    /// A connection without a socket.
    pub(crate) fn connection(thread: &Rc<Thread>) -> Rc<Connection> {
        Rc::new(Connection {
            thread: Rc::clone(thread),
            peer: Ipv4Addr::LOCALHOST.into(),
            scheme: Scheme::Http,
            certificate: None,
            patience: Arc::new(Patience::new(Instant::now())),
            _berth: Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap(),
        })
    }
}
