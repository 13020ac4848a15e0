//! From what a client sends to the request that the gateway takes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use edge::Request;
use edge::platform::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use router_core::authenticate::certificate::ClientCertificate;
use router_core::head::Scheme;
use router_core::receive::Transport;
use router_core::rejection::Malformed;
use router_core::{Rejection, RequestHead};

use crate::Memory;
use crate::upstream::ScriptedBody;

/// A request as a client writes it. Nothing in it need be valid.
#[derive(Debug)]
pub struct Incoming {
    /// Any text.
    pub method: String,
    /// The request target as it stands in the request line.
    pub target: String,
    /// The header fields in order, values as bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Body<ScriptedBody>,
    /// The address at the other end.
    pub peer: Option<IpAddr>,
    /// How the client reached the gateway.
    pub scheme: Scheme,
    /// Whether it speaks HTTP/1.0, which knows no `Host`.
    pub http10: bool,
    /// The client's certificate, as if TLS had verified it.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The client's country.
    pub country: Option<[u8; 2]>,
}

/// A request that is none, with as much of its head as could be read.
#[derive(Debug)]
pub struct Unreadable {
    /// What could be read.
    pub head: RequestHead,
    /// What is wrong.
    pub rejection: Rejection,
}

impl Incoming {
    /// `GET` for this target, from 127.0.0.1 to the host `gateway.test`.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: vec![("host".to_owned(), b"gateway.test".to_vec())],
            body: Body::Empty,
            peer: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            scheme: Scheme::Http,
            http10: false,
            certificate: None,
            country: None,
        }
    }

    /// Adds a header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Makes it a request with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Gives it a body with a declared length.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let length = body.len().to_string();
        self.body = Body::Bytes(body);
        self.with("content-length", length)
    }

    /// The request as the gateway takes it.
    ///
    /// # Errors
    /// What the server of a real host refuses before anybody else sees it: a method, name or value with forbidden bytes.
    pub fn into_request(self) -> Result<Request<Memory>, Box<Unreadable>> {
        let (authority, path, query) = split(&self.target);
        let mut head = RequestHead {
            method: Method::GET,
            scheme: self.scheme,
            authority: authority.map(str::to_owned),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: HeaderMap::new(),
        };
        let mut readable = true;
        match Method::from_bytes(self.method.as_bytes()) {
            Ok(method) => head.method = method,
            Err(_) => readable = false,
        }
        for (name, value) in &self.headers {
            match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
                (Ok(name), Ok(value)) => readable &= head.headers.try_append(name, value).is_ok(),
                _ => readable = false,
            }
        }
        if !readable {
            return Err(Box::new(Unreadable { head, rejection: Rejection::Malformed(Malformed::Head) }));
        }
        let inbound = head.headers.clone();
        let transport = Transport {
            peer: self.peer,
            host_optional: self.http10,
            certificate: self.certificate,
            country: self.country,
        };
        Ok(Request { head, transport, body: self.body, inbound })
    }
}

/// Authority, path and query of a request target (RFC 9112 section 3.2). A fragment is no part of it and is dropped, as servers do.
fn split(target: &str) -> (Option<&str>, &str, Option<&str>) {
    let target = target.split_once('#').map_or(target, |(target, _)| target);
    let absolute = target.strip_prefix("http://").or_else(|| target.strip_prefix("https://"));
    let (authority, rest) = match absolute {
        None => (None, target),
        Some(rest) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, rest) = rest.split_at(end);
            (Some(authority), rest)
        }
    };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    (authority, if path.is_empty() && absolute.is_some() { "/" } else { path }, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_comes_apart_as_the_rfc_says() {
        assert_eq!(split("/a?b=?c"), (None, "/a", Some("b=?c")));
        assert_eq!(split("/a#b?c"), (None, "/a", None));
        assert_eq!(split("http://h:1/a?b"), (Some("h:1"), "/a", Some("b")));
        assert_eq!(split("http://h?b"), (Some("h"), "/", Some("b")));
        assert_eq!(split("*"), (None, "*", None));
        assert_eq!(split("/http://h/"), (None, "/http://h/", None));
    }

    #[test]
    fn what_no_server_would_hand_over_is_unreadable() {
        let unreadable = |incoming: Incoming| incoming.into_request().is_err();
        assert!(unreadable(Incoming::get("/").with("a b", "c")));
        assert!(unreadable(Incoming::get("/").with("a", "b\nc")));
        assert!(unreadable(Incoming::get("/").method("A B")));
        assert!(!unreadable(Incoming::get("/").with("a", "é").method("A-B")));
    }
}
