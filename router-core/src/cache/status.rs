//! `Cache-Status` (RFC 9211): what the cache did, for those who wonder.

use std::fmt::Write;

use http::{HeaderName, HeaderValue, StatusCode};

/// The field.
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// Why a request went on to the upstream (RFC 9211 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// The cache has nothing to do with it.
    Bypass,
    /// The cache has nothing to do with requests of its method.
    Method,
    /// Nothing was stored for the URL.
    UriMiss,
    /// Nothing was stored for what the request has in the fields of `Vary`.
    VaryMiss,
    /// What was stored is stale.
    Stale,
    /// What was stored is only a part of what is asked for.
    Partial,
    /// The client wanted it.
    Request,
}

impl Forward {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Method => "method",
            Self::UriMiss => "uri-miss",
            Self::VaryMiss => "vary-miss",
            Self::Stale => "stale",
            Self::Partial => "partial",
            Self::Request => "request",
        }
    }
}

/// What the cache did with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// A stored answer was given without asking.
    pub hit: bool,
    /// Why it went on.
    pub forward: Option<Forward>,
    /// What the upstream answered, if that is not what the client gets.
    pub forward_status: Option<StatusCode>,
    /// For how long what is given is fresh yet, in seconds.
    pub ttl_s: Option<i64>,
    /// The answer is stored.
    pub stored: bool,
    /// It waited for another request for the same.
    pub collapsed: bool,
    /// More, in a word.
    pub detail: Option<&'static str>,
}

impl Told {
    /// The member of the list that is this cache's.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<HeaderValue> {
        let mut text = name_of(name);
        // Writing into a text does not fail.
        match self.forward {
            Some(forward) => drop(write!(text, "; fwd={}", forward.word())),
            // Whoever waited was forwarded, together with another: that is no hit (RFC 9211 section 2.6). Why that other went on is not known here.
            None if self.hit && self.collapsed => text.push_str("; fwd=miss"),
            None if self.hit => text.push_str("; hit"),
            None => {}
        }
        if let Some(status) = self.forward_status {
            let _ = write!(text, "; fwd-status={}", status.as_u16());
        }
        if let Some(ttl) = self.ttl_s {
            let _ = write!(text, "; ttl={}", ttl.clamp(-LARGEST, LARGEST));
        }
        if self.stored {
            text.push_str("; stored");
        }
        if self.collapsed {
            text.push_str("; collapsed");
        }
        if let Some(detail) = self.detail {
            let _ = write!(text, "; detail={detail}");
        }
        HeaderValue::from_str(&text).ok()
    }

    /// One word for logs and counters.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (self.hit, self.forward) {
            (true, _) if self.ttl_s.is_some_and(|ttl| ttl < 0) => "stale",
            (true, _) => "hit",
            (false, Some(Forward::Bypass | Forward::Method)) => "bypass",
            (false, Some(Forward::Stale | Forward::Request))
                if self.forward_status == Some(StatusCode::NOT_MODIFIED) =>
            {
                "revalidated"
            }
            (false, Some(Forward::Stale)) if self.forward_status.is_some() => "stale",
            (false, Some(Forward::Stale)) => "expired",
            (false, _) => "miss",
        }
    }
}

/// The largest integer of structured fields (RFC 9651 section 3.3.1).
const LARGEST: i64 = 999_999_999_999_999;

/// A token where the name is one, else a string (RFC 9211 section 2). A string holds visible ASCII and spaces; for other characters stands `?`.
fn name_of(name: &str) -> String {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte);
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '*');
    if begins && name.bytes().all(token) {
        return name.to_owned();
    }
    let visible = |sign: char| if matches!(sign, ' '..='~') { sign } else { '?' };
    let name: String = name.chars().map(visible).collect();
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
