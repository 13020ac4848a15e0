//! The rules of caching, held against another implementation: `http-cache-semantics`, as a shared cache.
//!
//! It follows RFC 7234 and leaves some things out, so the two differ in known ways. Each way is a row here and a [`Difference`], which is left out of the
//! comparison where it can show, and of which one example shows that it is still there. "Here" is this gateway, "there" the other.
//!
//! | | here | there | who is right |
//! |---|---|---|---|
//! | `Status` | any final status may be stored | only those that it knows, and 206 never | RFC 9111 section 3: a status need be understood only with 206, 304 or `must-understand` |
//! | `MustUnderstand` | `must-understand` puts `no-store` aside | it is not known | RFC 9111 section 5.2.2.3 |
//! | `FieldsOnly` | `private="x"` and `no-cache="x"` are about a field | they are about all of the answer | RFC 9111 sections 5.2.2.4 and 5.2.2.7; taking them for more is allowed |
//! | `ProxyRevalidate` | `proxy-revalidate` forbids stale answers | nothing with it is ever fresh | RFC 9111 section 5.2.2.8 |
//! | `Date` | an answer is as old as its `Date` shows | only `Age` counts | RFC 9111 section 4.2.3, `apparent_age` |
//! | `BareAge` | `max-age` without a number makes stale | it is ignored | RFC 9111 section 4.2.1: stale is encouraged |
//! | `PragmaOfAnswer` | `Pragma` in answers means nothing | it is `no-cache` | RFC 9111 section 5.4 |
//! | `PragmaBesideControl` | `Pragma` in requests counts without `Cache-Control` only | always | RFC 9111 section 5.4 |
//! | `StaleForbidden` | `max-stale` does not reach what has `no-cache` or `s-maxage` | only `must-revalidate` is heeded | RFC 9111 sections 5.2.2.4 and 5.2.2.10 |
//! | `MaxStaleBound` | `max-stale=5` takes what is stale for 5 seconds | for less than 5 | RFC 9111 section 5.2.1.2: "no more than" |
//! | `FreshAndStale` | `min-fresh` beside `max-stale` takes nothing stale | `min-fresh=0` beside it does | RFC 9111 section 5.2.1 leaves it open |
//! | `Immutable` | `max-age=0` does not ask again for what is `immutable` and fresh | it does | RFC 8246 section 2: should not |
//!
//! What is not worth its place is not stored here: nothing that is stale when it comes and cannot be validated. There it "can be" stored, and is stale.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_cache_semantics::{CacheOptions, CachePolicy};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use router_core::cache::Rule;
use router_core::cache::directives::{Directives, Wishes};
use router_core::cache::entry::{Url, Validation};
use router_core::cache::freshness::Times;
use router_core::cache::reuse::{Age, Reuse, reuse};
use router_core::cache::rule::{Heuristic, SetCookie};
use router_core::cache::storable::{Storable, StoringRequest, Unstorable, storable};
use router_core::cache::vary::selecting;

/// 2026-11-23T10:00:00Z, in seconds since 1970.
const NOW_S: u64 = 1_795_428_000;

/// Statuses that are known there.
const KNOWN_THERE: [u16; 14] = [200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501];

/// A request, its answer, and a request some time later.
#[derive(Clone, Debug)]
struct Case {
    request: Asked,
    status: u16,
    /// `Cache-Control`, directive by directive; each name once.
    control: Vec<String>,
    /// Other fields of the answer, times as seconds from when it comes.
    expires: Option<Moment>,
    date_s: Option<i64>,
    modified_s: Option<i64>,
    age: Option<&'static str>,
    vary: Option<&'static str>,
    has_tag: bool,
    has_pragma: bool,
    after_s: u64,
    later: Asked,
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    FromNow(i64),
    Unreadable,
}

#[derive(Clone, Debug, Default)]
struct Asked {
    control: Vec<&'static str>,
    is_authorized: bool,
    has_pragma: bool,
    /// A field that `Vary` may name.
    field: Option<&'static str>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            request: Asked::default(),
            status: 200,
            control: vec!["max-age=60".into()],
            expires: None,
            date_s: None,
            modified_s: None,
            age: None,
            vary: None,
            has_tag: false,
            has_pragma: false,
            after_s: 10,
            later: Asked::default(),
        }
    }
}

fn date(from_now_s: i64) -> String {
    httpdate::fmt_http_date(moment(NOW_S.checked_add_signed(from_now_s).unwrap()))
}

fn moment(unix_s: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_s)
}

fn map(lines: Vec<(&'static str, Option<String>)>) -> HeaderMap {
    let lines = lines.into_iter().filter_map(|(name, value)| Some((name, value?)));
    lines.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap())).collect()
}

fn list(members: &[impl AsRef<str>]) -> Option<String> {
    let members: Vec<&str> = members.iter().map(AsRef::as_ref).collect();
    (!members.is_empty()).then(|| members.join(", "))
}

impl Asked {
    fn headers(&self) -> HeaderMap {
        map(vec![
            ("cache-control", list(&self.control)),
            ("authorization", self.is_authorized.then(|| "Bearer x".to_owned())),
            ("pragma", self.has_pragma.then(|| "no-cache".to_owned())),
            ("x-field", self.field.map(str::to_owned)),
        ])
    }

    fn request(&self) -> Request<()> {
        let mut request = Request::get("https://api.test/x").body(()).unwrap();
        *request.headers_mut() = self.headers();
        request
    }
}

impl Case {
    fn answer(&self) -> HeaderMap {
        let expires = self.expires.map(|expires| match expires {
            Moment::FromNow(from_now_s) => date(from_now_s),
            Moment::Unreadable => "0".to_owned(),
        });
        map(vec![
            ("cache-control", list(&self.control)),
            ("expires", expires),
            ("date", self.date_s.map(date)),
            ("last-modified", self.modified_s.map(date)),
            ("age", self.age.map(str::to_owned)),
            ("vary", self.vary.map(str::to_owned)),
            ("etag", self.has_tag.then(|| "\"a\"".to_owned())),
            ("pragma", self.has_pragma.then(|| "no-cache".to_owned())),
        ])
    }

    fn says(&self) -> Directives {
        Directives::of(&self.answer())
    }
}

/// What one of the two makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    stores: bool,
    /// Whether the later request is given what is stored without asking; nothing that is not stored is.
    gives: bool,
    /// Then, in seconds; of what is stored.
    age_s: Option<u64>,
    /// How long it is fresh yet then, in seconds; of what is stored.
    left_s: Option<u64>,
}

fn rule() -> Rule {
    Rule {
        name: "all".into(),
        methods: vec![Method::GET],
        heuristic: Some(Heuristic { percent: 10, most: Duration::from_secs(1 << 30) }),
        set_cookie: SetCookie::Store,
        max_size: u64::MAX,
        client_directives: true,
        ..Rule::default()
    }
}

fn stored_here(rule: &Rule, case: &Case) -> Result<Storable, Unstorable> {
    let request = case.request.headers();
    let storing = StoringRequest {
        rule,
        wishes: Wishes::of(&request),
        is_authorized: case.request.is_authorized,
        is_head: false,
        url: Url::default(),
        tags: Vec::new(),
    };
    let status = StatusCode::from_u16(case.status).unwrap();
    let times = Times { asked_ms: NOW_S * 1000, came_ms: NOW_S * 1000 };
    storable(&storing, status, &case.answer(), None, times)
}

fn here(case: &Case) -> Verdict {
    let rule = rule();
    let Ok(stored) = stored_here(&rule, case) else {
        return Verdict { stores: false, gives: false, age_s: None, left_s: None };
    };
    let (before, later) = (case.request.headers(), case.later.headers());
    let is_variant = stored.vary.iter().all(|name| {
        let name: HeaderName = name.parse().unwrap();
        selecting(&before, &name) == selecting(&later, &name)
    });
    let age = Age::of(&stored.entry, (NOW_S + case.after_s) * 1000, None);
    let how = reuse(&rule, &stored.entry, age, &Wishes::of(&later));
    let left_s = if stored.entry.validation == Validation::Always { 0 } else { age.ttl_s().max(0) };
    Verdict {
        stores: true,
        gives: is_variant && matches!(how, Reuse::Fresh | Reuse::Accepted),
        age_s: Some(age.age_ms / 1000),
        left_s: u64::try_from(left_s).ok(),
    }
}

fn policy(case: &Case) -> CachePolicy {
    let mut response = Response::builder().status(case.status).body(()).unwrap();
    *response.headers_mut() = case.answer();
    let options = CacheOptions {
        shared: true,
        cache_heuristic: 0.1,
        // RFC 8246 gives no lifetime.
        immutable_min_time_to_live: Duration::ZERO,
        ignore_cargo_cult: false,
    };
    CachePolicy::new_options(&case.request.request(), &response, moment(NOW_S), options)
}

fn there(case: &Case) -> Verdict {
    let (policy, now) = (policy(case), moment(NOW_S + case.after_s));
    let stores = policy.is_storable();
    Verdict {
        stores,
        gives: stores && policy.before_request(&case.later.request(), now).satisfies_without_revalidation(),
        age_s: stores.then(|| policy.age(now).as_secs()),
        left_s: stores.then(|| policy.time_to_live(now).as_secs()),
    }
}

/// Why the two do not agree: the rows of the table above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    Status,
    MustUnderstand,
    FieldsOnly,
    ProxyRevalidate,
    Date,
    BareAge,
    PragmaOfAnswer,
    PragmaBesideControl,
    StaleForbidden,
    MaxStaleBound,
    FreshAndStale,
    Immutable,
}

/// What can keep the two from agreeing on a case, and no more.
fn differences(case: &Case) -> Vec<Difference> {
    use Difference as D;
    let says = case.says();
    let later = Wishes::of(&case.later.headers());
    let takes_stale = later.max_stale.is_some();
    let has = |directive: &str| case.control.iter().any(|known| known == directive);
    let age_s: i64 = case.age.and_then(|age| age.parse().ok()).unwrap_or(0);
    let stale_ms = stored_here(&rule(), case).ok().map(|stored| {
        let age = Age::of(&stored.entry, (NOW_S + case.after_s) * 1000, None);
        age.age_ms.saturating_sub(age.lifetime_ms)
    });
    [
        (D::Status, !KNOWN_THERE.contains(&case.status)),
        (D::MustUnderstand, says.must_understand && says.no_store),
        (D::FieldsOnly, !says.no_cache.fields().is_empty() || !says.private.fields().is_empty()),
        (D::ProxyRevalidate, says.proxy_revalidate),
        (D::Date, case.date_s.is_some_and(|date_s| -date_s > age_s)),
        (D::BareAge, has("max-age") || has("s-maxage")),
        (D::PragmaOfAnswer, case.has_pragma && case.control.is_empty()),
        (D::PragmaBesideControl, case.later.has_pragma && !case.later.control.is_empty()),
        (D::StaleForbidden, takes_stale && (says.no_cache.is_all() || says.s_maxage.is_some())),
        (D::MaxStaleBound, later.max_stale.map(|most_s| most_s * 1000) == stale_ms),
        (D::FreshAndStale, takes_stale && later.min_fresh == Some(0)),
        (D::Immutable, says.immutable && later.max_age == Some(0)),
    ]
    .into_iter()
    .filter_map(|(difference, can_show)| can_show.then_some(difference))
    .collect()
}

/// Whether the two agree. What is not worth storing here is nothing that would be given there without asking to a client that takes only what is fresh.
fn agree(case: &Case) -> Result<(), String> {
    let (here, there) = (here(case), there(case));
    match stored_here(&rule(), case) {
        Err(Unstorable::NoFreshness) if policy(case).is_stale(moment(NOW_S)) => Ok(()),
        Err(Unstorable::VaryAny) if !there.gives => Ok(()),
        _ if here == there => Ok(()),
        _ => Err(format!("here {here:?}, there {there:?}")),
    }
}

fn directives() -> impl Strategy<Value = Vec<String>> {
    let flags = vec!["no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate", "must-understand"];
    let flags = prop_oneof![6 => Just(Vec::new()), 4 => subsequence(flags, 1), 1 => subsequence(vec!["no-cache", "must-revalidate", "no-store", "must-understand"], 2)];
    let more = subsequence(vec!["public", "immutable", "x-other", "stale-while-revalidate=30"], 0..3);
    let fields = prop_oneof![24 => Just(None), 1 => Just(Some("no-cache=\"x-a\"")), 1 => Just(Some("private=\"x-a\""))];
    let seconds = || prop_oneof![20 => (0..40_u64).prop_map(|seconds| format!("={seconds}")), 1 => Just("=x".to_owned()), 1 => Just(String::new()), 1 => Just("=\"20\"".to_owned())];
    let age = prop_oneof![2 => Just(None), 3 => seconds().prop_map(Some)];
    let shared_age = prop_oneof![4 => Just(None), 1 => seconds().prop_map(Some)];
    (flags, more, fields, age, shared_age)
        .prop_map(|(flags, more, fields, age, shared_age)| {
            let words =
                flags.into_iter().chain(more).filter(|word| fields.is_none_or(|fields| !fields.starts_with(word)));
            let words = words.map(str::to_owned).chain(fields.map(str::to_owned));
            let ages = [age.map(|age| format!("max-age{age}")), shared_age.map(|age| format!("s-maxage{age}"))];
            words.chain(ages.into_iter().flatten()).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

fn asked() -> impl Strategy<Value = Asked> {
    let age = prop_oneof![5 => Just(None), 1 => select(vec!["max-age=0", "max-age=10", "max-age=30"]).prop_map(Some)];
    let fresh = prop_oneof![5 => Just(None), 1 => select(vec!["min-fresh=0", "min-fresh=10"]).prop_map(Some)];
    let stale =
        prop_oneof![3 => Just(None), 1 => select(vec!["max-stale", "max-stale=0", "max-stale=10"]).prop_map(Some)];
    let no = prop_oneof![10 => Just(None), 1 => select(vec!["no-cache", "no-store", "no-transform"]).prop_map(Some)];
    let control = (age, fresh, stale, no)
        .prop_map(|(age, fresh, stale, no)| [age, fresh, stale, no].into_iter().flatten().collect());
    let field = prop_oneof![2 => Just(None), 1 => select(vec!["1", "2"]).prop_map(Some)];
    (control, prop::bool::weighted(0.2), prop::bool::weighted(0.05), field)
        .prop_map(|(control, is_authorized, has_pragma, field)| Asked { control, is_authorized, has_pragma, field })
}

fn cases() -> impl Strategy<Value = Case> {
    let status =
        prop_oneof![6 => Just(200), 3 => select(KNOWN_THERE.to_vec()), 1 => select(vec![206, 299, 400, 500, 503])];
    let expires = prop_oneof![
        3 => Just(None),
        2 => (-20..40_i64).prop_map(|from_now_s| Some(Moment::FromNow(from_now_s))),
        1 => Just(Some(Moment::Unreadable)),
    ];
    let date_s = prop_oneof![
        4 => Just(None),
        4 => Just(Some(0)),
        2 => (0..30_i64).prop_map(Some),
        1 => (-30..0_i64).prop_map(Some),
    ];
    // So long before the date that ten percent are whole seconds.
    let modified_s = prop_oneof![1 => Just(None), 1 => (1..40_i64).prop_map(|tens| Some(tens * 10))];
    let age =
        prop_oneof![8 => Just(None), 4 => select(vec!["0", "5", "20", "50"]).prop_map(Some), 1 => Just(Some("x"))];
    let vary = prop_oneof![4 => Just(None), 1 => select(vec!["x-field", "X-Field, x-other", "*", "x-field, *"]).prop_map(Some)];
    let answer =
        (status, directives(), expires, date_s, modified_s, age, vary, any::<bool>(), prop::bool::weighted(0.05));
    (asked(), answer, 0..60_u64, asked()).prop_map(|(request, answer, after_s, later)| {
        let (status, control, expires, date_s, modified_s, age, vary, has_tag, has_pragma) = answer;
        let modified_s = modified_s.map(|before_s| date_s.unwrap_or(0) - before_s);
        Case { request, status, control, expires, date_s, modified_s, age, vary, has_tag, has_pragma, after_s, later }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 8_000, ..ProptestConfig::default() })]

    #[test]
    fn both_store_the_same_and_give_it_as_long_and_as_old(case in cases()) {
        prop_assume!(differences(&case).is_empty());
        let agreed = agree(&case);
        prop_assert!(agreed.is_ok(), "{}", agreed.unwrap_err());
    }
}

fn control(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}

fn wishing(control: &'static str) -> Asked {
    Asked { control: control.split(", ").collect(), ..Asked::default() }
}

/// A row that no longer differs has to go.
#[test]
fn each_difference_is_still_one() {
    use Difference as D;
    let plain = Case::default;
    let later =
        |text, control_text, after_s| Case { control: control(text), later: wishing(control_text), after_s, ..plain() };
    let examples = [
        (D::Status, Case { status: 299, ..plain() }),
        (D::MustUnderstand, Case { control: control("max-age=60, no-store, must-understand"), ..plain() }),
        (D::FieldsOnly, Case { control: control("max-age=60, private=\"x-a\""), ..plain() }),
        (D::FieldsOnly, Case { control: control("max-age=60, no-cache=\"x-a\""), ..plain() }),
        (D::ProxyRevalidate, Case { control: control("max-age=60, proxy-revalidate"), ..plain() }),
        (D::Date, Case { date_s: Some(-55), ..plain() }),
        (
            D::BareAge,
            Case { control: control("max-age"), expires: Some(Moment::FromNow(60)), has_tag: true, ..plain() },
        ),
        (
            D::PragmaOfAnswer,
            Case { control: Vec::new(), expires: Some(Moment::FromNow(60)), has_pragma: true, ..plain() },
        ),
        (D::PragmaBesideControl, Case { later: Asked { has_pragma: true, ..wishing("max-age=60") }, ..plain() }),
        (D::StaleForbidden, later("s-maxage=5", "max-stale", 10)),
        (D::StaleForbidden, Case { has_tag: true, ..later("max-age=60, no-cache", "max-stale", 10) }),
        (D::MaxStaleBound, later("max-age=5", "max-stale=5", 10)),
        (D::FreshAndStale, later("max-age=5", "min-fresh=0, max-stale", 10)),
        (D::Immutable, later("max-age=60, immutable", "max-age=0", 10)),
    ];
    for (difference, case) in examples {
        assert_eq!(differences(&case), [difference], "{case:?}");
        assert!(agree(&case).is_err(), "{difference:?} shows no more: {case:?}");
    }
    assert_eq!(agree(&plain()), Ok(()));
}
