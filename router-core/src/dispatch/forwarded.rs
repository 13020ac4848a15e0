//! How an upstream learns of the client: `Forwarded` (RFC 7239) and the older `X-Forwarded-*`.
//!
//! What a client itself wrote there is never passed on: only a trusted proxy's list is continued.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::edits::HeaderEdits;
use crate::head::joined;
use crate::receive::Facts;

/// Which of the two an upstream gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeaders {
    /// Both.
    #[default]
    Both,
    /// `Forwarded` only.
    Standard,
    /// `X-Forwarded-*` only.
    XForwarded,
    /// None.
    None,
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The path prefix that was stripped, so that an upstream can build links.
pub const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Everything that servers commonly believe about a client's address, host or path. Taken from what the client sent, whoever it is; then the
/// gateway says what it knows. `x-original-url` and `x-rewrite-url` make some frameworks route by another path than the one that was checked.
const TOLD_BY_THE_GATEWAY: [HeaderName; 18] = [
    header::FORWARDED,
    X_FORWARDED_FOR,
    X_FORWARDED_HOST,
    X_FORWARDED_PROTO,
    X_FORWARDED_PREFIX,
    HeaderName::from_static("x-forwarded-by"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-scheme"),
    HeaderName::from_static("x-forwarded-ssl"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("fastly-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("cf-connecting-ipv6"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
];

/// Removes what only the gateway may say, in every spelling: servers that map fields to CGI variables read `x_real_ip` as `x-real-ip`.
pub fn strip(headers: &HeaderMap, edits: &mut HeaderEdits) {
    for name in headers.keys() {
        let ours = if name.as_str().contains('_') {
            let dashed = name.as_str().replace('_', "-");
            dashed == "x-request-id" || TOLD_BY_THE_GATEWAY.iter().any(|ours| *ours == dashed.as_str())
        } else {
            TOLD_BY_THE_GATEWAY.contains(name)
        };
        if ours {
            edits.remove(name.clone());
        }
    }
}

/// Tells the upstream about the client, after [`strip`].
pub fn tell(which: ForwardedHeaders, headers: &HeaderMap, facts: &Facts, edits: &mut HeaderEdits) {
    let continued = |name: &HeaderName| {
        if facts.client.through_trusted_proxy {
            // Neither addresses nor the elements of `Forwarded` hold other bytes: such a list says nothing that could be trusted.
            joined(headers, name)
                .and_then(|list| String::from_utf8(list.into_owned()).ok())
                .filter(|list| list.is_ascii())
        } else {
            None
        }
    };
    let set = |edits: &mut HeaderEdits, name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            edits.set(name, value);
        }
    };
    if matches!(which, ForwardedHeaders::Both | ForwardedHeaders::XForwarded) {
        if let Some(peer) = facts.client.peer {
            set(edits, X_FORWARDED_FOR, &append(continued(&X_FORWARDED_FOR), &peer.to_string()));
        }
        if let Some(authority) = &facts.authority {
            set(edits, X_FORWARDED_HOST, authority);
        }
        set(edits, X_FORWARDED_PROTO, facts.scheme.as_str());
    }
    if matches!(which, ForwardedHeaders::Both | ForwardedHeaders::Standard) {
        let mut element = format!("for={}", facts.client.peer.map_or_else(|| "unknown".to_owned(), node));
        if let Some(authority) = &facts.authority {
            element.push_str(";host=");
            element.push_str(&token_or_quoted(authority));
        }
        element.push_str(";proto=");
        element.push_str(facts.scheme.as_str());
        set(edits, header::FORWARDED, &append(continued(&header::FORWARDED), &element));
    }
}

fn append(list: Option<String>, member: &str) -> String {
    match list {
        Some(list) => format!("{list}, {member}"),
        None => member.to_owned(),
    }
}

/// An address as a `for` value (RFC 7239 section 6): IPv6 in brackets, and quoted because of them.
fn node(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"[{address}]\""),
    }
}

/// A colon is no token character, so a host with a port stands in quotes. An authority has been checked and contains nothing to escape.
fn token_or_quoted(authority: &str) -> String {
    if authority.contains([':', '[']) { format!("\"{authority}\"") } else { authority.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Scheme;
    use crate::receive::{BodyLength, Client};

    fn facts(peer: &str, trusted: bool) -> Facts {
        let peer = Some(peer.parse().unwrap());
        let client = Client { address: peer, peer, through_trusted_proxy: trusted, ..Client::default() };
        Facts {
            client,
            scheme: Scheme::Https,
            host: Some("a.test".into()),
            authority: Some("a.test:8443".into()),
            body: BodyLength::Unknown,
            certificate: None,
            country: None,
        }
    }

    fn told(facts: &Facts, sent: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers: HeaderMap =
            sent.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        let mut edits = HeaderEdits::new();
        strip(&headers, &mut edits);
        tell(ForwardedHeaders::Both, &headers, facts, &mut edits);
        edits.apply(&mut headers);
        headers
    }

    #[test]
    fn what_a_client_claims_is_replaced() {
        let sent = [
            ("x-forwarded-for", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1"),
            ("x-real-ip", "1.1.1.1"),
            ("x_forwarded_for", "1.1.1.1"),
        ];
        let headers = told(&facts("192.0.2.1", false), &sent);
        assert_eq!(headers.get("x-forwarded-for").unwrap(), "192.0.2.1");
        assert_eq!(headers.get("forwarded").unwrap(), "for=192.0.2.1;host=\"a.test:8443\";proto=https");
        assert_eq!(headers.get("x-forwarded-proto").unwrap(), "https");
        assert_eq!(headers.get("x-forwarded-host").unwrap(), "a.test:8443");
        assert!(!headers.contains_key("x-real-ip") && !headers.contains_key("x_forwarded_for"));
    }

    #[test]
    fn a_trusted_proxys_list_is_continued() {
        let headers =
            told(&facts("2001:db8::1", true), &[("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")]);
        assert_eq!(headers.get("x-forwarded-for").unwrap(), "1.1.1.1, 2001:db8::1");
        assert_eq!(
            headers.get("forwarded").unwrap(),
            "for=1.1.1.1, for=\"[2001:db8::1]\";host=\"a.test:8443\";proto=https"
        );
    }

    #[test]
    fn a_list_with_strange_bytes_is_not_continued_and_the_peer_is_still_told() {
        let mut headers = HeaderMap::new();
        for name in [X_FORWARDED_FOR, header::FORWARDED] {
            headers.append(name, HeaderValue::from_bytes("for=1.1.1.1, \u{e9}".as_bytes()).unwrap());
        }
        let mut edits = HeaderEdits::new();
        strip(&headers, &mut edits);
        tell(ForwardedHeaders::Both, &headers, &facts("192.0.2.1", true), &mut edits);
        edits.apply(&mut headers);
        assert_eq!(headers.get(X_FORWARDED_FOR).unwrap(), "192.0.2.1");
        assert_eq!(headers.get(header::FORWARDED).unwrap(), "for=192.0.2.1;host=\"a.test:8443\";proto=https");
    }
}
