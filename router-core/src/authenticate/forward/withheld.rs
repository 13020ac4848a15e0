//! Credentials end at the gateway.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::authenticate::Place;
use crate::authenticate::place::without_parameter;
use crate::edits::HeaderEdits;
use crate::head::RequestHead;

/// The proof of possession beside a bound token (RFC 9449 section 4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// What is taken out of a request before the upstream gets it: where the authenticators of its policy look for credentials, whether or not one of them
/// knew what stood there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    headers: Vec<HeaderName>,
    cookies: Vec<String>,
    parameters: Vec<String>,
}

impl Withheld {
    /// What stands at `places`. With `keep` only query parameters: URLs end up in logs and histories, and so would a credential.
    #[must_use]
    pub fn at<'p>(places: impl Iterator<Item = &'p Place>, keep: bool) -> Self {
        let mut withheld = Self::default();
        for place in places {
            match place {
                Place::Query(name) => withheld.parameters.push(name.clone()),
                _ if keep => {}
                Place::Bearer => withheld.headers.extend([header::AUTHORIZATION, DPOP]),
                Place::Basic => withheld.headers.push(header::AUTHORIZATION),
                Place::Header(name) => withheld.headers.push(name.clone()),
                Place::Cookie(name) => withheld.cookies.push(name.clone()),
            }
        }
        withheld
    }

    /// Takes fields and cookies out. What is not there is not edited, and other cookies stay as they are, byte for byte.
    pub fn scrub(&self, headers: &HeaderMap, edits: &mut HeaderEdits) {
        for name in &self.headers {
            if headers.contains_key(name) {
                edits.remove(name.clone());
            }
        }
        if self.cookies.is_empty() {
            return;
        }
        let line = crate::head::joined(headers, &header::COOKIE).unwrap_or_default();
        let pairs = || line.split(|byte| *byte == b';');
        let kept: Vec<&[u8]> = pairs().filter(|pair| !self.is_withheld(pair)).collect();
        if kept.len() == pairs().count() {
            return;
        }
        let rest = kept.join(&b';');
        match HeaderValue::from_bytes(rest.trim_ascii()) {
            Ok(rest) if !rest.is_empty() => edits.set(header::COOKIE, rest),
            _ => edits.remove(header::COOKIE),
        }
    }

    /// The query for the upstream.
    #[must_use]
    pub fn query(&self, head: &RequestHead) -> Option<String> {
        self.parameters.iter().fold(head.query.clone(), |query, name| without_parameter(&query?, name))
    }

    fn is_withheld(&self, pair: &[u8]) -> bool {
        let Some(end) = pair.iter().position(|byte| *byte == b'=') else { return false };
        let name = pair.get(..end).unwrap_or_default().trim_ascii();
        self.cookies.iter().any(|cookie| cookie.as_bytes() == name)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::head::Scheme;

    fn withheld(keep: bool) -> Withheld {
        let places = [
            Place::Bearer,
            Place::Header(HeaderName::from_static("x-key")),
            Place::Cookie("session".into()),
            Place::Query("key".into()),
        ];
        Withheld::at(places.iter(), keep)
    }

    fn head(query: Option<&str>, fields: &[(&'static str, &'static str)]) -> RequestHead {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        RequestHead {
            method: Method::GET,
            scheme: Scheme::Https,
            authority: None,
            path: "/".into(),
            query: query.map(str::to_owned),
            headers,
        }
    }

    fn left(keep: bool, fields: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
        let mut headers = head(None, fields).headers;
        let mut edits = HeaderEdits::new();
        withheld(keep).scrub(&headers, &mut edits);
        edits.apply(&mut headers);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn what_authenticators_read_is_taken_out_and_nothing_else() {
        let fields = [("authorization", "Bearer a"), ("dpop", "b"), ("x-key", "c"), ("x-other", "d")];
        assert_eq!(left(false, &fields), [("x-other".into(), "d".into())]);
        assert_eq!(left(true, &fields).len(), 4);
    }

    #[test]
    fn other_cookies_stay_byte_for_byte() {
        let cookies = |lines: &[&'static str]| {
            let fields: Vec<_> = lines.iter().map(|line| ("cookie", *line)).collect();
            left(false, &fields).into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!(cookies(&["a=1;b = 2 ; session=x;  c=\"3\""]), ["a=1;b = 2 ;  c=\"3\""]);
        assert_eq!(cookies(&["session=x; a=1", "session=y; b=2"]), ["a=1; b=2"]);
        assert_eq!(cookies(&[" session =x"]), [""; 0]);
        // Without one they are not even joined.
        assert_eq!(cookies(&["a=1; sessions=x", "session; b=2"]), ["a=1; sessions=x", "session; b=2"]);
    }

    #[test]
    fn a_credential_in_the_query_is_taken_out_even_where_credentials_are_kept() {
        for keep in [false, true] {
            let query = |query| withheld(keep).query(&head(query, &[]));
            assert_eq!(query(Some("a=%41&key=x&k%65y=y&&b")).as_deref(), Some("a=%41&&b"));
            assert_eq!(query(Some("key=x")), None);
            assert_eq!(query(Some("keys=x")).as_deref(), Some("keys=x"));
            assert_eq!((query(Some("")).as_deref(), query(None)), (Some(""), None));
        }
    }
}
