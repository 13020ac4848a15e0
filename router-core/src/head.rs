//! The head of a request as the core sees it.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// `http` or `https`, as the client used it towards the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Clear text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme's name in URIs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URI of this scheme means when it names none.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The head of a request, as the platform received it. Nothing in it has been checked.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// Any token (RFC 9110 section 9.1).
    pub method: Method,
    /// How the client reached the gateway.
    pub scheme: Scheme,
    /// The authority: of an absolute target or an HTTP/2 `:authority` if there is one, else of `Host`.
    pub authority: Option<String>,
    /// The path part of the request target, as received: not normalised where the host allows.
    pub path: String,
    /// The query part of the request target without its `?`, byte for byte.
    pub query: Option<String>,
    /// The header fields, lower-case, in order.
    pub headers: HeaderMap,
}

/// All values of a field joined as a list (RFC 9110 section 5.3), cookies by `; ` (RFC 9113 section 8.2.3). Workers hands out repeated fields only so;
/// with this every platform agrees.
#[must_use]
pub fn joined<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, [u8]>> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let first = values.next()?;
    let Some(second) = values.next() else { return Some(Cow::Borrowed(first)) };
    let separator: &[u8] = if name == header::COOKIE { b"; " } else { b", " };
    let mut all = first.to_vec();
    for value in std::iter::once(second).chain(values) {
        all.extend_from_slice(separator);
        all.extend_from_slice(value);
    }
    Some(Cow::Owned(all))
}

/// The members of a comma-separated field over all its lines, trimmed, empty ones left out. Members that are not visible ASCII are left out.
pub fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_fields_join_as_a_list() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("accept");
        assert_eq!(joined(&headers, &name), None);
        headers.append(&name, HeaderValue::from_static("a"));
        assert_eq!(*joined(&headers, &name).unwrap(), *b"a");
        headers.append(&name, HeaderValue::from_static("b, c"));
        assert_eq!(*joined(&headers, &name).unwrap(), *b"a, b, c");
        assert_eq!(members(&headers, &name).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
