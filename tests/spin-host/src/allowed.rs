//! `allowed_outbound_hosts`: where a component may send requests. Nothing is allowed unless a pattern says so.
//!
//! A pattern is `scheme://host:port`. The scheme may be `*`; the host `*`, `*.domain`, an address, a network such as
//! `10.0.0.0/8`, or a name; the port a number, a range `8000..8100`, or `*`. Without a port the scheme's own is meant.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use http::Uri;
use ipnet::IpNet;

/// A pattern that cannot be read.
#[derive(Debug)]
pub(crate) struct InvalidPattern {
    pattern: String,
    reason: &'static str,
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "allowed outbound host {:?}: {}; expected SCHEME://HOST[:PORT], such as \"http://127.0.0.1:*\" or \
             \"https://*.example.com\"",
            self.pattern, self.reason
        )
    }
}

impl std::error::Error for InvalidPattern {}

/// The patterns of an app.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(Vec<Pattern>);

impl AllowedHosts {
    pub(crate) fn parse(patterns: &[String]) -> Result<Self, InvalidPattern> {
        patterns.iter().map(|pattern| Pattern::parse(pattern)).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
        let Some(port) = uri.port_u16().or_else(|| default_port(scheme)) else { return false };
        self.0.iter().any(|pattern| pattern.matches(scheme, host, port))
    }
}

#[derive(Clone, Debug)]
struct Pattern {
    /// `None` is any.
    scheme: Option<String>,
    host: Host,
    port: Port,
}

#[derive(Clone, Debug)]
enum Host {
    Any,
    /// The suffix with its dot.
    Subdomains(String),
    Network(IpNet),
    Name(String),
}

#[derive(Clone, Debug)]
enum Port {
    Any,
    /// The port that belongs to the scheme of the request.
    OfScheme,
    Within(Range<u16>),
    One(u16),
}

impl Pattern {
    fn parse(pattern: &str) -> Result<Self, InvalidPattern> {
        let invalid = |reason| InvalidPattern { pattern: pattern.to_owned(), reason };
        let (scheme, authority) = pattern.split_once("://").ok_or_else(|| invalid("it has no scheme"))?;
        // A path is tolerated when it says nothing.
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let scheme = (scheme != "*").then(|| scheme.to_ascii_lowercase());
        let host = Host::parse(host).ok_or_else(|| invalid("it has no usable host"))?;
        let port = match port {
            None => Port::OfScheme,
            Some(port) => {
                Port::parse(port).ok_or_else(|| invalid("its port is neither a number, a range nor \"*\""))?
            }
        };
        Ok(Self { scheme, host, port })
    }

    fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed.eq_ignore_ascii_case(scheme))
            && self.host.matches(host)
            && match &self.port {
                Port::Any => true,
                Port::OfScheme => default_port(scheme) == Some(port),
                Port::Within(range) => range.contains(&port),
                Port::One(allowed) => *allowed == port,
            }
    }
}

impl Host {
    fn parse(host: &str) -> Option<Self> {
        if host == "*" {
            return Some(Self::Any);
        }
        if let Some(suffix) = host.strip_prefix('*') {
            return (suffix.len() > 1 && suffix.starts_with('.'))
                .then(|| Self::Subdomains(suffix.to_ascii_lowercase()));
        }
        let bare = unbracketed(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Self::Network(address.into()));
        }
        if let Ok(network) = bare.parse() {
            return Some(Self::Network(network));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' || byte == b'_';
        (!host.is_empty() && host.bytes().all(is_name)).then(|| Self::Name(host.to_ascii_lowercase()))
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Subdomains(suffix) => host.to_ascii_lowercase().ends_with(suffix),
            Self::Network(network) => {
                unbracketed(host).parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
            }
            Self::Name(name) => name.eq_ignore_ascii_case(host),
        }
    }
}

impl Port {
    fn parse(port: &str) -> Option<Self> {
        if port == "*" {
            return Some(Self::Any);
        }
        match port.split_once("..") {
            Some((low, high)) => Some(Self::Within(low.parse().ok()?..high.parse().ok()?)),
            None => port.parse().ok().map(Self::One),
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "redis" => Some(6379),
        _ => None,
    }
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::AllowedHosts;

    fn allows(pattern: &str, url: &str) -> bool {
        AllowedHosts::parse(&[pattern.to_owned()]).expect(pattern).allows(&url.parse().expect(url))
    }

    #[test]
    fn nothing_is_allowed_without_a_pattern() {
        assert!(!AllowedHosts::default().allows(&"http://127.0.0.1/".parse().expect("a URL")));
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        assert!(allows("http://127.0.0.1:*", "http://127.0.0.1:8080/"));
        assert!(!allows("http://127.0.0.1:*", "https://127.0.0.1:8080/"));
        assert!(!allows("http://127.0.0.1:*", "http://127.0.0.2:8080/"));
        assert!(allows("http://127.0.0.1:8080", "http://127.0.0.1:8080/"));
        assert!(!allows("http://127.0.0.1:8080", "http://127.0.0.1:8081/"));
        assert!(allows("*://*:*", "https://example.com:8443/"));
    }

    #[test]
    fn a_pattern_without_a_port_means_the_port_of_the_scheme() {
        assert!(allows("https://example.com", "https://example.com/"));
        assert!(allows("https://example.com", "https://EXAMPLE.com:443/"));
        assert!(!allows("https://example.com", "https://example.com:8443/"));
    }

    #[test]
    fn a_star_before_a_dot_means_every_name_below() {
        assert!(allows("https://*.example.com", "https://api.example.com/"));
        assert!(!allows("https://*.example.com", "https://example.com/"));
        assert!(!allows("https://*.example.com", "https://evilexample.com/"));
    }

    #[test]
    fn networks_and_port_ranges_are_understood() {
        assert!(allows("http://10.0.0.0/8:8000..8100", "http://10.1.2.3:8099/"));
        assert!(!allows("http://10.0.0.0/8:8000..8100", "http://10.1.2.3:8100/"));
        assert!(!allows("http://10.0.0.0/8:*", "http://11.1.2.3:8000/"));
        assert!(allows("http://[::1]:80", "http://[::1]/"));
    }

    #[test]
    fn an_unreadable_pattern_is_refused_with_its_reason() {
        for (pattern, reason) in
            [("127.0.0.1", "no scheme"), ("http://", "no usable host"), ("http://a:b", "port"), ("http://*x", "host")]
        {
            let error = AllowedHosts::parse(&[pattern.to_owned()]).expect_err(pattern).to_string();
            assert!(error.contains(reason) && error.contains(pattern), "{error}");
        }
    }
}
