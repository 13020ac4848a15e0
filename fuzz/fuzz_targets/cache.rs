//! Promise: whatever requests and answers say, deciding on what is stored and given breaks nothing. What must not be stored is not, what was written is
//! read again, a stored answer is given only while it may be, and a part lies within the body.
#![no_main]

mod input;

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use libfuzzer_sys::fuzz_target;
use router_core::cache::directives::{Directives, Wishes};
use router_core::cache::entry::{Entry, Url, Validation};
use router_core::cache::freshness::Times;
use router_core::cache::purge::{Order, Purge, names, same_host};
use router_core::cache::range::{Slice, content_range, slice, slice_of_part};
use router_core::cache::reuse::{Age, Reuse, reuse};
use router_core::cache::rule::{Freshness, Heuristic, SetCookie, VaryBy};
use router_core::cache::status::{Forward, Told};
use router_core::cache::storable::{Freshened, StoringRequest, Unstorable, freshened, storable};
use router_core::cache::vary::{Vary, selecting, vary};
use router_core::cache::{Item, Rule, conditions};
use router_core::filter::Mode;

use input::Input;

/// Lines up to an empty one.
fn head(input: &mut Input<'_>) -> HeaderMap {
    let end = input.0.windows(2).position(|two| two == b"\n\n");
    let (lines, rest) = input.0.split_at(end.unwrap_or(input.0.len()));
    input.0 = rest.get(2..).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').take(50) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    headers
}

fn rule(choice: u8) -> Rule {
    let some = |bit: u8, seconds: u64| (choice >> bit & 1 == 1).then(|| Duration::from_secs(seconds));
    Rule {
        name: "fuzzed".into(),
        methods: vec![Method::GET],
        freshness: if choice & 1 == 1 { Freshness::Override } else { Freshness::Respect },
        ttl: some(1, 60),
        max_ttl: some(2, 3600),
        heuristic: some(3, 600).map(|most| Heuristic { percent: 10, most }),
        stale_while_revalidate: some(4, 30),
        stale_if_error: some(5, 300),
        refresh_early: some(6, 5),
        set_cookie: if choice >> 7 == 1 { SetCookie::Strip } else { SetCookie::Refuse },
        max_size: 1 << 20,
        client_directives: true,
        tag_fields: vec![HeaderName::from_static("cache-tag")],
        make_etag: choice >> 6 == 1,
        ..Rule::default()
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let (rule, status) = (rule(input.byte()), StatusCode::from_u16(100 + (input.number() % 900) as u16));
    let length = Some(input.number()).filter(|length| length % 7 > 0);
    let times = Times { asked_ms: input.number(), came_ms: input.number() };
    let (now_ms, purged_ms) = (input.number(), Some(input.number()).filter(|moment| moment % 2 > 0));
    let (request, answer, told, later) = (head(&mut input), head(&mut input), head(&mut input), head(&mut input));
    other(input.0);
    let storing = StoringRequest {
        rule: &rule,
        wishes: Wishes::of(&request),
        is_authorized: request.contains_key(header::AUTHORIZATION),
        is_head: false,
        url: Url { host: "api.test".into(), path: "/v1/orders".into(), query: String::new() },
        tags: vec!["orders".into()],
    };
    let Ok(status) = status else { return };
    let says = Directives::of(&answer);
    let stored = match storable(&storing, status, &answer, length, times) {
        Ok(stored) => stored,
        Err(why) => {
            assert!(!why.word().is_empty());
            return assert!(why != Unstorable::NoStore || says.no_store);
        }
    };
    assert!(!storing.wishes.no_store, "a client forbade it");
    if rule.freshness == Freshness::Respect {
        assert!(!says.no_store || says.must_understand, "the upstream forbade it");
        assert!(!says.private.is_all(), "it is private");
    }
    assert!(
        !storing.is_authorized || says.public || says.must_revalidate || says.s_maxage.is_some(),
        "it is somebody's"
    );
    assert!(vary(&answer) == Vary::By(stored.vary.clone()), "answers differ by what is not known");
    let mut entry = stored.entry;
    for name in ["connection", "transfer-encoding", "age", "proxy-authenticate", "set-cookie"] {
        assert!(!entry.headers.contains_key(name), "{name} is stored");
    }
    entry.complete(length.unwrap_or(5), || [1; 32]);
    let item = Item::Answer(entry.clone());
    assert_eq!(Item::read(&item.write()), Some(item));
    given(&rule, &entry, &later, Age::of(&entry, now_ms, purged_ms));
    for name in later.keys() {
        let _ = selecting(&later, name);
    }
    match freshened(&storing, &entry, &told, Times { asked_ms: now_ms, came_ms: now_ms }) {
        Freshened::Stored(fresh) => {
            assert_eq!(fresh.entry.status, entry.status);
            // A 304 may say that the tag is not to be stored, but names no other.
            let tag = fresh.entry.headers.get(header::ETAG);
            assert!(tag.is_none() || tag == entry.headers.get(header::ETAG));
            given(&rule, &fresh.entry, &later, Age::of(&fresh.entry, now_ms, None));
        }
        Freshened::Once(once) => assert_eq!(once.length, entry.length),
    }
});

/// Whether and how a stored answer is given.
fn given(rule: &Rule, entry: &Entry, request: &HeaderMap, age: Age) {
    let wishes = Wishes::of(request);
    let how = reuse(rule, entry, age, &wishes);
    match how {
        Reuse::Fresh | Reuse::Early => assert!(age.is_fresh()),
        Reuse::Accepted => assert!(wishes.max_stale.is_some() && entry.validation == Validation::MayBeStale),
        Reuse::WhileRevalidating => assert!(entry.stale_while_revalidate_ms > 0),
        Reuse::Stale | Reuse::Request => {}
    }
    if !matches!(how, Reuse::Stale | Reuse::Request) {
        assert!(!wishes.no_cache && entry.validation != Validation::Always, "it had to be validated");
    }
    assert!(!age.stands_in(entry) || entry.validation != Validation::Always);
    let told = Told { hit: true, ttl_s: Some(age.ttl_s()), forward: None, ..Told::default() };
    assert!(told.member("fuzzed").is_some());
    let length = entry.length.unwrap_or_default();
    match slice(&Method::GET, request, entry) {
        Slice::Whole => {}
        Slice::Part(part) => {
            assert!(part.first <= part.last && part.last < length && part.whole == length);
            assert_eq!(part.field().as_ref().and_then(content_range), Some(part));
        }
        Slice::Beyond(whole) => assert!(whole == length && whole > 0),
    }
    if let Some((part, own)) = slice_of_part(&Method::GET, request, entry).zip(entry.part) {
        assert!(own.first <= part.first && part.first - own.first + part.length() <= length);
    }
    if conditions::is_known(&Method::GET, request, entry) {
        assert!(request.contains_key(header::IF_NONE_MATCH) || request.contains_key(header::IF_MODIFIED_SINCE));
        conditions::without_body_fields(&mut entry.headers.clone());
    }
    if let Some(edits) = conditions::validating(request, entry) {
        let mut asked = request.clone();
        edits.apply(&mut asked);
        assert!(!asked.contains_key(header::RANGE));
        assert!(asked.contains_key(header::IF_NONE_MATCH) || asked.contains_key(header::IF_MODIFIED_SINCE));
    }
}

/// Bytes that a store, an operator or an upstream gives.
fn other(bytes: &[u8]) {
    let _ = Item::read(bytes);
    let _ = Purge::read(bytes);
    if let Ok(names) = Order::parse(bytes).and_then(|order| order.names()) {
        assert!(!names.is_empty() && names.iter().all(|name| name.key().len() < 64));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let order = Order { urls: vec![text.to_owned()], ..Order::default() };
        let _ = order.names();
        if let Some(path) = same_host(text, "api.test", "/v1/orders") {
            assert!(path.starts_with('/'));
            let url = Url { host: "api.test".into(), path, query: String::new() };
            assert!(names("fuzzed", &url, &[]).len() <= 4 + 2 * (2 + 9));
        }
        let told = Told { forward: Some(Forward::Stale), ..Told::default() };
        assert!(told.member(text).is_some());
    }
}
