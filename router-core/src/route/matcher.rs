//! What a route answers for.

use http::{HeaderMap, HeaderName, Method};

use super::{HostPattern, Methods, PathPattern, ValueMatch};

/// The conditions of one route. Hosts and paths are alternatives, of which none means any; headers and queries must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    /// One of these hosts.
    pub hosts: Vec<HostPattern>,
    /// One of these paths.
    pub paths: Vec<PathPattern>,
    /// One of these methods.
    pub methods: Methods,
    /// All of these headers.
    pub headers: Vec<(HeaderName, ValueMatch)>,
    /// All of these query parameters.
    pub query: Vec<(String, ValueMatch)>,
    /// Higher goes first, whatever else.
    pub priority: i32,
    /// What a slash at the end of the path means.
    pub trailing_slash: TrailingSlash,
}

/// What a slash at the end means for exact paths and for templates without `{*rest}`. Prefixes and `{*rest}` match either way, and a
/// regular expression says itself what it wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    /// `/foo` and `/foo/` are two paths.
    #[default]
    Exact,
    /// Whichever is written, both match.
    Ignore,
    /// The one that is not written is redirected to the one that is.
    Redirect,
}

impl Matcher {
    /// Whether the conditions other than host and path hold, the method left aside. The first that does not is named.
    pub(super) fn predicates(&self, headers: &HeaderMap, query: Option<&str>, ask: Headers) -> Result<(), Unfit<'_>> {
        if ask == Headers::Matter
            && let Some((name, _)) = self.headers.iter().find(|(name, value)| !value.fits_header(headers, name))
        {
            return Err(Unfit::Header(name));
        }
        match self.query.iter().find(|(name, value)| !value.fits_query(query, name)) {
            Some((name, _)) => Err(Unfit::Query(name)),
            None => Ok(()),
        }
    }

    pub(super) fn accepts(&self, method: &Method) -> bool {
        self.methods.accepts(method)
    }

    /// Whether every request that fits `other` fits this, host and path left aside. A `false` may be wrong, a `true` may not.
    pub(super) fn covers(&self, other: &Self) -> bool {
        fn all_implied<N: PartialEq>(wider: &[(N, ValueMatch)], narrower: &[(N, ValueMatch)]) -> bool {
            wider
                .iter()
                .all(|(name, wide)| narrower.iter().any(|(known, narrow)| known == name && narrow.implies(wide)))
        }
        self.methods.covers(&other.methods)
            && all_implied(&self.headers, &other.headers)
            && all_implied(&self.query, &other.query)
    }
}

/// Whether header predicates count. A preflight has none of the headers of the request it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headers {
    Matter,
    Ignored,
}

/// The predicate that does not hold.
pub(super) enum Unfit<'m> {
    Header(&'m HeaderName),
    Query(&'m str),
}
