//! Is this a well-formed request within limits, and who sent it?

mod body;
mod client;
mod host;
mod request_id;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};
use ipnet::IpNet;

pub use body::{BodyLength, declared_length, told_length};
pub use client::{Client, ClientAddressField, client_of};
pub use host::{InvalidAuthority, split_authority};
pub use request_id::{RequestIdRule, keep_or_make};

use crate::authenticate::certificate::ClientCertificate;
use crate::head::{RequestHead, Scheme, joined};
use crate::rejection::{HeaderLimit, Malformed, Rejection};
use crate::route::normal_host;

/// What the gateway accepts, compiled from `receive:`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiveRules {
    /// The longest path and query, in bytes.
    pub max_url: u64,
    /// The most bytes of header names and values together.
    pub max_headers: u64,
    /// The most header fields.
    pub max_header_count: u32,
    /// The largest body, in bytes, of routes that say nothing else.
    pub max_body: u64,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where they tell the client's address.
    pub client_address_in: ClientAddressField,
    /// Whose request id is kept.
    pub request_id: RequestIdRule,
    /// How often `name` may stand in `Via`.
    pub max_hops: u32,
    /// The name of this gateway in `Via`.
    pub name: String,
}

/// What is known of a well-formed request before any rule looked at it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who sent it.
    pub client: Client,
    /// The scheme that the client used, told by a trusted proxy if there is one.
    pub scheme: Scheme,
    /// Lower-case host without port; `None` for an HTTP/1.0 request without one.
    pub host: Option<String>,
    /// The authority as it was sent, told by a trusted proxy if there is one.
    pub authority: Option<String>,
    /// The body's length, as far as it is declared.
    pub body: BodyLength,
    /// The client's certificate, which the platform has verified.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The client's country, where the platform knows it: two capital letters (ISO 3166-1).
    pub country: Option<[u8; 2]>,
}

/// What the transport knows, beside the head.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// The address at the other end of the connection, or what the platform vouches for in its place.
    pub peer: Option<std::net::IpAddr>,
    /// Whether a request may come without `Host` (HTTP/1.0 only).
    pub host_optional: bool,
    /// The client's certificate, if it showed one and the platform has verified it: signed by an authority that is trusted for clients, within its
    /// time, and not known to be revoked. Never one that a header field tells of.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The client's country, as the platform knows it: two capital letters. Never one that a header field tells of.
    pub country: Option<[u8; 2]>,
}

/// Checks a head against `rules` and gathers the facts. The order is fixed: size, method, target, `Host`, length, loop.
///
/// # Errors
/// 400, 414, 431, 501 or 508 as a [`Rejection`].
pub fn receive(rules: &ReceiveRules, head: &RequestHead, transport: Transport) -> Result<Facts, Rejection> {
    within_limits(rules, head)?;
    // CONNECT asks for a tunnel (RFC 9110 section 9.3.6) and TRACE for a reflection with all credentials (section 9.3.8): a gateway does neither.
    if head.method == Method::CONNECT || head.method == Method::TRACE {
        return Err(Rejection::MethodNotImplemented);
    }
    if !head.path.starts_with('/') {
        return Err(Rejection::Malformed(Malformed::Target));
    }
    let client = client_of(rules, transport.peer, &head.headers);
    let authority = authority_of(head, transport.host_optional, &client)?;
    let host = match authority.as_deref() {
        None => None,
        Some(authority) => {
            split_authority(authority).map_err(|_| Rejection::Malformed(Malformed::Host))?;
            Some(normal_host(authority).ok_or(Rejection::Malformed(Malformed::Host))?.into_owned())
        }
    };
    let body = declared_length(&head.headers)?;
    if hops(&head.headers, &rules.name) >= rules.max_hops {
        return Err(Rejection::LoopDetected);
    }
    let scheme = client.told_scheme.unwrap_or(head.scheme);
    Ok(Facts { client, scheme, host, authority, body, certificate: transport.certificate, country: transport.country })
}

fn within_limits(rules: &ReceiveRules, head: &RequestHead) -> Result<(), Rejection> {
    let url = head.path.len() + head.query.as_ref().map_or(0, |query| query.len() + 1);
    if url as u64 > rules.max_url {
        return Err(Rejection::UrlTooLong { limit: rules.max_url });
    }
    if head.headers.len() > rules.max_header_count as usize {
        return Err(Rejection::HeadersTooLarge { limit: HeaderLimit::Count(rules.max_header_count) });
    }
    let bytes: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes as u64 > rules.max_headers {
        return Err(Rejection::HeadersTooLarge { limit: HeaderLimit::Bytes(rules.max_headers) });
    }
    Ok(())
}

/// The authority the client asked for. A target or `:authority` wins over `Host` (RFC 9112 section 3.2.2), a trusted proxy's word over both.
fn authority_of(head: &RequestHead, host_optional: bool, client: &Client) -> Result<Option<String>, Rejection> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Rejection::Malformed(Malformed::HostMissing));
    }
    if let Some(told) = &client.told_host {
        return Ok(Some(told.clone()));
    }
    if let Some(authority) = &head.authority {
        return Ok(Some(authority.clone()));
    }
    match host.map(HeaderValue::to_str) {
        Some(Ok(host)) => Ok(Some(host.to_owned())),
        Some(Err(_)) => Err(Rejection::Malformed(Malformed::Host)),
        None if host_optional => Ok(None),
        None => Err(Rejection::Malformed(Malformed::HostMissing)),
    }
}

/// How often `name` stands in `Via` (RFC 9110 section 7.6.3), which is how often the request has passed gateways of this name.
#[must_use]
pub fn hops(headers: &HeaderMap, name: &str) -> u32 {
    let Some(via) = joined(headers, &header::VIA) else { return 0 };
    let Ok(via) = std::str::from_utf8(&via) else { return 0 };
    let count = via.split(',').filter(|hop| hop.split_whitespace().nth(1) == Some(name)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
