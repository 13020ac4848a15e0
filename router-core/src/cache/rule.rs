//! What is stored of a route's answers, for whom and for how long: a rule, compiled.

use std::time::Duration;

use http::{HeaderName, Method, StatusCode};

use crate::authenticate::authorize::Condition;
use crate::authenticate::claims::ClaimPath;
use crate::filter::Mode;

/// The rules of all routes, and what holds for all of them.
#[derive(Clone, Debug, Default)]
pub struct Caches {
    /// The rules, by the index that routes use.
    pub rules: Vec<Rule>,
    /// Requests whose success makes all answers of a rule worthless.
    pub triggers: Vec<Trigger>,
    /// Whether clients are told what the cache did, in `Cache-Status` (RFC 9211).
    pub tells_status: bool,
    /// The name in `Cache-Status`.
    pub name: String,
    /// How many bytes the memory of a native process holds.
    pub memory: u64,
}

/// A request whose success (2xx or 3xx) makes all answers of a rule worthless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its method.
    pub method: Method,
    /// Its normalised path.
    pub path: TriggerPath,
    /// The rule, by its index in [`Caches::rules`].
    pub rule: usize,
}

/// A path with places left open: `/v1/categories`, `/v1/categories/*`, `/v1/*/items`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerPath {
    /// Each segment; `None` is any one.
    pub segments: Vec<Option<String>>,
    /// Whether the last one is `*`, which also stands for several.
    pub open: bool,
}

impl TriggerPath {
    /// Whether a normalised path fits.
    pub fn fits<'p>(&self, mut path: impl Iterator<Item = &'p str>) -> bool {
        for segment in &self.segments {
            match (segment, path.next()) {
                (_, None) => return false,
                (Some(wanted), Some(found)) if wanted != found => return false,
                (Some(_) | None, Some(_)) => {}
            }
        }
        self.open || path.next().is_none()
    }
}

/// What is stored of a route's answers.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Its name, which keeps its answers apart from those of other rules.
    pub name: String,
    /// In shadow everything is looked up and stored, and the upstream is asked all the same.
    pub mode: Mode,
    /// Methods whose answers are stored: of `GET`, `HEAD` and `QUERY`.
    pub methods: Vec<Method>,
    /// Whose word counts on what may be stored and for how long.
    pub freshness: Freshness,
    /// How long an answer is fresh of which the upstream says nothing; with [`Freshness::Override`] any.
    pub ttl: Option<Duration>,
    /// The same by status, looked at first, in this order.
    pub ttl_by_status: Vec<(StatusRange, Duration)>,
    /// No answer is fresh for longer.
    pub max_ttl: Option<Duration>,
    /// Whether and how freshness is guessed from `Last-Modified` (RFC 9111 section 4.2.2).
    pub heuristic: Option<Heuristic>,
    /// For how long a stale answer is given while a new one is fetched, where the upstream says nothing (RFC 5861 section 3).
    pub stale_while_revalidate: Option<Duration>,
    /// For how long a stale answer is given where the upstream fails, where it says nothing (RFC 5861 section 4).
    pub stale_if_error: Option<Duration>,
    /// So long before an answer gets stale a new one is fetched while the old one is given.
    pub refresh_early: Option<Duration>,
    /// What makes answers different beside their URL.
    pub vary_by: VaryBy,
    /// What becomes of answers to those who are known.
    pub identified: Option<Identified>,
    /// What becomes of answers that set cookies.
    pub set_cookie: SetCookie,
    /// The largest body that is stored, in bytes.
    pub max_size: u64,
    /// Requests that the cache has nothing to do with.
    pub bypass: Option<Condition>,
    /// Whether `Cache-Control` of requests counts.
    pub client_directives: bool,
    /// Under which names answers can be purged together.
    pub tags: Vec<TagTemplate>,
    /// Fields of answers that name more tags.
    pub tag_fields: Vec<HeaderName>,
    /// Whether an answer without a validator is given an entity tag.
    pub make_etag: bool,
    /// How long one request waits for another that has asked for the same; `None`: each asks by itself.
    pub coalesce: Option<Duration>,
}

/// Whose word counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// The upstream's, where it has one.
    #[default]
    Respect,
    /// The rule's, whatever the upstream says.
    Override,
}

/// Guessing by the time since the last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heuristic {
    /// So many percent of it.
    pub percent: u8,
    /// But never longer than this.
    pub most: Duration,
}

/// Statuses from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl StatusRange {
    /// Whether a status is one of them.
    #[must_use]
    pub fn holds(self, status: StatusCode) -> bool {
        (self.first..=self.last).contains(&status.as_u16())
    }
}

/// What makes answers different beside their URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaryBy {
    /// Header fields.
    pub headers: Vec<HeaderName>,
    /// Which parameters of the query.
    pub query: QueryRule,
    /// Cookies.
    pub cookies: Vec<String>,
    /// Claims of the consumer.
    pub claims: Vec<ClaimPath>,
    /// The consumer.
    pub consumer: bool,
    /// The consumer's plan.
    pub plan: bool,
    /// What kind of device asks: `mobile`, `tablet` or `desktop`.
    pub device: bool,
}

/// Which parameters of a query make a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QueryRule {
    /// The query, byte for byte.
    #[default]
    Whole,
    /// Only these, sorted.
    Only(Vec<String>),
    /// All but these, sorted.
    Without(Vec<String>),
}

/// What becomes of answers to those who are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identified {
    /// Each has answers of their own.
    Apart,
    /// They are shared, with those who are not known too.
    Together,
    /// They are not stored.
    Bypass,
}

/// What becomes of answers that set cookies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetCookie {
    /// They are not stored.
    #[default]
    Refuse,
    /// They are stored without.
    Strip,
    /// They are stored with them.
    Store,
}

/// A tag with parts of the request in it: `product:{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagTemplate(pub Vec<TagPart>);

/// A part of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagPart {
    /// Itself.
    Text(String),
    /// A parameter of the route.
    Parameter(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_places_left_open_fits_paths_of_its_length_and_longer_ones_where_it_is_open() {
        let fits = |pattern: &str, path: &str| {
            let segments = pattern.split('/').map(|segment| (segment != "*").then(|| segment.to_owned())).collect();
            TriggerPath { segments, open: pattern.ends_with('*') }.fits(path.split('/'))
        };
        for (pattern, path, expected) in [
            ("v1/categories", "v1/categories", true),
            ("v1/categories", "v1", false),
            ("v1/categories", "v1/categories/7", false),
            ("v1/categories", "v1/Categories", false),
            ("v1/categories/*", "v1/categories", false),
            ("v1/categories/*", "v1/categories/7", true),
            ("v1/categories/*", "v1/categories/7/8", true),
            ("v1/*/items", "v1/7/items", true),
            ("v1/*/items", "v1/7/8/items", false),
            ("v1/*/items", "v1/7/items/8", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_range_holds_both_of_its_ends() {
        let range = StatusRange { first: 400, last: 404 };
        let held = |status: u16| range.holds(StatusCode::from_u16(status).unwrap());
        assert_eq!([399, 400, 404, 405].map(held), [false, true, true, false]);
    }
}
