//! A request as its signer saw it, and the components that are derived from it (RFC 9421 section 2.2).

use http::{HeaderMap, Method};

use crate::filter::path::form_bytes;
use crate::head::Scheme;
use crate::receive::split_authority;

/// A request as its signer saw it. Nothing in it is normalised beyond what RFC 9421 says: what was signed is what was sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The method.
    pub method: &'a Method,
    /// The scheme that the client used.
    pub scheme: Scheme,
    /// The authority that the client asked for, if it told one.
    pub authority: Option<&'a str>,
    /// The path as it was sent.
    pub path: &'a str,
    /// The query as it was sent, without its `?`.
    pub query: Option<&'a str>,
    /// The header fields.
    pub headers: &'a HeaderMap,
}

impl Message<'_> {
    /// `@authority`: the host in lower case, without the default port (section 2.2.3).
    pub(super) fn normal_authority(&self) -> Option<String> {
        let (host, port) = split_authority(self.authority?).ok()?;
        let host = host.to_ascii_lowercase();
        Some(match port.filter(|port| *port != self.scheme.default_port()) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        })
    }

    /// `@target-uri` (section 2.2.2).
    pub(super) fn target_uri(&self) -> Option<String> {
        Some(format!("{}://{}{}", self.scheme.as_str(), self.normal_authority()?, self.request_target()))
    }

    /// `@request-target` in origin form (section 2.2.5): hosts hand over no other.
    pub(super) fn request_target(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.normal_path()),
            None => self.normal_path().to_owned(),
        }
    }

    /// `@path` (section 2.2.6): an empty one is `/`.
    pub(super) fn normal_path(&self) -> &str {
        if self.path.is_empty() { "/" } else { self.path }
    }

    /// `@query-param` (section 2.2.8): the value of the one parameter with this name, both written anew in one way. One that stands several times may
    /// not be covered.
    pub(super) fn query_parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query?.split('&').filter(|pair| !pair.is_empty());
        let mut values = pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(|(key, _)| encoded(key) == name)
            .map(|(_, value)| encoded(value));
        let value = values.next()?;
        if values.next().is_some() { None } else { Some(value) }
    }
}

/// Decodes as forms are, and encodes with the set that the URL standard has for forms, a space as `%20`.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in form_bytes(text) {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}
