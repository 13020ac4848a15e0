//! The request in question, made of what stands on the command line.

use std::net::IpAddr;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use router_core::RequestHead;
use router_core::config::Gateway;
use router_core::head::Scheme;
use router_core::receive::Transport;

use crate::arguments::Explain;

/// A full URL, or only the request target. Taken apart at its delimiters and not parsed further: a malformed one is worth explaining too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) origin: Option<(Scheme, String)>,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A fragment stays with the client (RFC 9110 section 4.2.5).
        let text = text.split_once('#').map_or(text, |(sent, _)| sent);
        let (origin, target) = match text.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => {
                let scheme = match scheme.to_ascii_lowercase().as_str() {
                    "http" | "ws" => Scheme::Http,
                    "https" | "wss" => Scheme::Https,
                    other => return Err(format!("expected `http` or `https`, found `{other}`")),
                };
                let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
                (Some((scheme, authority.to_owned())), target)
            }
            _ if text.starts_with('/') || text == "*" => (None, text),
            _ => {
                return Err("expected a URL that starts with `http://` or `https://`, or a path that starts with `/`"
                    .to_owned());
            }
        };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        // A client asks for the root where a URL has no path (RFC 9112 section 3.2.1).
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { origin, path: path.to_owned(), query })
    }
}

/// A request as a platform would hand it over.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) head: RequestHead,
    pub(crate) transport: Transport,
    /// What was asked, as a full URL.
    pub(crate) url: String,
}

impl Question {
    /// Where only a path is given, the first listener is asked.
    pub(crate) fn new(asked: &Explain, gateway: &Gateway) -> Self {
        let origin = asked.url.origin.clone().unwrap_or_else(|| first_listener(gateway));
        Self::of(asked.method.clone(), origin, &asked.url, &asked.headers, asked.from)
    }

    pub(crate) fn of(
        method: Method,
        (scheme, authority): (Scheme, String),
        url: &Url,
        fields: &[(HeaderName, HeaderValue)],
        from: IpAddr,
    ) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.clone());
        }
        let query = url.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
        let told = format!("{}://{authority}{}{query}", scheme.as_str(), url.path);
        // Like curl: a `Host` that is given stands instead of the URL's.
        if let (false, Ok(host)) = (headers.contains_key(header::HOST), HeaderValue::from_str(&authority)) {
            headers.insert(header::HOST, host);
        }
        let head =
            RequestHead { method, scheme, authority: None, path: url.path.clone(), query: url.query.clone(), headers };
        Self { head, transport: Transport { peer: Some(from), ..Transport::default() }, url: told }
    }
}

fn first_listener(gateway: &Gateway) -> (Scheme, String) {
    match gateway.native.listeners.first() {
        Some(listener) if listener.tls.is_some() => (Scheme::Https, listener.address.to_string()),
        Some(listener) => (Scheme::Http, listener.address.to_string()),
        None => (Scheme::Http, "localhost".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> (Option<(Scheme, String)>, String, Option<String>) {
        let url: Url = text.parse().unwrap();
        (url.origin, url.path, url.query)
    }

    #[test]
    fn a_url_is_taken_apart_and_nothing_in_it_is_changed() {
        let origin = |scheme, authority: &str| Some((scheme, authority.to_owned()));
        assert_eq!(
            url("https://A.test:8443/a%zz/../b?c=d?e#f"),
            (origin(Scheme::Https, "A.test:8443"), "/a%zz/../b".into(), Some("c=d?e".into()))
        );
        assert_eq!(url("http://a.test"), (origin(Scheme::Http, "a.test"), "/".into(), None));
        assert_eq!(url("http://a.test?b"), (origin(Scheme::Http, "a.test"), "/".into(), Some("b".into())));
        assert_eq!(url("/go?to=http://a.test/"), (None, "/go".into(), Some("to=http://a.test/".into())));
        assert_eq!(url("*"), (None, "*".into(), None));
    }

    #[test]
    fn what_is_neither_url_nor_path_is_refused() {
        assert!("a.test/b".parse::<Url>().unwrap_err().contains("`http://`"));
        assert!("ftp://a.test/b".parse::<Url>().unwrap_err().contains("`ftp`"));
        assert!("".parse::<Url>().is_err());
    }
}
