//! A URL that the gateway itself asks: a key server, an issuer.

use std::fmt;

use http::uri::PathAndQuery;

use crate::dispatch::{InvalidTarget, Target};
use crate::head::Scheme;
use crate::receive::split_authority;

/// The longest URL that is taken, in bytes.
const MAX_URL: usize = 2048;

/// A URL that the gateway itself asks. Unlike a target it keeps its path as it was written, a slash at the end included, and may have a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    target: Target,
    path_and_query: String,
}

/// Why a text is not the URL of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEndpoint {
    /// Scheme, host or port.
    Target(InvalidTarget),
    /// There is a fragment.
    Fragment,
    /// The path or query has characters that no URL has.
    Path,
    /// More than 2048 bytes.
    TooLong,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(InvalidTarget::Scheme) => f.write_str("expected a URL that starts with `https://`"),
            Self::Target(invalid) => invalid.fmt(f),
            Self::Fragment => f.write_str("expected a URL without a fragment: what stands behind `#` is never sent"),
            Self::Path => f.write_str(
                "the path or query of this URL has characters that no URL has: white space, control characters and letters beyond \
                 ASCII are written as percent escapes",
            ),
            Self::TooLong => write!(f, "this URL is longer than {MAX_URL} bytes"),
        }
    }
}

impl Endpoint {
    /// Parses `https://host:port/path?query`.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn parse(url: &str) -> Result<Self, InvalidEndpoint> {
        if url.len() > MAX_URL {
            return Err(InvalidEndpoint::TooLong);
        }
        if url.contains('#') {
            return Err(InvalidEndpoint::Fragment);
        }
        let authority = url.find("://").map_or(0, |at| at + 3);
        let path = url.get(authority..).and_then(|rest| rest.find(['/', '?'])).map_or(url.len(), |at| authority + at);
        let (base, path) = url.split_at_checked(path).unwrap_or((url, ""));
        let target = Target::parse(base).map_err(InvalidEndpoint::Target)?;
        let path_and_query = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_url = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if !path_and_query.bytes().all(is_url) || path_and_query.parse::<PathAndQuery>().is_err() {
            return Err(InvalidEndpoint::Path);
        }
        Ok(Self { target, path_and_query })
    }

    /// Scheme, host and port; its base is empty.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Path and query, starting with `/`.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Whether it is asked without TLS, so that whoever is on the way can read and change what is said.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.target.scheme() == Scheme::Http
    }

    /// Whether the host is this machine: `localhost`, a name below it (RFC 6761 section 6.3), or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Ok((host, _)) = split_authority(self.target.authority().as_str()) else { return false };
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match address.parse::<std::net::IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        }
    }
}

/// The URL.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.target, self.path_and_query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_stay_as_they_were_written() {
        for (url, written) in [
            ("https://issuer.test/keys/", "https://issuer.test/keys/"),
            ("https://Issuer.test:8443/a//b/../c?tenant=%20x&y", "https://issuer.test:8443/a//b/../c?tenant=%20x&y"),
            ("http://[::1]:80?x=1", "http://[::1]:80/?x=1"),
            ("HTTPS://a", "https://a/"),
            ("https://a/x?u=http://b/c", "https://a/x?u=http://b/c"),
        ] {
            assert_eq!(Endpoint::parse(url).unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_url_of_an_endpoint_is_refused() {
        for (url, why) in [
            ("", InvalidEndpoint::Target(InvalidTarget::Scheme)),
            ("issuer.test/keys", InvalidEndpoint::Target(InvalidTarget::Scheme)),
            ("ftp://a/", InvalidEndpoint::Target(InvalidTarget::Scheme)),
            ("https://user:password@a/", InvalidEndpoint::Target(InvalidTarget::Authority)),
            ("https:///keys", InvalidEndpoint::Target(InvalidTarget::Authority)),
            ("https://a/keys#x", InvalidEndpoint::Fragment),
            ("https://a/k eys", InvalidEndpoint::Path),
            ("https://a/schlüssel", InvalidEndpoint::Path),
            ("https://a/\r\nhost: b", InvalidEndpoint::Path),
            ("https://a/\\b", InvalidEndpoint::Path),
        ] {
            assert_eq!(Endpoint::parse(url), Err(why), "{url}");
        }
        assert_eq!(Endpoint::parse(&format!("https://a/{}", "x".repeat(2048))), Err(InvalidEndpoint::TooLong));
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for url in ["http://localhost:1/", "http://a.localhost", "http://127.9.9.9/", "http://[::1]:8080/x"] {
            assert!(Endpoint::parse(url).unwrap().is_loopback(), "{url}");
        }
        for url in
            ["http://localhost.test", "http://notlocalhost", "http://10.0.0.1", "http://[::2]", "http://127.0.0.1.test"]
        {
            assert!(!Endpoint::parse(url).unwrap().is_loopback(), "{url}");
        }
    }
}
