//! The client's request, from the host's types.

use std::net::SocketAddr;

use edge::platform::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use router_core::head::Scheme;
use router_core::receive::Transport;
use router_core::rejection::Malformed;
use router_core::{Rejection, RequestHead};
use spin_sdk::wasip3::http::types::{Method as HostMethod, Request, Scheme as HostScheme};
use spin_sdk::wasip3::wit_future;

use crate::Spin;
use crate::body::{Stream, next};

/// Reads the head and takes the body's stream.
///
/// # Errors
/// The head as far as it could be read, and why it cannot be served.
pub(crate) async fn read(request: Request) -> Result<edge::Request<Spin>, (RequestHead, Rejection)> {
    let fields = request.get_headers().copy_all();
    let mut headers = HeaderMap::with_capacity(fields.len());
    let mut readable = true;
    for (name, value) in fields {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_maybe_shared(bytes::Bytes::from(value))) {
            (Ok(name), Ok(value)) => readable &= headers.try_append(name, value).is_ok(),
            _ => readable = false,
        }
    }
    let peer = client_address(&headers);
    strip_host_fields(&mut headers);
    let target = request.get_path_with_query().unwrap_or_else(|| "/".to_owned());
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target, None),
    };
    let method = method(&request.get_method());
    let head = RequestHead {
        method: method.clone().unwrap_or(Method::GET),
        scheme: match request.get_scheme() {
            Some(HostScheme::Https) => Scheme::Https,
            Some(HostScheme::Http | HostScheme::Other(_)) | None => Scheme::Http,
        },
        authority: request.get_authority().filter(|authority| !authority.is_empty()),
        path,
        query,
        headers,
    };
    if !readable || method.is_none() {
        return Err((head, Rejection::Malformed(Malformed::Head)));
    }
    let body = take_body(request, &head).await;
    let transport = Transport { peer, ..Transport::default() };
    Ok(edge::Request { head, transport, body, inbound: () })
}

fn method(method: &HostMethod) -> Option<Method> {
    Some(match method {
        HostMethod::Get => Method::GET,
        HostMethod::Head => Method::HEAD,
        HostMethod::Post => Method::POST,
        HostMethod::Put => Method::PUT,
        HostMethod::Delete => Method::DELETE,
        HostMethod::Connect => Method::CONNECT,
        HostMethod::Options => Method::OPTIONS,
        HostMethod::Trace => Method::TRACE,
        HostMethod::Patch => Method::PATCH,
        HostMethod::Other(token) => Method::from_bytes(token.as_bytes()).ok()?,
    })
}

const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("spin-client-addr");

/// The host appends its own value behind whatever a client sent, so only the last one counts. A chained call has `0.0.0.0:0`: nobody's address.
fn client_address(headers: &HeaderMap) -> Option<std::net::IpAddr> {
    let last = headers.get_all(CLIENT_ADDRESS).iter().next_back()?;
    let address: SocketAddr = last.to_str().ok()?.parse().ok()?;
    Some(address.ip()).filter(|address| !address.is_unspecified())
}

/// What Spin tells the component is nothing for an upstream, least of all a client's forgery of it.
fn strip_host_fields(headers: &mut HeaderMap) {
    let spins: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("spin-")).cloned().collect();
    for name in spins {
        headers.remove(name);
    }
}

/// The body. Without a declared length the host does not tell whether there is one at all; a first piece is looked for, because an upstream would be
/// sent an empty body in chunks, which some servers refuse with GET.
async fn take_body(request: Request, head: &RequestHead) -> Body<Stream> {
    // The host wants to know how the reading went; dropping the writer answers with the default, `Ok`.
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (mut bytes, trailers) = Request::consume_body(request, result);
    match head.headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes) {
        Some(b"0") => Body::Empty,
        Some(_) => Body::Stream(Stream { first: None, bytes, trailers }),
        None => match next(&mut bytes).await {
            None => Body::Empty,
            first => Body::Stream(Stream { first, bytes, trailers }),
        },
    }
}
