//! Where credentials stand in a request.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::head::RequestHead;

/// Where a credential stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `Authorization` as `Bearer`, or as `DPoP` with a proof beside it.
    Bearer,
    /// The password in `Authorization` as `Basic`.
    Basic,
    /// A field with nothing else in it.
    Header(HeaderName),
    /// A cookie.
    Cookie(String),
    /// A query parameter.
    Query(String),
}

/// What stands at the places that were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented<'h> {
    /// Nothing.
    Nothing,
    /// This text.
    Credential {
        /// The credential.
        text: Cow<'h, str>,
        /// Whether its scheme was `DPoP` (RFC 9449 section 7.1).
        dpop: bool,
    },
    /// More than one, or one that cannot be read: which of them counts cannot be guessed (RFC 6750 section 2).
    Ambiguous,
}

/// The credential at the first of `places` that holds one.
#[must_use]
pub fn presented<'h>(places: &[Place], head: &'h RequestHead) -> Presented<'h> {
    for place in places {
        let found = match place {
            Place::Bearer => authorization(&head.headers, |scheme| {
                scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop")
            }),
            Place::Basic => basic(&head.headers),
            Place::Header(name) => field(&head.headers, name),
            Place::Cookie(name) => cookie(&head.headers, name),
            Place::Query(name) => parameter(head.query.as_deref(), name),
        };
        if found != Presented::Nothing {
            return found;
        }
    }
    Presented::Nothing
}

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, ()> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(line), None) => HeaderValue::to_str(line).map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

fn plain(text: &str) -> Presented<'_> {
    Presented::Credential { text: Cow::Borrowed(text), dpop: false }
}

/// The scheme is case-insensitive and followed by spaces (RFC 9110 section 11.4). Another scheme is somebody else's credential.
fn authorization(headers: &HeaderMap, ours: impl Fn(&str) -> bool) -> Presented<'_> {
    match one(headers, &header::AUTHORIZATION) {
        Err(()) => Presented::Ambiguous,
        Ok(None) => Presented::Nothing,
        Ok(Some(line)) => {
            let (scheme, rest) = line.split_once(' ').unwrap_or((line, ""));
            if !ours(scheme) {
                return Presented::Nothing;
            }
            // A comma: two lines that a host has joined. Neither b64token nor a JWT holds one.
            if rest.contains(',') {
                return Presented::Ambiguous;
            }
            Presented::Credential { text: Cow::Borrowed(rest.trim()), dpop: scheme.eq_ignore_ascii_case("dpop") }
        }
    }
}

fn basic(headers: &HeaderMap) -> Presented<'_> {
    let found = authorization(headers, |scheme| scheme.eq_ignore_ascii_case("basic"));
    let Presented::Credential { text, .. } = &found else { return found };
    // What is no `user:password` is a credential all the same, and one that nobody knows.
    let password = super::jose::base64::decode_standard(text)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| pair.split_once(':').map(|(_, password)| password.to_owned()));
    Presented::Credential { text: Cow::Owned(password.unwrap_or_default()), dpop: false }
}

fn field<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Presented<'h> {
    match one(headers, name) {
        Err(()) => Presented::Ambiguous,
        Ok(None) => Presented::Nothing,
        Ok(Some(text)) if text.contains(',') => Presented::Ambiguous,
        Ok(Some(text)) => plain(text.trim()),
    }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Presented<'h> {
    let mut found = Presented::Nothing;
    for line in headers.get_all(header::COOKIE) {
        // A line with other bytes may hold the cookie or not.
        let Ok(line) = line.to_str() else { return Presented::Ambiguous };
        for pair in line.split(';') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            if key.trim() == name {
                if found != Presented::Nothing {
                    return Presented::Ambiguous;
                }
                found = plain(value.trim().trim_matches('"'));
            }
        }
    }
    found
}

fn parameter<'h>(query: Option<&'h str>, name: &str) -> Presented<'h> {
    let mut found = Presented::Nothing;
    for (key, value) in query.unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        if percent_decoded(key) != name {
            continue;
        }
        if found != Presented::Nothing {
            return Presented::Ambiguous;
        }
        found = Presented::Credential { text: percent_decoded(value), dpop: false };
    }
    found
}

/// The query without the parameters called `name`, every other byte as it was; `None` if nothing is left.
#[must_use]
pub(crate) fn without_parameter(query: &str, name: &str) -> Option<String> {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| percent_decoded(pair.split_once('=').map_or(*pair, |(key, _)| key)) != name)
        .collect();
    if kept.is_empty() { None } else { Some(kept.join("&")) }
}

/// Percent escapes and `+` decoded as forms have them; bytes that are no UTF-8 become U+FFFD, which no credential holds.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        rest = ahead;
                        u8::try_from(high * 16 + low).unwrap_or(b'%')
                    }
                    _ => b'%',
                }
            }
            byte => byte,
        };
        bytes.push(decoded);
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
