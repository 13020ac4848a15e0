//! Which of several matching routes wins.
//!
//! Every combination of a route with one of its hosts and one of its paths is an *entry*. When the table is built, entries are ordered by
//! the rules below, and the place in that order is an entry's rank. Nothing about a request can change it, and neither can the names in a
//! path or the length of a text.
//!
//! 1. **priority**: the higher explicit priority first.
//! 2. **host**: an exact host, then a wildcard, then any host. Of wildcards, the one with more labels.
//! 3. **path**: compared segment by segment from the left; the first segment in which two patterns differ in kind decides:
//!    1. literal text,
//!    2. literal text with parameters (`v{major}`); the one with more literal text first,
//!    3. a parameter (`{id}`),
//!    4. the end of an exact path or of a template,
//!    5. `{*rest}`,
//!    6. the end of a prefix.
//!
//!    So an exact path goes before everything else that matches it, a longer prefix before a shorter one, and `/admin` as a prefix before
//!    `/{tenant}/{resource}`. Regular expressions come after all others.
//! 4. **trailing slash**: a path as it is written goes before one that matches only because `trailing_slash` is `ignore` or `redirect`.
//! 5. **method**: a route that names methods before one that takes any.
//! 6. **headers**: the one with more header predicates.
//! 7. **query**: the one with more query predicates.
//! 8. **declaration**: the one that is written first. Within one route, hosts and then paths in the order they are written.
//!
//! # Why so
//!
//! It is the order of the Gateway API with templates added. In rule 3, of two patterns of which one matches strictly less, that one goes
//! first, so it is never shadowed: `/a/{*rest}`, which needs a segment more, goes before the prefix `/a`. Where neither contains the
//! other, the left decides, because the left end of a path says what area it belongs to: a closed template does not take
//! `/admin/users` away from whoever owns `/admin`.

use std::cmp::{Ordering, Reverse};

use super::{HostPattern, matcher::Matcher, pattern::End, segment::Segment};

/// The rule that decided between two entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Rule 1.
    Priority,
    /// Rule 2.
    Host,
    /// Rule 3.
    Path,
    /// Rule 4.
    TrailingSlash,
    /// Rule 5.
    Method,
    /// Rule 6.
    Headers,
    /// Rule 7.
    Query,
    /// Rule 8.
    Declaration,
}

impl Rule {
    /// A name that never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Host => "host",
            Self::Path => "path",
            Self::TrailingSlash => "trailing slash",
            Self::Method => "method",
            Self::Headers => "headers",
            Self::Query => "query",
            Self::Declaration => "declaration",
        }
    }

    /// What the rule prefers, as the end of "it lost, because …".
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Priority => "a higher priority goes first",
            Self::Host => {
                "an exact host goes before a wildcard, a longer wildcard before a shorter one, and both before any host"
            }
            Self::Path => "the more specific path goes first",
            Self::TrailingSlash => "a path as it is written goes before one with or without a slash at its end",
            Self::Method => "a route that names methods goes before one that takes any",
            Self::Headers => "more header predicates go first",
            Self::Query => "more query predicates go first",
            Self::Declaration => "the route that is written first goes first",
        }
    }
}

/// What rule 3 sees of one segment, or of the end. Declared in the order of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Literal,
    Affixed(Reverse<usize>),
    Parameter,
    Closed,
    Rest,
    Prefix,
    Regex,
}

impl Step {
    pub(super) fn of(segment: &Segment) -> Self {
        match segment {
            Segment::Literal(_) => Self::Literal,
            Segment::Affixed(affixed) => Self::Affixed(Reverse(affixed.literal_bytes())),
            Segment::Parameter => Self::Parameter,
        }
    }

    pub(super) fn end(end: End) -> Self {
        match end {
            End::Closed => Self::Closed,
            End::Rest => Self::Rest,
            End::Prefix => Self::Prefix,
        }
    }
}

/// What rule 2 sees of a host. Declared in the order of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum HostRank {
    Exact,
    Wildcard(Reverse<usize>),
    Any,
}

/// What rule 4 sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    AsWritten,
    OtherSlash,
}

/// All that decides the place of one entry. Kept by the table, for `explain`.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    priority: Reverse<i32>,
    host: HostRank,
    steps: Box<[Step]>,
    spelling: Spelling,
    takes_any_method: bool,
    headers: Reverse<usize>,
    query: Reverse<usize>,
    declaration: Declaration,
}

/// The place of the route, of its host and of its path.
pub(super) type Declaration = (u32, usize, usize);

impl Standing {
    pub(super) fn new(
        matcher: &Matcher,
        host: Option<&HostPattern>,
        (steps, spelling): (Box<[Step]>, Spelling),
        declaration: Declaration,
    ) -> Self {
        Self {
            priority: Reverse(matcher.priority),
            host: match host {
                None => HostRank::Any,
                Some(host) if host.is_wildcard() => HostRank::Wildcard(Reverse(host.labels())),
                Some(_) => HostRank::Exact,
            },
            steps,
            spelling,
            takes_any_method: matcher.methods.is_any(),
            headers: Reverse(matcher.headers.len()),
            query: Reverse(matcher.query.len()),
            declaration,
        }
    }

    pub(super) fn declaration(&self) -> Declaration {
        self.declaration
    }

    /// Whether the path is spelled as in the configuration.
    pub(super) fn is_as_written(&self) -> bool {
        self.spelling == Spelling::AsWritten
    }

    /// Which goes first, and by which rule.
    pub(super) fn decide(&self, other: &Self) -> (Ordering, Rule) {
        // The order of these lines is the order of the rules.
        let by = |order: Ordering, rule: Rule| (order != Ordering::Equal).then_some((order, rule));
        by(self.priority.cmp(&other.priority), Rule::Priority)
            .or_else(|| by(self.host.cmp(&other.host), Rule::Host))
            .or_else(|| by(self.steps.cmp(&other.steps), Rule::Path))
            .or_else(|| by(self.spelling.cmp(&other.spelling), Rule::TrailingSlash))
            .or_else(|| by(self.takes_any_method.cmp(&other.takes_any_method), Rule::Method))
            .or_else(|| by(self.headers.cmp(&other.headers), Rule::Headers))
            .or_else(|| by(self.query.cmp(&other.query), Rule::Query))
            .unwrap_or_else(|| (self.declaration.cmp(&other.declaration), Rule::Declaration))
    }
}
