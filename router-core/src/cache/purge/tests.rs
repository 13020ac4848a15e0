use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn url(host: &str, path: &str, query: &str) -> Url {
    Url { host: host.into(), path: path.into(), query: query.into() }
}

fn order(list: &str, text: &str) -> Result<Vec<Name>, String> {
    Order::parse(serde_json::json!({ list: [text] }).to_string().as_bytes()).and_then(|order| order.names())
}

/// Whether an order with this one thing purges what is stored of this URL.
fn purges(list: &str, text: &str, url: &Url) -> bool {
    let meant = order(list, text).unwrap_or_else(|why| panic!("{why}"));
    let found: BTreeSet<String> = names("rule", url, &["tag".to_owned()]).iter().map(Name::key).collect();
    meant.iter().any(|name| found.contains(&name.key()))
}

#[test]
fn a_url_is_purged_whichever_way_it_is_written() {
    let stored = url("api.test", "/v1/caf%C3%A9", "b=2&a=1");
    for text in [
        "/v1/caf%C3%A9",
        "/v1/caf%c3%a9",
        "/v1/../v1/./caf%c3%a9",
        "//v1//caf%C3%A9",
        "https://api.test/v1/caf%C3%A9",
        "http://API.test:8443/v1/caf%C3%A9",
        "HTTPS://api.test./v1/caf%C3%A9",
        "/v1/caf%C3%A9?b=2&a=1",
    ] {
        assert!(purges("urls", text, &stored), "{text}");
    }
    for text in [
        "/v1",
        "/v1/caf%C3%A9/",
        "/v1/CAF%C3%A9",
        "/v1/caf%C3%A9?",
        "/v1/caf%C3%A9?b=2",
        "/v1/caf%C3%A9?a=1&b=2",
        "https://other.test/v1/caf%C3%A9",
        "https://api.test.evil.test/v1/caf%C3%A9",
    ] {
        assert!(!purges("urls", text, &stored), "{text}");
    }
    assert!(purges("urls", "/x?b=2&a=1", &url("h", "/x", "a=1&b=2")), "a rule has sorted them");
    assert!(purges("urls", "/x?", &url("h", "/x", "")));
    assert!(purges("urls", "/x?to=https://y/z", &url("h", "/x", "to=https://y/z")));
    assert!(purges("urls", "/x//y", &url("h", "/x//y", "")), "not every gateway merges them");
    assert!(purges("urls", "https://h", &url("h", "/", "")));
    assert!(purges("urls", "https://h?a", &url("h", "/", "a")));
    assert!(purges("urls", "https://[::1]:80/x", &url("[::1]", "/x", "")));
    assert!(purges("urls", "https://[0::1]/x", &url("[::1]", "/x", "")));
    assert!(purges("urls", "/x", &url("", "/x", "")), "nobody said which host");
}

#[test]
fn a_prefix_is_a_path_with_what_is_below_it() {
    let stored = url("api.test", "/v1/orders/42", "a");
    for text in ["/", "/v1", "/v1/", "/v1//", "/v1/orders", "/v1/orders/42", "https://api.test", "https://API.test/v1/"]
    {
        assert!(purges("prefixes", text, &stored), "{text}");
    }
    for text in ["/v", "/v1/order", "/v1/orders/4", "/v1/orders/42/x", "https://other.test/v1"] {
        assert!(!purges("prefixes", text, &stored), "{text}");
    }
    assert!(purges("prefixes", "/", &url("h", "/", "")));
    assert!(purges("prefixes", "/a", &url("h", "/a/", "")));
    let deep = url("h", "/1/2/3/4/5/6/7/8/9", "");
    assert!(purges("prefixes", "/1/2/3/4/5/6/7/8", &deep));
    assert!(order("prefixes", "/1/2/3/4/5/6/7/8/9").is_err());
    assert!(order("prefixes", "/v1?a").is_err());
}

#[test]
fn tags_rules_and_everything_are_purged_by_name() {
    let stored = url("h", "/x", "");
    assert!(purges("tags", "tag", &stored) && !purges("tags", "rule", &stored));
    assert!(purges("rules", "rule", &stored) && !purges("rules", "tag", &stored));
    let everything = Order::parse(b"{\"everything\": true}").unwrap().names().unwrap();
    assert!(names("rule", &stored, &[]).contains(&everything[0]));
}

#[test]
fn what_names_nothing_is_refused_with_what_was_expected() {
    for text in [
        "",
        "x",
        "x/y",
        "ftp://h/x",
        "https:///x",
        "https://user@h/x",
        "https://h:x/y",
        "/x#y",
        "/x\ny",
        "/%zz",
        "https://h\n/x",
    ] {
        let why = order("urls", text).expect_err(text);
        assert!(why.contains("expected") || why.contains("neither a path such as"), "{why}");
    }
    for bad in ["", "7", "{\"url\": []}", "{\"urls\": \"/x\"}", "{\"urls\": [1]}"] {
        assert!(Order::parse(bad.as_bytes()).expect_err(bad).contains("expected JSON such as"));
    }
    assert!(Order::parse(b"{}").unwrap().names().is_err());
    let many = |count: usize| Order { tags: vec!["a".into(); count], ..Order::default() }.names();
    assert!(many(MOST_NAMES).is_ok() && many(MOST_NAMES + 1).is_err());
    let twice = Order { urls: vec!["//x?b&a".into(); MOST_NAMES], ..Order::default() };
    assert!(twice.names().is_err(), "each is several names");
    assert!(order("tags", &"a".repeat(LONGEST_NAME)).is_ok() && order("tags", &"a".repeat(LONGEST_NAME + 1)).is_err());
}

#[test]
fn a_purge_meets_what_was_stored_before_it() {
    let purge = |at_ms, soft| Purge { at_ms, soft };
    assert_eq!(purged(10, []), Purged::No);
    assert_eq!(purged(10, [purge(9, false)]), Purged::No);
    assert_eq!(purged(10, [purge(10, false)]), Purged::Gone);
    assert_eq!(purged(10, [purge(11, true), purge(10, true), purge(9, true)]), Purged::Softly(10));
    assert_eq!(purged(10, [purge(11, true), purge(12, false)]), Purged::Gone);
    assert!(is_younger(10, None) && is_younger(SKEW_MS + 2, Some(purge(1, false))));
    assert!(!is_younger(SKEW_MS + 1, Some(purge(1, false))));
}

#[test]
fn a_reference_is_resolved_and_must_be_of_the_same_host() {
    let of = |reference| same_host(reference, "api.test", "/v1/orders/42");
    for (reference, expected) in [
        ("/x", Some("/x")),
        ("/x?a=b#c", Some("/x")),
        ("x", Some("/v1/orders/x")),
        ("x/y:z", Some("/v1/orders/x/y:z")),
        ("../x", Some("/v1/x")),
        ("../../../../x", Some("/x")),
        ("./", Some("/v1/orders/")),
        ("", Some("/v1/orders/42")),
        ("?page=2", Some("/v1/orders/42")),
        ("#x", Some("/v1/orders/42")),
        ("/a/http://b/c", Some("/a/http:/b/c")),
        ("https://api.test/x", Some("/x")),
        ("http://API.test:80/x", Some("/x")),
        ("https://api.test", Some("/")),
        ("https://api.test?x", Some("/")),
        ("//api.test/x", Some("/x")),
        ("//other.test/x", None),
        ("https://other.test/x", None),
        ("https://api.test@other.test/x", None),
        ("https://api.test.other.test/x", None),
        ("ftp://api.test/x", None),
        ("mailto:a@api.test", None),
        ("https:x", None),
        ("/%zz", None),
    ] {
        assert_eq!(of(reference).as_deref(), expected, "{reference}");
    }
    assert_eq!(same_host("https://[::1]:80/x", "[::1]", "/").as_deref(), Some("/x"));
}

#[test]
fn names_of_different_kinds_have_different_keys() {
    let same = |text: &str| text.to_owned();
    let host = || Some(same("h"));
    let all = [
        Name::Everything,
        Name::Rule(same("/a")),
        Name::Tag(same("/a")),
        Name::Prefix(None, same("/a")),
        Name::Prefix(host(), same("/a")),
        Name::Path(None, same("/a")),
        Name::Path(host(), same("/a")),
        Name::Query(None, same("/a"), same("")),
        Name::Query(host(), same("/a"), same("")),
    ];
    let keys: BTreeSet<_> = all.iter().map(Name::key).collect();
    assert_eq!(keys.len(), all.len());
}

proptest! {
    #[test]
    fn every_path_above_purges_and_no_other(segments in prop::collection::vec("[ab]{1,2}", 0..6), other in prop::collection::vec("[ab]{1,2}", 0..6)) {
        let path = |segments: &[String]| format!("/{}", segments.join("/"));
        let stored = url("h", &path(&segments), "");
        prop_assert_eq!(purges("prefixes", &path(&other), &stored), segments.starts_with(&other));
        prop_assert_eq!(purges("urls", &path(&other), &stored), segments == other);
    }

    #[test]
    fn any_text_is_a_name_or_refused(text in "\\PC{0,20}|(https?://)?[a-z:@\\[\\]/?#.%]{0,20}", list in prop::sample::select(vec!["urls", "prefixes", "tags", "rules"])) {
        let _ = order(list, &text);
        let _ = same_host(&text, "api.test", "/v1");
        let _ = Order::parse(text.as_bytes());
    }

    #[test]
    fn a_purge_that_is_written_is_read(at_ms in any::<u64>(), soft in any::<bool>(), junk in prop::collection::vec(any::<u8>(), 0..20)) {
        let purge = Purge { at_ms, soft };
        prop_assert_eq!(Purge::read(&purge.write()), Some(purge));
        let _ = Purge::read(&junk);
    }
}
