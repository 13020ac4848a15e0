//! hyper's request as the journey wants it: path and query as they were sent, fields moved.

use edge::platform::Body;
use http::uri::Uri;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use router_core::RequestHead;
use router_core::receive::Transport;

use crate::connection::Connection;
use crate::platform::Native;

/// What an upgrade needs of the client's request: the connection itself, once the answer 101 is sent.
pub(crate) struct Inbound {
    /// `None` where the client's protocol knows no upgrades: HTTP/1.0 (RFC 9110 section 7.8) and HTTP/2 (RFC 9113 section 8.6).
    pub(crate) upgrade: Option<OnUpgrade>,
}

/// Takes hyper's request apart.
pub(crate) fn receive(connection: &Connection, mut request: http::Request<Incoming>) -> edge::Request<Native> {
    let version = request.version();
    let upgrades = version == Version::HTTP_11 && request.headers().contains_key(header::UPGRADE);
    let upgrade = upgrades.then(|| hyper::upgrade::on(&mut request));
    let (parts, incoming) = request.into_parts();
    let mut head = bare_head(connection, parts.method, &parts.uri);
    head.headers = parts.headers;
    if version == Version::HTTP_2 {
        join_cookies(&mut head.headers);
    }
    let transport = Transport {
        peer: Some(connection.peer),
        host_optional: version == Version::HTTP_10,
        certificate: connection.certificate.clone(),
        country: None,
    };
    let body = if incoming.is_end_stream() { Body::Empty } else { Body::Stream(incoming) };
    edge::Request { head, transport, body, inbound: Inbound { upgrade } }
}

/// The head without its fields. The target may have any form (RFC 9112 section 3.2): of the asterisk form the path is `*`, of the authority form it is
/// empty, and both are refused by the journey.
pub(crate) fn bare_head(connection: &Connection, method: Method, uri: &Uri) -> RequestHead {
    RequestHead {
        method,
        scheme: connection.scheme,
        authority: uri.authority().map(|authority| authority.as_str().to_owned()),
        path: uri.path().to_owned(),
        query: uri.query().map(ToOwned::to_owned),
        headers: HeaderMap::new(),
    }
}

/// HTTP/2 may split `Cookie` into crumbs, which others must get as one line (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(header::COOKIE).iter();
    let (Some(first), Some(second)) = (crumbs.next(), crumbs.next()) else { return };
    let mut all = first.as_bytes().to_vec();
    for crumb in std::iter::once(second).chain(crumbs) {
        all.extend_from_slice(b"; ");
        all.extend_from_slice(crumb.as_bytes());
    }
    if let Ok(all) = HeaderValue::from_bytes(&all) {
        headers.insert(header::COOKIE, all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crumbs_become_one_cookie_line() {
        let mut headers = HeaderMap::new();
        for crumb in ["a=1", "b=2; c=3", "d=4"] {
            headers.append(header::COOKIE, HeaderValue::from_static(crumb));
        }
        join_cookies(&mut headers);
        let lines: Vec<_> = headers.get_all(header::COOKIE).iter().collect();
        assert_eq!(lines, ["a=1; b=2; c=3; d=4"]);
    }
}
