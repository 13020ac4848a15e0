//! A connection to a target: name, TCP, TLS, and the protocol that is spoken on it.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use edge::platform::Failure;
use router_core::dispatch::{FailureClass, RequestSent, Target, UpstreamProtocol};
use router_core::head::Scheme;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::peer::Peer;
use super::wire::Wire;
use super::{Deadlines, in_time};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Requests.
    Requests,
    /// One request that switches to another protocol, which takes HTTP/1.1.
    Upgrade,
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    Http1,
    Http2,
}

/// Connects to `peer`. Nothing of the request is sent.
pub(crate) async fn connect(
    peer: &Peer<'_>,
    deadlines: Deadlines,
    purpose: Purpose,
) -> Result<(Wire, Spoken), Failure> {
    match in_time(deadlines.connect(), attempt(peer, purpose)).await {
        Ok(done) => done,
        Err(phase) => Err(not_sent(FailureClass::Timeout(phase), format!("no connection to {} in time", peer.target))),
    }
}

async fn attempt(peer: &Peer<'_>, purpose: Purpose) -> Result<(Wire, Spoken), Failure> {
    let target = peer.target;
    let port = target.authority().port_u16().unwrap_or(target.scheme().default_port());
    let stream = dial(bare_host(target), port).await?;
    // A request is written in one go where it can be; what is written later is meant to leave at once.
    stream.set_nodelay(true).map_err(|why| not_sent(FailureClass::Connect, why.to_string()))?;
    let wanted = if purpose == Purpose::Upgrade { UpstreamProtocol::Http1 } else { peer.protocol };
    if target.scheme() == Scheme::Http {
        let spoken = if wanted == UpstreamProtocol::Http2 { Spoken::Http2 } else { Spoken::Http1 };
        return Ok((Wire::Clear(stream), spoken));
    }
    let Some(tls) = peer.tls else {
        return Err(not_sent(FailureClass::Tls, format!("no TLS is set up for {target}")));
    };
    let config = if purpose == Purpose::Upgrade { &tls.http1 } else { &tls.usual };
    let name = match &tls.server_name {
        Some(name) => name.clone(),
        None => server_name(target)?,
    };
    let stream = shake(stream, config, name).await?;
    let spoken = match (stream.get_ref().1.alpn_protocol(), wanted) {
        (Some(b"h2"), _) => Spoken::Http2,
        (None | Some(_), UpstreamProtocol::Http2) => {
            return Err(not_sent(FailureClass::Tls, format!("{target} did not agree to speak HTTP/2 (ALPN `h2`)")));
        }
        (None | Some(_), UpstreamProtocol::Auto | UpstreamProtocol::Http1) => Spoken::Http1,
    };
    Ok((Wire::Tls(Box::new(stream)), spoken))
}

/// How long one address is tried before the next one is tried beside it (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects to the first address of the host that answers.
pub(crate) async fn dial(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses: Vec<SocketAddr> = match tokio::net::lookup_host((host, port)).await {
        Ok(found) => found.collect(),
        Err(why) => return Err(not_sent(FailureClass::Dns, format!("{host}: {why}"))),
    };
    if addresses.is_empty() {
        return Err(not_sent(FailureClass::Dns, format!("{host} has no address")));
    }
    race(&addresses).await.map_err(|why| not_sent(FailureClass::Connect, why))
}

type Racing<'a> = Pin<Box<dyn Future<Output = Result<TcpStream, String>> + 'a>>;

/// Tries the addresses in the system's order (RFC 6724), each with a head start before the next.
fn race(addresses: &[SocketAddr]) -> Racing<'_> {
    Box::pin(async move {
        let Some((first, others)) = addresses.split_first() else { return Err("no address is left".to_owned()) };
        let connect = async { TcpStream::connect(first).await.map_err(|why| format!("{first}: {why}")) };
        if others.is_empty() {
            return connect.await;
        }
        let mut connect = pin!(connect);
        match tokio::time::timeout(HEAD_START, connect.as_mut()).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(_)) => return race(others).await,
            Err(_) => {}
        }
        let mut others = race(others);
        tokio::select! {
            connected = connect.as_mut() => match connected {
                Ok(stream) => Ok(stream),
                Err(_) => others.await,
            },
            connected = others.as_mut() => match connected {
                Ok(stream) => Ok(stream),
                Err(_) => connect.await,
            },
        }
    })
}

/// Secures a connection to whoever has a certificate of this name.
pub(crate) async fn shake(
    stream: TcpStream,
    config: &Arc<ClientConfig>,
    name: ServerName<'static>,
) -> Result<TlsStream<TcpStream>, Failure> {
    let words = format!("TLS with {}", name.to_str());
    TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await
        .map_err(|why: io::Error| not_sent(FailureClass::Tls, format!("{words}: {why}")))
}

fn server_name(target: &Target) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(bare_host(target).to_owned())
        .map_err(|_| not_sent(FailureClass::Tls, format!("the host of {target} cannot be the name of a certificate")))
}

/// The host without the brackets of an IPv6 literal.
fn bare_host(target: &Target) -> &str {
    let host = target.authority().host();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

pub(crate) fn not_sent(class: FailureClass, detail: String) -> Failure {
    Failure { class, request_sent: RequestSent::No, detail }
}
