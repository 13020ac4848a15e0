//! What is stored, what of it, and what a 304 makes of it.

use super::super::examples::{AT_ONCE, NOW_MS, date, entry, fields, rule, stored, storing};
use super::super::reuse::Age;
use super::*;

fn refusal(rule: &Rule, status: u16, lines: &[&str]) -> Option<Unstorable> {
    let status = StatusCode::from_u16(status).unwrap();
    storable(&storing(rule), status, &fields(lines), None, AT_ONCE).err()
}

#[test]
fn an_answer_is_stored_where_nothing_forbids_it_and_it_can_be_of_use() {
    use Unstorable::{NoFreshness, NoStore, NotUnderstood, Part, Private, SetCookie, Status, VaryAny};
    let rule = rule();
    let cases: [(u16, &[&str], Option<Unstorable>); 33] = [
        (200, &["cache-control: max-age=60"], None),
        (200, &[], Some(NoFreshness)),
        (200, &["cache-control: public"], Some(NoFreshness)),
        (200, &["etag: \"a\""], None),
        (302, &["etag: \"a\""], Some(NoFreshness)),
        (302, &["etag: \"a\"", "cache-control: public"], None),
        (302, &["cache-control: max-age=60"], None),
        (299, &["cache-control: max-age=60"], None),
        (200, &["cache-control: max-age=0"], Some(NoFreshness)),
        (200, &["cache-control: max-age=0, stale-while-revalidate=9"], None),
        (200, &["cache-control: max-age=60", "age: 60"], Some(NoFreshness)),
        (200, &["expires: 0"], Some(NoFreshness)),
        (200, &["cache-control: max-age=60, no-store"], Some(NoStore)),
        (200, &["cache-control: max-age=60, no-store=x"], Some(NoStore)),
        (200, &["cache-control: max-age=60, no-store, must-understand"], None),
        (599, &["cache-control: max-age=60, must-understand"], Some(NotUnderstood)),
        (599, &["cache-control: max-age=60, no-store, must-understand"], Some(NotUnderstood)),
        (200, &["cache-control: max-age=60, private"], Some(Private)),
        (200, &["cache-control: max-age=60, private=\"x-a\""], None),
        (200, &["cache-control: max-age=60, no-cache"], Some(NoFreshness)),
        (200, &["cache-control: max-age=60, no-cache", "etag: \"a\""], None),
        (200, &["cache-control: no-store", "cdn-cache-control: max-age=60"], None),
        (200, &["cache-control: max-age=60", "cdn-cache-control: no-store"], Some(NoStore)),
        (200, &["cache-control: max-age=60", "set-cookie: a=b"], Some(SetCookie)),
        (200, &["cache-control: max-age=60", "vary: *"], Some(VaryAny)),
        (200, &["cache-control: max-age=60", "vary: accept-encoding", "content-encoding: br, X-Gzip"], None),
        (200, &["cache-control: max-age=60", "vary: accept-encoding", "content-encoding: dcz"], Some(VaryAny)),
        (200, &["cache-control: max-age=60", "content-encoding: dcz"], None),
        (304, &["cache-control: max-age=60"], Some(Status)),
        (429, &["cache-control: max-age=60"], Some(Status)),
        (206, &["cache-control: max-age=60", "content-range: bytes 0-4/10"], Some(Part)),
        (206, &["cache-control: max-age=60", "content-range: bytes 0-4/*"], Some(Part)),
        (206, &["cache-control: max-age=60", "content-type: multipart/byteranges; boundary=x"], Some(Part)),
    ];
    for (status, lines, expected) in cases {
        assert_eq!(refusal(&rule, status, lines), expected, "{status} {lines:?}");
    }
}

#[test]
fn an_answer_to_somebody_is_shared_only_if_the_upstream_says_so() {
    let rule = rule();
    let request = StoringRequest { is_authorized: true, ..storing(&rule) };
    for (text, is_stored) in [
        ("max-age=60", false),
        ("max-age=60, proxy-revalidate", false),
        ("max-age=60, no-cache=\"x-a\"", false),
        ("max-age=60, public", true),
        ("max-age=60, must-revalidate", true),
        ("s-maxage=60", true),
        ("s-maxage=60, private", false),
    ] {
        let headers = fields(&[&format!("cache-control: {text}")]);
        let found = storable(&request, StatusCode::OK, &headers, None, AT_ONCE);
        assert_eq!(found.is_ok(), is_stored, "{text}: {found:?}");
    }
}

#[test]
fn a_rule_that_overrules_the_upstream_stores_what_it_would_not_have_stored() {
    let ttl = Some(Duration::from_secs(60));
    let rule = Rule { freshness: Freshness::Override, ttl, ..rule() };
    for lines in [&["cache-control: no-store"][..], &["cache-control: private"], &["cache-control: no-cache"], &[]] {
        let found = stored(&rule, lines).unwrap();
        assert_eq!((found.entry.lifetime_ms, found.entry.validation), (60_000, Validation::MayBeStale), "{lines:?}");
    }
    assert_eq!(refusal(&rule, 200, &["vary: *"]), Some(Unstorable::VaryAny));
    assert_eq!(refusal(&rule, 429, &[]), Some(Unstorable::Status));
}

#[test]
fn what_the_client_does_not_want_stored_or_is_too_large_is_not() {
    let rule = rule();
    let headers = fields(&["cache-control: max-age=60"]);
    let unwanted = StoringRequest { wishes: Wishes { no_store: true, ..Wishes::default() }, ..storing(&rule) };
    let refusal = |request, length| storable(request, StatusCode::OK, &headers, length, AT_ONCE).err();
    assert_eq!(refusal(&unwanted, None), Some(Unstorable::ClientNoStore));
    let plain = storing(&rule);
    assert_eq!(refusal(&plain, Some(rule.max_size)), None);
    assert_eq!(refusal(&plain, Some(rule.max_size + 1)), Some(Unstorable::TooLarge));
}

#[test]
fn a_part_is_as_long_as_its_place_says() {
    let rule = rule();
    let headers = fields(&["cache-control: max-age=60", "content-range: bytes 4-9/10"]);
    let with = |length| storable(&storing(&rule), StatusCode::PARTIAL_CONTENT, &headers, length, AT_ONCE);
    for (length, is_stored) in [(None, false), (Some(6), true), (Some(5), false)] {
        assert_eq!(with(length).is_ok(), is_stored, "{length:?}");
    }
}

#[test]
fn fields_of_the_way_and_those_that_are_named_are_not_stored() {
    let lines = [
        "cache-control: max-age=60, no-cache=\"x-no-cache, x-absent\", private=x-private",
        "connection: close, x-connection",
        "x-connection: 1",
        "proxy-authenticate: Basic",
        "proxy-authentication-info: x",
        "transfer-encoding: chunked",
        "age: 3",
        "x-no-cache: 1",
        "x-private: 1",
        "x-stored: 1",
        "x-stored: 2",
    ];
    let kept = stored(&rule(), &lines).unwrap().entry.headers;
    let mut names: Vec<_> = kept.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["cache-control", "date", "x-stored"]);
    assert_eq!(kept.get_all("x-stored").iter().count(), 2);
}

#[test]
fn cookies_are_stored_as_the_rule_says() {
    let lines = ["cache-control: max-age=60", "set-cookie: a=b"];
    let keeps = |set_cookie| {
        let kept = stored(&Rule { set_cookie, ..rule() }, &lines);
        kept.map(|kept| kept.entry.headers.contains_key(header::SET_COOKIE)).ok()
    };
    assert_eq!([SetCookie::Refuse, SetCookie::Strip, SetCookie::Store].map(keeps), [None, Some(false), Some(true)]);
}

#[test]
fn an_answer_without_a_date_is_dated_when_it_comes() {
    let kept = stored(&rule(), &["cache-control: max-age=60"]).unwrap();
    assert_eq!(kept.entry.headers["date"], *date(0));
    for came_ms in [0, u64::MAX] {
        let times = Times { asked_ms: came_ms, came_ms };
        let found = storable(&storing(&rule()), StatusCode::OK, &fields(&["cache-control: max-age=60"]), None, times);
        assert!(found.unwrap().entry.headers.contains_key("date"));
    }
}

#[test]
fn how_long_it_is_given_stale_the_upstream_says_and_else_the_rule() {
    let rule = Rule {
        stale_while_revalidate: Some(Duration::from_secs(5)),
        stale_if_error: Some(Duration::from_secs(6)),
        ..rule()
    };
    use Validation::{Always, MayBeStale, WhenStale};
    let cases = [
        ("max-age=60", 5, 6, MayBeStale),
        ("max-age=60, stale-while-revalidate=7", 7, 6, MayBeStale),
        ("max-age=60, stale-while-revalidate=0, stale-if-error=x", 0, 0, MayBeStale),
        ("s-maxage=60, stale-if-error=7", 0, 7, WhenStale),
        ("max-age=60, stale-while-revalidate=7, must-revalidate", 0, 0, WhenStale),
        ("max-age=60, stale-if-error=7, proxy-revalidate", 0, 0, WhenStale),
        ("max-age=60, stale-if-error=7, no-cache", 0, 0, Always),
        ("max-age=60, stale-if-error=7, no-cache=\"x-a\"", 5, 7, MayBeStale),
    ];
    for (text, while_s, error_s, validation) in cases {
        let entry = stored(&rule, &[&format!("cache-control: {text}"), "etag: \"a\""]).unwrap().entry;
        let found = (entry.stale_while_revalidate_ms / 1000, entry.stale_if_error_ms / 1000, entry.validation);
        assert_eq!(found, (while_s, error_s, validation), "{text}");
    }
}

#[test]
fn it_is_kept_for_as_long_as_it_can_be_of_use_and_no_purge_that_met_it_is_forgotten() {
    let kept_s = |lines: &[&str]| stored(&rule(), lines).unwrap().kept_ms / 1000;
    assert_eq!(kept_s(&["cache-control: max-age=60", "age: 20"]), 40);
    assert_eq!(kept_s(&["cache-control: max-age=60, stale-if-error=100, stale-while-revalidate=10"]), 160);
    assert_eq!(kept_s(&["cache-control: max-age=60", "etag: \"a\""]), 60 + KEPT_FOR_VALIDATION_MS / 1000);
    assert!(kept_s(&["cache-control: max-age=4000000000, stale-if-error=4000000000"]) < REMEMBERED_S);
    let made = Rule { make_etag: true, ..rule() };
    assert_eq!(
        stored(&made, &["cache-control: max-age=60"]).unwrap().kept_ms,
        60_000,
        "the upstream knows no such tag"
    );
}

#[test]
fn a_tag_that_is_not_stored_validates_nothing() {
    for listed in ["connection: etag", "cache-control: no-cache=\"etag\"", "cache-control: private=etag"] {
        assert_eq!(stored(&rule(), &[listed, "etag: \"a\""]).err(), Some(Unstorable::NoFreshness), "{listed}");
    }
}

/// What a 304 with these fields makes of a 200 with those, ten seconds later.
fn freshened_by(rule: &Rule, known: &[&str], told: &[&str]) -> Freshened {
    let known = stored(rule, known).expect("an answer that may be stored").entry;
    let later = Times { asked_ms: NOW_MS + 10_000, came_ms: NOW_MS + 10_000 };
    freshened(&storing(rule), &known, &fields(told), later)
}

fn freshened_entry(known: &[&str], told: &[&str]) -> Entry {
    match freshened_by(&rule(), known, told) {
        Freshened::Stored(stored) => stored.entry,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_304_renews_fields_but_not_those_about_the_body() {
    let known = [
        "cache-control: max-age=5",
        "etag: W/\"a\"",
        "content-length: 10",
        "content-encoding: br",
        "content-type: text/plain",
        "x-a: 1",
        "x-a: 2",
        "x-kept: 1",
    ];
    let told = [
        "cache-control: max-age=7",
        "etag: \"a\"",
        "content-length: 0",
        "content-encoding: gzip",
        "content-type: text/html",
        "connection: x-way",
        "x-way: 1",
        "x-a: 3",
        "x-new: 1",
    ];
    let headers = freshened_entry(&known, &told).headers;
    let expected = [
        ("cache-control", "max-age=7"),
        ("etag", "W/\"a\""),
        ("content-length", "10"),
        ("content-encoding", "br"),
        ("content-type", "text/html"),
        ("x-a", "3"),
        ("x-kept", "1"),
        ("x-new", "1"),
    ];
    for (name, value) in expected {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
    assert!(!headers.contains_key("x-way") && !headers.contains_key("connection"));
}

#[test]
fn a_304_makes_young_again_whether_it_is_dated_or_not() {
    let now = |entry: &Entry| Age::of(entry, NOW_MS + 10_000, None);
    let known = ["cache-control: max-age=5", "etag: \"a\""];
    let known_dated = ["cache-control: max-age=5", "etag: \"a\"", &format!("date: {}", date(0))];
    for known in [&known[..], &known_dated] {
        assert_eq!(now(&freshened_entry(known, &[])), Age { age_ms: 0, lifetime_ms: 5000 });
        assert_eq!(now(&freshened_entry(known, &[&format!("date: {}", date(8))])).age_ms, 2000);
        assert_eq!(now(&freshened_entry(known, &["age: 3"])).age_ms, 3000);
        assert_eq!(freshened_entry(known, &[]).headers["date"], *date(10));
    }
    // Of two ages the first counts, in a 304 too.
    assert_eq!(now(&freshened_entry(&known, &["age: 3", "age: 4"])).age_ms, 3000);
}

#[test]
fn an_answer_that_expires_at_a_moment_is_not_renewed_by_a_304_that_names_no_other() {
    let known = ["etag: \"a\"", &format!("expires: {}", date(5)), &format!("date: {}", date(0))];
    assert!(!Age::of(&freshened_entry(&known, &[]), NOW_MS + 10_000, None).is_fresh());
    let renewed = freshened_entry(&known, &[&format!("expires: {}", date(25))]);
    assert_eq!(Age::of(&renewed, NOW_MS + 10_000, None).ttl_s(), 15);
}

#[test]
fn a_304_that_forbids_storing_is_given_once() {
    let known = ["cache-control: max-age=5", "etag: \"a\"", "x-a: 1"];
    for told in [
        &["cache-control: no-store", "x-a: 2"][..],
        &["cache-control: private", "x-a: 2"],
        &["vary: *", "x-a: 2"],
        &["set-cookie: a=b", "x-a: 2"],
    ] {
        match freshened_by(&rule(), &known, told) {
            Freshened::Once(entry) => assert_eq!(entry.headers["x-a"], "2"),
            other => panic!("{told:?}: {other:?}"),
        }
    }
}

#[test]
fn a_304_with_another_tag_is_about_the_answer_that_was_asked_about() {
    let known = ["cache-control: max-age=5", "etag: \"a\""];
    // The tag that is stored stays.
    let Freshened::Stored(other) = freshened_by(&rule(), &known, &["etag: \"b\""]) else { panic!("it is not stored") };
    assert_eq!(other.entry.headers["etag"], "\"a\"");
    assert!(matches!(freshened_by(&rule(), &known, &["etag: W/\"a\""]), Freshened::Stored(_)));
}

#[test]
fn a_tag_that_was_made_here_stays_and_is_not_compared() {
    let rule = Rule { make_etag: true, ..rule() };
    let mut known = Entry { wants_etag: true, ..entry(&["cache-control: max-age=5", "last-modified: x"]) };
    known.complete(10, || [7; 32]);
    let made = known.headers[header::ETAG].clone();
    match freshened(&storing(&rule), &known, &fields(&["etag: \"theirs\""]), AT_ONCE) {
        Freshened::Stored(stored) => {
            assert!(stored.entry.wants_etag);
            assert_eq!(stored.entry.headers.get_all(header::ETAG).iter().collect::<Vec<_>>(), [made]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_reason_has_a_word_of_its_own() {
    use Unstorable::*;
    let all = [
        ClientNoStore,
        NoStore,
        Private,
        Authorization,
        NotUnderstood,
        VaryAny,
        SetCookie,
        TooLarge,
        NoFreshness,
        Part,
        Head,
        Status,
    ];
    let words: std::collections::BTreeSet<_> = all.into_iter().map(Unstorable::word).collect();
    assert_eq!(words.len(), all.len());
}
