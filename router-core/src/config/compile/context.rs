//! What the compiler collects, and the small texts that it reads everywhere.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use ipnet::IpNet;

use crate::config::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::config::grammar;

/// Collects what is found.
#[derive(Default)]
pub(super) struct Context {
    pub(super) found: Diagnostics,
}

impl Context {
    pub(super) fn error(&mut self, code: &'static str, place: Place<'_>, message: impl Into<String>) {
        self.found.push(Diagnostic::error(code, place.path(), message));
    }

    /// The value, or nothing and a diagnostic.
    pub(super) fn ok<T, E: fmt::Display>(
        &mut self,
        code: &'static str,
        path: &Place<'_>,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|why| self.error(code, *path, why.to_string())).ok()
    }

    pub(super) fn duration(&mut self, text: Option<&str>, path: &Place<'_>) -> Option<Duration> {
        text.and_then(|text| self.ok("duration", path, grammar::duration(text)))
    }

    pub(super) fn duration_or(&mut self, text: Option<&str>, default: Duration, path: &Place<'_>) -> Duration {
        self.duration(text, path).unwrap_or(default)
    }

    /// A size within bounds.
    pub(super) fn size_or(&mut self, text: Option<&str>, default: u64, most: u64, path: &Place<'_>) -> u64 {
        let Some(text) = text else { return default };
        match self.ok("size", path, grammar::size(text)) {
            Some(size) if size > most => {
                self.error("size", *path, format!("`{text}` is more than the {most} bytes that are possible here"));
                default
            }
            Some(size) => size,
            None => default,
        }
    }

    pub(super) fn networks(&mut self, texts: &[String], path: &Place<'_>) -> Vec<IpNet> {
        let mut networks = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            networks.extend(self.ok("network", &path.index(index), network(text)));
        }
        networks
    }

    pub(super) fn methods(&mut self, texts: &[String], path: &Place<'_>) -> Vec<Method> {
        let mut methods = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            methods.extend(self.method(text, &path.index(index)));
        }
        methods
    }

    pub(super) fn method(&mut self, text: &str, path: &Place<'_>) -> Option<Method> {
        let upper = text.to_ascii_uppercase();
        if *text != upper && STANDARD.contains(&upper.as_str()) {
            self.found.push(
                Diagnostic::error(
                    "method",
                    path.path(),
                    format!("methods are case-sensitive, and `{text}` is not the method `{upper}`"),
                )
                .with_help(format!("write `{upper}`")),
            );
            return None;
        }
        let method = Method::from_bytes(text.as_bytes())
            .map_err(|_| format!("`{}` is no method: a method is a token (RFC 9110)", grammar::shorten(text)));
        let method = self.ok("method", path, method)?;
        if method == Method::CONNECT || method == Method::TRACE {
            self.error("method", *path, format!("{method} is never passed on: requests with it are answered 501"));
        }
        Some(method)
    }

    pub(super) fn header_name(&mut self, text: &str, path: &Place<'_>) -> Option<HeaderName> {
        let name = text.parse::<HeaderName>().map_err(|_| format!("`{}` is no field name", grammar::shorten(text)));
        self.ok("header-name", path, name)
    }

    pub(super) fn cookie_name(&mut self, text: &str, path: &Place<'_>) -> Option<String> {
        // A cookie's name is a token (RFC 6265 section 4.1.1).
        let token = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
        if text.is_empty() || text.len() > 256 || !text.bytes().all(token) {
            self.error("cookie", *path, format!("`{}` is no name of a cookie", grammar::shorten(text)));
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn header_value(&mut self, text: &str, path: &Place<'_>) -> Option<HeaderValue> {
        // `from_str` takes visible ASCII only; bytes beyond it are legal in values (RFC 9110 section 5.5), control characters are not.
        let value = HeaderValue::from_bytes(text.as_bytes())
            .map_err(|_| "a field value has no control characters and no line ends");
        self.ok("header-value", path, value)
    }
}

const STANDARD: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "CONNECT", "TRACE"];

/// A CIDR network or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let expected = || {
        format!(
            "expected an address or network such as `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`, found `{}`",
            grammar::shorten(text)
        )
    };
    match text.split_once('/') {
        Some(_) => text.parse::<IpNet>().map_err(|_| expected()).and_then(|network| {
            if network.trunc() == network {
                Ok(network)
            } else {
                Err(format!("`{text}` has bits set behind its prefix; the network is `{}`", network.trunc()))
            }
        }),
        None => text.parse::<std::net::IpAddr>().map(IpNet::from).map_err(|_| expected()),
    }
}
