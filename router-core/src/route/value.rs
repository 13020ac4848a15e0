//! What a header or a query parameter must be.

use http::{HeaderMap, HeaderName};

use super::{query, regex::WholeRegex};
use crate::head::joined;

/// A condition on the value of a header or of a query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueMatch {
    /// It is there, and this.
    Exact(String),
    /// It is there, and the whole of it matches.
    Regex(WholeRegex),
    /// It is there.
    Present,
    /// It is not there.
    Absent,
}

impl ValueMatch {
    /// Whether a header fits. All values of the name are taken together, joined by `, ` (RFC 9110 §5.3), since that is how Workers
    /// hand them over; cookies by `; ` (RFC 9113 §8.2.3).
    #[must_use]
    pub fn fits_header(&self, headers: &HeaderMap, name: &HeaderName) -> bool {
        match self {
            Self::Present => headers.contains_key(name),
            Self::Absent => !headers.contains_key(name),
            Self::Exact(wanted) => joined(headers, name).is_some_and(|value| *value == *wanted.as_bytes()),
            Self::Regex(regex) => joined(headers, name)
                .is_some_and(|value| std::str::from_utf8(&value).is_ok_and(|value| regex.matches(value))),
        }
    }

    /// Whether a query parameter fits. Of a repeated name, one value must; names and values are decoded.
    #[must_use]
    pub fn fits_query(&self, query: Option<&str>, name: &str) -> bool {
        let mut values = query::values(query, name);
        match self {
            Self::Present => values.next().is_some(),
            Self::Absent => values.next().is_none(),
            Self::Exact(wanted) => values.any(|value| value.eq(wanted.bytes())),
            Self::Regex(regex) => {
                values.any(|value| String::from_utf8(value.collect()).is_ok_and(|value| regex.matches(&value)))
            }
        }
    }

    /// Whether whatever fits this fits `other` as well. A `false` may be wrong, a `true` may not.
    pub(super) fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(_) | Self::Regex(_) | Self::Present, Self::Present) | (Self::Absent, Self::Absent) => true,
            (Self::Exact(text), Self::Regex(regex)) => regex.matches(text),
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Regex(one), Self::Regex(other)) => one == other,
            _ => false,
        }
    }
}
