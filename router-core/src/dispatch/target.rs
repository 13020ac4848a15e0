//! One place where an upstream is.

use std::fmt;

use http::uri::Authority;

use crate::filter::path::{NormalPath, Normalised, PathRules};
use crate::head::Scheme;
use crate::receive::split_authority;

/// Scheme, authority and base path of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    authority: Authority,
    /// Normalised, without a slash at its end; empty for none.
    base: String,
}

/// Why text is not a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTarget {
    /// The host or port is not valid.
    Authority,
    /// There is a query or fragment.
    Query,
    /// The path cannot be normalised.
    Path,
    /// Neither `http://` nor `https://`.
    Scheme,
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authority => {
                "expected a host name or address and perhaps a port behind `//`, without user name or password"
            }
            Self::Query => "a target has no query and no fragment; put what belongs to the request into the route",
            Self::Path => "the path of the target is not valid",
            Self::Scheme => "expected a URL that starts with `http://` or `https://`",
        })
    }
}

impl Target {
    /// Parses `https://host:port/base`.
    ///
    /// # Errors
    /// Says what is not a target.
    pub fn parse(url: &str) -> Result<Self, InvalidTarget> {
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            _ => return Err(InvalidTarget::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(InvalidTarget::Query);
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        split_authority(authority).map_err(|_| InvalidTarget::Authority)?;
        let authority = authority.to_ascii_lowercase().parse().map_err(|_| InvalidTarget::Authority)?;
        // Default rules never redirect; they keep encoded separators, as the operator wrote them.
        let Ok(Normalised::Path(path)) = NormalPath::parse(path, &PathRules::default()) else {
            return Err(InvalidTarget::Path);
        };
        let base = path.as_str().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, base })
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and, if it is not the default, port.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What every path starts with: empty, or a path without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_scheme_a_host_and_a_base() {
        let target = Target::parse("https://API.example.com:8443/v1/../v2/").unwrap();
        assert_eq!(target.to_string(), "https://api.example.com:8443/v2");
        assert_eq!(Target::parse("http://a").unwrap().base(), "");
        assert_eq!(Target::parse("HTTP://[::1]:80/").unwrap().to_string(), "http://[::1]:80");
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, why) in [
            ("ftp://a", InvalidTarget::Scheme),
            ("a.example.com", InvalidTarget::Scheme),
            ("http://", InvalidTarget::Authority),
            ("http://user:pw@a", InvalidTarget::Authority),
            ("http://a:x", InvalidTarget::Authority),
            ("http://a/?q", InvalidTarget::Query),
            ("http://a/%zz", InvalidTarget::Path),
        ] {
            assert_eq!(Target::parse(text), Err(why), "{text}");
        }
    }
}
