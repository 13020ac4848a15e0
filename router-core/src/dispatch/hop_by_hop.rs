//! Fields that belong to one connection and are never passed on (RFC 9110 section 7.6.1).

use http::{HeaderMap, HeaderName, header};

use crate::edits::HeaderEdits;
use crate::head::members;

/// What is hop-by-hop even where `Connection` does not say so.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Never taken out because `Connection` names them: a client could so make the gateway drop what routing, identity or framing rest on.
const PROTECTED: [HeaderName; 5] =
    [header::HOST, header::AUTHORIZATION, header::CONTENT_LENGTH, header::CONTENT_TYPE, header::COOKIE];

/// Removes hop-by-hop fields of a message with `headers`: the known ones that are there and those that its `Connection` names.
pub fn scrub(headers: &HeaderMap, edits: &mut HeaderEdits) {
    for name in HOP_BY_HOP {
        if headers.contains_key(&name) {
            edits.remove(name);
        }
    }
    for named in members(headers, &header::CONNECTION) {
        if let Ok(name) = named.parse::<HeaderName>()
            && !PROTECTED.contains(&name)
            && !HOP_BY_HOP.contains(&name)
        {
            edits.remove(name);
        }
    }
}

/// Whether the request asks to switch to `protocol` (RFC 9110 section 7.8).
#[must_use]
pub fn asks_for_upgrade(headers: &HeaderMap, protocol: &str) -> bool {
    members(headers, &header::CONNECTION).any(|member| member.eq_ignore_ascii_case("upgrade"))
        && members(headers, &header::UPGRADE).any(|member| member.eq_ignore_ascii_case(protocol))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn scrubbed(fields: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut edits = HeaderEdits::new();
        scrub(&headers, &mut edits);
        edits.apply(&mut headers);
        let mut left: Vec<String> = headers.keys().map(ToString::to_string).collect();
        left.sort();
        left
    }

    #[test]
    fn what_belongs_to_the_connection_goes() {
        let fields = [
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("x-other", "1"),
        ];
        assert_eq!(scrubbed(&fields), ["x-other"]);
    }

    #[test]
    fn a_client_cannot_have_protected_fields_dropped() {
        let fields = [
            ("connection", "authorization, host, content-length"),
            ("authorization", "a"),
            ("host", "b"),
            ("content-length", "1"),
        ];
        assert_eq!(scrubbed(&fields), ["authorization", "content-length", "host"]);
    }

    #[test]
    fn an_upgrade_needs_both_fields() {
        let asks = |fields: &[(&'static str, &'static str)]| {
            let headers = fields
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect::<HeaderMap>();
            asks_for_upgrade(&headers, "websocket")
        };
        assert!(asks(&[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")]));
        assert!(!asks(&[("upgrade", "websocket")]));
        assert!(!asks(&[("connection", "upgrade"), ("upgrade", "h2c")]));
    }
}
