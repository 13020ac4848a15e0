//! Who sent a request: the right-most hop that no trusted proxy vouches for.
//!
//! The left-most entry of `X-Forwarded-For` is whatever a client wrote there. Only entries added by trusted proxies count, so the list is walked
//! from the right for as long as the speaker is trusted.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use super::ReceiveRules;
use crate::head::{Scheme, members};

/// The field in which trusted proxies tell the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAddressField {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`.
    XForwardedFor,
}

/// Who sent a request, and what trusted proxies say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's address: the peer's, or the right-most that no trusted proxy has. IPv4 in IPv6 is unwrapped.
    pub address: Option<IpAddr>,
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
    /// Whether the peer is a trusted proxy.
    pub through_trusted_proxy: bool,
    /// The scheme that a trusted proxy was asked with.
    pub told_scheme: Option<Scheme>,
    /// The host that a trusted proxy was asked for.
    pub told_host: Option<String>,
}

/// The client behind `peer`.
#[must_use]
pub fn client_of(rules: &ReceiveRules, peer: Option<IpAddr>, headers: &HeaderMap) -> Client {
    let peer = peer.map(|address| address.to_canonical());
    let trusted = |address: &IpAddr| rules.trusted_proxies.iter().any(|net| contains(net, address));
    let Some(speaker) = peer.filter(trusted) else {
        return Client { address: peer, peer, ..Client::default() };
    };
    let mut address = speaker;
    for hop in hops_from_the_right(rules.client_address_in, headers) {
        // An obfuscated or broken entry ends the walk: what stands left of it cannot be tied to anybody.
        let Some(hop) = hop else { break };
        address = hop;
        if !trusted(&address) {
            break;
        }
    }
    let (told_scheme, told_host) = told(rules.client_address_in, headers);
    Client { address: Some(address), peer, through_trusted_proxy: true, told_scheme, told_host }
}

/// Whether `net` has `address`. Networks are written for the canonical form, so an IPv4 network never has an IPv6 address.
fn contains(net: &IpNet, address: &IpAddr) -> bool {
    net.contains(address)
}

/// The addresses that the proxies list, nearest first; `None` for one that cannot be read.
fn hops_from_the_right(field: ClientAddressField, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let mut hops: Vec<_> = match field {
        ClientAddressField::XForwardedFor => members(headers, &X_FORWARDED_FOR).map(node_address).collect(),
        ClientAddressField::Forwarded => members(headers, &header::FORWARDED)
            .map(|element| pair(element, "for").and_then(|node| node_address(&node)))
            .collect(),
    };
    hops.reverse();
    hops
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What the nearest trusted proxy says about scheme and host: its own entry is the last.
fn told(field: ClientAddressField, headers: &HeaderMap) -> (Option<Scheme>, Option<String>) {
    let (proto, host) = match field {
        ClientAddressField::XForwardedFor => (
            members(headers, &X_FORWARDED_PROTO).last().map(str::to_owned),
            members(headers, &X_FORWARDED_HOST).last().map(str::to_owned),
        ),
        ClientAddressField::Forwarded => match members(headers, &header::FORWARDED).last() {
            Some(element) => (pair(element, "proto"), pair(element, "host")),
            None => (None, None),
        },
    };
    let scheme = match proto {
        Some(proto) if proto.eq_ignore_ascii_case("https") => Some(Scheme::Https),
        Some(proto) if proto.eq_ignore_ascii_case("http") => Some(Scheme::Http),
        _ => None,
    };
    (scheme, host)
}

/// The value of a parameter of one `Forwarded` element (RFC 7239 section 4), unquoted.
fn pair(element: &str, name: &str) -> Option<String> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then(|| value.replace('\\', ""))
    })
}

/// An address with or without port and brackets (RFC 7239 section 6), as proxies write them.
fn node_address(node: &str) -> Option<IpAddr> {
    let address = node
        .parse::<IpAddr>()
        .or_else(|_| node.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .or_else(|| node.strip_prefix('[')?.strip_suffix(']')?.parse().ok())?;
    Some(address.to_canonical())
}
