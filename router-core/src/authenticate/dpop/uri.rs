//! `htu`: the URI that a proof is for (RFC 9449 section 4.3, item 9), compared after normalisation (RFC 3986 sections 6.2.2 and 6.2.3).
//!
//! Both sides go through the same rules: the scheme and host in lower case, no default port, escapes in their normal form, dot segments removed. The
//! path is the one the client sent, not the one the gateway routes by: `/a//b` and `/a/b`, or `/a%2Fb` and `/a/b`, are two URIs to whoever signed.
//! Some hosts hand over a path that a URL parser has been through; as these rules contain what it does, the answer is the same everywhere.

use crate::filter::path::{Encoded, NormalPath, Normalised, PathRules};
use crate::head::Scheme;
use crate::receive::split_authority;

/// No spelling of a separator is taken for another.
const RULES: PathRules =
    PathRules { encoded_slash: Encoded::Keep, encoded_backslash: Encoded::Keep, merge_slashes: false };

/// The normal form of an absolute `http` or `https` URI, without query and fragment.
pub(super) fn normal(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = if scheme.eq_ignore_ascii_case("https") {
        Scheme::Https
    } else if scheme.eq_ignore_ascii_case("http") {
        Scheme::Http
    } else {
        return None;
    };
    let rest = rest.split(['?', '#']).next()?;
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    of_parts(scheme, authority, path)
}

/// The normal form of the URI with these parts.
pub(super) fn of_parts(scheme: Scheme, authority: &str, path: &str) -> Option<String> {
    let (host, port) = split_authority(authority).ok()?;
    let port = port.filter(|port| *port != scheme.default_port()).map(|port| format!(":{port}")).unwrap_or_default();
    let Ok(Normalised::Path(path)) = NormalPath::parse(path, &RULES) else { return None };
    Some(format!("{}://{}{port}{path}", scheme.as_str(), host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_uri_are_equal() {
        for uri in [
            "https://server.example.com/token",
            "HTTPS://SERVER.example.com:443/token",
            "https://server.example.com/%74oken?a=b#c",
            "https://server.example.com/a/../token",
            "https://server.example.com/./token?",
        ] {
            assert_eq!(normal(uri).as_deref(), Some("https://server.example.com/token"), "{uri}");
        }
        assert_eq!(normal("http://a"), normal("http://a:80/"));
        assert_eq!(normal("http://a?x"), normal("http://a/"));
    }

    #[test]
    fn other_uris_are_not() {
        let token = normal("https://a.test/token").unwrap();
        for uri in [
            "http://a.test/token",
            "https://a.test:444/token",
            "https://a.test/Token",
            "https://a.test/token/",
            "https://a.test//token",
            "https://a.test/%2Ftoken",
            "https://a.test.evil/token",
        ] {
            assert_ne!(normal(uri).unwrap(), token, "{uri}");
        }
        for bad in
            ["", "/token", "//a.test/token", "ftp://a.test/", "https://u@a.test/", "https:///a", "https://a/%zz", "x"]
        {
            assert_eq!(normal(bad), None, "{bad}");
        }
    }
}
