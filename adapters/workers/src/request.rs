//! From the host's request to the gateway's: method and target as they are, nothing parsed twice, nothing coerced.

use std::sync::Arc;

use edge::Request;
use edge::platform::Body;
use http::{HeaderMap, Method};
use router_core::authenticate::certificate::ClientCertificate;
use router_core::head::Scheme;
use router_core::receive::Transport;
use router_core::rejection::Malformed;
use router_core::{Rejection, RequestHead};

use crate::platform::Workers;
use crate::{head, js};

/// The field in which Cloudflare tells the address of the client. It replaces whatever a client sends under this name. It is absent where a request
/// comes from another worker through a service binding.
const CF_CONNECTING_IP: &str = "cf-connecting-ip";

/// What somebody may look at of what Cloudflare knows of a client. The host parses all of it as soon as one thing is asked for, so it is left unless it
/// is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) certificate: Fact,
    pub(crate) country: Fact,
}

/// Whether a fact is wanted.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    /// Read it, if there is one.
    Read,
    /// Nobody looks at it.
    Leave,
}

impl Fact {
    /// `Read` where it is wanted.
    pub(crate) fn wanted(wanted: bool) -> Self {
        if wanted { Self::Read } else { Self::Leave }
    }

    fn read<T>(self, read: impl FnOnce() -> Option<T>) -> Option<T> {
        match self {
            Self::Read => read(),
            Self::Leave => None,
        }
    }
}

/// A request that cannot be taken, with what could be read of its head.
pub(crate) struct Unreadable {
    pub(crate) head: RequestHead,
    pub(crate) rejection: Rejection,
}

/// Takes a request over. Its body stays with the host.
pub(crate) fn take(inbound: &web_sys::Request, wanted: Wanted) -> Result<Request<Workers>, Box<Unreadable>> {
    let (head, whole) = read_head(inbound);
    if let Err(malformed) = whole {
        return Err(Box::new(Unreadable { head, rejection: Rejection::Malformed(malformed) }));
    }
    let peer = head.headers.get(CF_CONNECTING_IP).and_then(|address| address.to_str().ok()?.parse().ok());
    let certificate = wanted.certificate.read(|| certificate(inbound));
    let country = wanted.country.read(|| country(inbound));
    let body = inbound.body().map_or(Body::Empty, Body::Stream);
    // Another handle on the same object; the method `clone` of JavaScript would part its body in two.
    let inbound = Clone::clone(inbound);
    Ok(Request { head, transport: Transport { peer, host_optional: false, certificate, country }, body, inbound })
}

/// The certificate that Cloudflare has verified. One that cannot be read counts as none.
fn certificate(inbound: &web_sys::Request) -> Option<Arc<ClientCertificate>> {
    let field = js::client_certificate(inbound).ok().filter(|field| !field.is_empty())?;
    ClientCertificate::from_field(&field).ok().map(Arc::new)
}

/// The country that Cloudflare sees the client in.
fn country(inbound: &web_sys::Request) -> Option<[u8; 2]> {
    country_of(&js::client_country(inbound).ok()?)
}

/// Two capital letters. `XX` is Cloudflare's word for not knowing, and `T1` its word for Tor.
fn country_of(text: &str) -> Option<[u8; 2]> {
    let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
    let known = letters.iter().all(u8::is_ascii_uppercase) && letters != *b"XX";
    known.then_some(letters)
}

/// The head, as far as it can be read.
pub(crate) fn read_head(inbound: &web_sys::Request) -> (RequestHead, Result<(), Malformed>) {
    match js::request_head(inbound) {
        Ok(text) => parse(&text),
        Err(_) => (nothing(), Err(Malformed::Head)),
    }
}

fn nothing() -> RequestHead {
    RequestHead {
        method: Method::GET,
        scheme: Scheme::Https,
        authority: None,
        path: "/".into(),
        query: None,
        headers: HeaderMap::new(),
    }
}

fn parse(text: &str) -> (RequestHead, Result<(), Malformed>) {
    let mut lines = text.split('\n');
    let method = Method::from_bytes(lines.next().unwrap_or_default().as_bytes());
    let url = lines.next().unwrap_or_default();
    let (headers, whole) = head::fields(lines);
    let fields_whole = whole.map_err(|_| Malformed::Head);
    let method_whole = method.as_ref().map(drop).map_err(|_| Malformed::Head);
    let (scheme, rest) = match url.split_once("://") {
        Some(("http", rest)) => (Scheme::Http, rest),
        Some((_, rest)) => (Scheme::Https, rest),
        None => (Scheme::Https, url),
    };
    // The host writes the URL as scheme, `Host` and target. Where `Host` is known the target is what follows, whatever it looks like.
    let host =
        headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).filter(|host| rest.starts_with(host));
    let (authority, target) = match host {
        Some(host) => (host, rest.get(host.len()..).unwrap_or_default()),
        None => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
    };
    let target = target.split_once('#').map_or(target, |(target, _)| target);
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let read = RequestHead {
        method: method.unwrap_or(Method::GET),
        scheme,
        authority: Some(authority.to_owned()).filter(|authority| !authority.is_empty()),
        path: if path.is_empty() { "/".into() } else { path.to_owned() },
        query,
        headers,
    };
    (read, method_whole.and(fields_whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> (Option<String>, String, Option<String>) {
        let (head, whole) = parse(text);
        assert_eq!(whole, Ok(()));
        (head.authority, head.path, head.query)
    }

    fn parts(authority: &str, path: &str, query: Option<&str>) -> (Option<String>, String, Option<String>) {
        (Some(authority.to_owned()), path.to_owned(), query.map(str::to_owned))
    }

    #[test]
    fn a_target_is_taken_as_it_is() {
        assert_eq!(
            target("GET\nhttp://a.test:81/b/../%2e/c?x=1?y#z\nhost\na.test:81"),
            parts("a.test:81", "/b/../%2e/c", Some("x=1?y"))
        );
        assert_eq!(target("GET\nhttps://a.test"), parts("a.test", "/", None));
        assert_eq!(target("GET\nhttps://a.test?q"), parts("a.test", "/", Some("q")));
        assert_eq!(target("GET\nhttps://[::1]:80//x?"), parts("[::1]:80", "//x", Some("")));
    }

    #[test]
    fn what_follows_the_host_is_the_target_even_if_it_is_no_path() {
        assert_eq!(target("OPTIONS\nhttp://a.test*\nhost\na.test"), parts("a.test", "*", None));
    }

    #[test]
    fn any_method_and_both_schemes_are_carried() {
        let (head, whole) = parse("PROPFIND\nhttp://a/");
        assert_eq!((head.method.as_str(), head.scheme, whole), ("PROPFIND", Scheme::Http, Ok(())));
        assert_eq!(parse("GET\nhttps://a/").0.scheme, Scheme::Https);
    }

    #[test]
    fn a_country_is_two_letters_or_none() {
        assert_eq!(country_of("DE"), Some(*b"DE"));
        for none in ["", "D", "de", "DEU", "T1", "XX", "\u{c4}"] {
            assert_eq!(country_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_forbidden_byte_is_told_and_the_rest_of_the_head_is_read() {
        let (head, whole) = parse("POST\nhttps://a/b\nx-bad\n\u{7f}\nx-good\n1");
        assert_eq!(whole, Err(Malformed::Head));
        assert_eq!((head.method, head.path.as_str(), head.headers.len()), (Method::POST, "/b", 1));
        assert_eq!(parse("\nhttps://a/").1, Err(Malformed::Head));
    }
}
