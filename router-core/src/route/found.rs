//! The question and its possible answers.

use std::fmt;

use http::{HeaderMap, Method};

use super::Params;
use crate::filter::path::NormalPath;

/// Which route, by its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteIndex(pub u32);

impl RouteIndex {
    /// For looking it up in a list.
    #[must_use]
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for RouteIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The authority that was asked, as sent. Its case, a port and a dot at its end do not matter.
    pub host: Option<&'a str>,
    /// The path.
    pub path: &'a NormalPath<'a>,
    /// The query, without `?`, as sent.
    pub query: Option<&'a str>,
    /// The method.
    pub method: &'a Method,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// What finding a route came to.
#[derive(Clone, Debug)]
pub enum Finding {
    /// This route.
    Route(Found),
    /// Answer 308 with this path, as the route's rule for a slash at the end says. Write `Location` with [`NormalPath::reference`].
    Redirect {
        /// The route that says so.
        index: RouteIndex,
        /// Where to.
        path: NormalPath<'static>,
    },
    /// Some route would have matched but for the method.
    MethodNotAllowed {
        /// The methods that would have done, each once, in alphabetical order.
        allow: Vec<Method>,
    },
    /// No route.
    NotFound,
}

/// A route that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which.
    pub index: RouteIndex,
    /// The parameters of its path, and the pattern that matched.
    pub params: Params,
}

impl Found {
    /// The pattern that matched, as text: the name of this kind of request in logs and metrics.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.params.pattern().as_str()
    }
}
