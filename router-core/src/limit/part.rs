//! Of whom it is counted: the parts of a key.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName, header};

use crate::authenticate::Identity;
use crate::authenticate::claims::ClaimPath;
use crate::head::RequestHead;
use crate::receive::Facts;

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who asks: the authenticator's name and the consumer's, so that two authenticators that know the same name are two.
    Consumer,
    /// The API key.
    ApiKey,
    /// The consumer's plan.
    Plan,
    /// The client's address; of IPv6 the first 64 bits.
    Address,
    /// The route's name.
    Route,
    /// The host that is asked for.
    Host,
    /// The client's country.
    Country,
    /// A header field.
    Header(HeaderName),
    /// A cookie.
    Cookie(String),
    /// A claim of the consumer.
    Claim(ClaimPath),
}

/// What parts are looked for in.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Who asks.
    pub identity: &'a Identity,
    /// The client's head.
    pub head: &'a RequestHead,
    /// What is known of the request.
    pub facts: &'a Facts,
    /// The route's name.
    pub route: &'a str,
}

impl Part {
    /// How it is called in configurations, in messages and on the command line: `consumer`, `header:x-tenant`.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Consumer => "consumer",
            Self::ApiKey => "api_key",
            Self::Plan => "plan",
            Self::Address => "address",
            Self::Route => "route",
            Self::Host => "host",
            Self::Country => "country",
            Self::Header(name) => return Cow::Owned(format!("header:{name}")),
            Self::Cookie(name) => return Cow::Owned(format!("cookie:{name}")),
            Self::Claim(path) => return Cow::Owned(format!("claim:{path}")),
        })
    }

    /// The part of a request as text; `None` where it has none.
    #[must_use]
    pub fn of<'a>(&self, seen: &Seen<'a>) -> Option<Cow<'a, [u8]>> {
        let consumer = seen.identity.consumer();
        let text = |text: &'a str| Some(Cow::Borrowed(text.as_bytes()));
        match self {
            Self::Consumer => {
                consumer.map(|consumer| Cow::Owned(format!("{}/{}", consumer.authenticator, consumer.id).into_bytes()))
            }
            Self::ApiKey => consumer?.credential.as_deref().and_then(text),
            Self::Plan => consumer?.plan.as_deref().and_then(text),
            Self::Address => seen.facts.client.address.map(|address| Cow::Owned(address_text(address).into_bytes())),
            Self::Route => text(seen.route),
            Self::Host => seen.facts.host.as_deref().and_then(text),
            Self::Country => seen.facts.country.as_ref().map(|country| Cow::Borrowed(country.as_slice())),
            Self::Header(name) => field(&seen.head.headers, name),
            Self::Cookie(name) => cookie(&seen.head.headers, name).map(Cow::Borrowed),
            Self::Claim(path) => match path.find(&consumer?.claims)? {
                serde_json::Value::String(found) => text(found),
                other => Some(Cow::Owned(other.to_string().into_bytes())),
            },
        }
    }

    /// The part that an operator writes down, as requests have it: an address of IPv6 stands for its first 64 bits.
    #[must_use]
    pub fn written<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        match (self, text.split('/').next().unwrap_or(text).parse::<IpAddr>()) {
            (Self::Address, Ok(address)) => Cow::Owned(address_text(address).into_bytes()),
            _ => Cow::Borrowed(text.as_bytes()),
        }
    }
}

/// An IPv4 address, or the network of the first 64 bits: whoever has an IPv6 address commonly has all of those.
fn address_text(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Repeated fields joined, as some hosts hand them over.
fn field<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(http::HeaderValue::as_bytes);
    let first = lines.next()?;
    let joined =
        lines.fold(Cow::Borrowed(first), |joined, line| Cow::Owned([&joined, b", ".as_slice(), line].concat()));
    Some(joined).filter(|value| !value.is_empty())
}

/// The first cookie of this name (RFC 6265 section 5.4 sends the most specific one first).
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    pairs.find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_ipv6_client_is_its_first_64_bits_and_a_mapped_ipv4_is_that_address() {
        let of = |text: &str| address_text(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        let written = |text| Part::Address.written(text).into_owned();
        assert_eq!(written("2001:db8:1:2:ffff::1"), of("2001:db8:1:2::9").into_bytes());
        assert_eq!(written("2001:db8:1:2::/64"), of("2001:db8:1:2::9").into_bytes());
        assert_eq!(written("no address"), b"no address");
    }

    #[test]
    fn repeated_fields_are_joined_and_empty_ones_are_missing() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("x-a");
        assert_eq!(field(&headers, &name), None);
        headers.append(&name, HeaderValue::from_static(""));
        assert_eq!(field(&headers, &name), None);
        headers.insert(&name, HeaderValue::from_static("a"));
        headers.append(&name, HeaderValue::from_bytes(b"b\xff").unwrap());
        assert_eq!(field(&headers, &name).unwrap(), b"a, b\xff".as_slice());
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_in_any_line() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("xid=1; idx=2;id=3; id=4"));
        headers.append(header::COOKIE, HeaderValue::from_static("other=5; empty="));
        let of = |name| cookie(&headers, name).map(|value| std::str::from_utf8(value).unwrap());
        assert_eq!((of("id"), of("other"), of("empty"), of("d")), (Some("3"), Some("5"), None, None));
    }
}
