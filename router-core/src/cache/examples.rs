//! What the tests of the cache begin with: a rule that leaves everything to the upstream, and answers made of lines.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::directives::Wishes;
use super::entry::{Entry, Url};
use super::freshness::Times;
use super::rule::Rule;
use super::storable::{Storable, StoringRequest, Unstorable, storable};

/// 2026-11-23T10:00:00Z, in milliseconds since 1970.
pub(super) const NOW_MS: u64 = 1_795_428_000_000;

/// Asked for and answered in the same millisecond.
pub(super) const AT_ONCE: Times = Times { asked_ms: NOW_MS, came_ms: NOW_MS };

/// Fields from lines such as `cache-control: max-age=60`.
pub(super) fn fields(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').expect("a field");
        let name: HeaderName = name.parse().expect("a name");
        headers.append(name, HeaderValue::from_bytes(value.trim().as_bytes()).expect("a value"));
    }
    headers
}

/// Several lines of one field.
pub(super) fn field(name: &'static str, values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))).collect()
}

/// A moment as fields have it, so many seconds from now.
pub(super) fn date(from_now_s: i64) -> String {
    let unix_s = (NOW_MS / 1000).checked_add_signed(from_now_s).expect("a moment");
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(unix_s))
}

pub(super) fn rule() -> Rule {
    Rule {
        name: "all".into(),
        methods: vec![Method::GET, Method::HEAD],
        max_size: 1 << 20,
        client_directives: true,
        ..Rule::default()
    }
}

pub(super) fn storing(rule: &Rule) -> StoringRequest<'_> {
    StoringRequest {
        rule,
        wishes: Wishes::default(),
        is_authorized: false,
        is_head: false,
        url: Url::default(),
        tags: Vec::new(),
    }
}

/// What is stored of a 200 with these fields that comes at once.
pub(super) fn stored(rule: &Rule, lines: &[&str]) -> Result<Storable, Unstorable> {
    storable(&storing(rule), StatusCode::OK, &fields(lines), Some(10), AT_ONCE)
}

/// A stored 200 with ten bytes and these fields.
pub(super) fn entry(lines: &[&str]) -> Entry {
    Entry { headers: fields(lines), stored_ms: NOW_MS, lifetime_ms: 60_000, length: Some(10), ..Entry::default() }
}
