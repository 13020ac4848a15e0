//! What normalising promises, by example and as properties.

use proptest::prelude::*;

use super::*;

const KEEP: PathRules =
    PathRules { encoded_slash: Encoded::Keep, encoded_backslash: Encoded::Keep, merge_slashes: true };

fn under(rules: PathRules, raw: &str) -> Result<String, InvalidPath> {
    match NormalPath::parse(raw, &rules)? {
        Normalised::Path(path) => Ok(path.as_str().to_owned()),
        Normalised::Redirect(path) => Ok(format!("308 {path}")),
    }
}

fn normal(raw: &str) -> Result<String, InvalidPath> {
    under(KEEP, raw)
}

fn path(raw: &str) -> NormalPath<'_> {
    match NormalPath::parse(raw, &PathRules { merge_slashes: false, ..KEEP }).unwrap() {
        Normalised::Path(path) | Normalised::Redirect(path) => path,
    }
}

#[test]
fn brings_paths_into_one_form() {
    for (raw, expected) in [
        ("/", "/"),
        ("", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        // RFC 3986 §6.2.2.1, §6.2.2.2
        ("/%7euser", "/~user"),
        ("/%41%2d%5f", "/A-_"),
        ("/a%c3%a9", "/a%C3%A9"),
        ("/%3a%40", "/%3A%40"),
        // RFC 3986 §5.2.4
        ("/a/b/c/./../../g", "/a/g"),
        ("/a/..", "/"),
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/..", "/"),
        ("/../../etc/passwd", "/etc/passwd"),
        ("/a/.../b", "/a/.../b"),
        ("/.hidden/..x/x..", "/.hidden/..x/x.."),
        ("/a/%2e%2e/b", "/b"),
        ("/a/.%2E/b", "/b"),
        ("/a/%2e/b", "/a/b"),
        // As every URL parser on the way to a Worker does.
        ("\\a\\b", "/a/b"),
        ("/a\\..\\b", "/b"),
        ("/caf\u{e9}", "/caf%C3%A9"),
        ("/a^`{|}", "/a%5E%60%7B%7C%7D"),
        ("/a[0]", "/a[0]"),
        // Slashes are merged last: the parent of `/a//` is `/a/`.
        ("/a//b", "/a/b"),
        ("//", "/"),
        ("/a//../b", "/a/b"),
        // Once only.
        ("/%252e%252e/a", "/%252e%252e/a"),
        ("/%25%32%65", "/%252e"),
        ("/a%2fb", "/a%2Fb"),
        ("/a/%2e%2e%2f/b", "/a/..%2F/b"),
        ("/a%5cb", "/a%5Cb"),
        // The path ends here.
        ("/a?b/../c", "/a"),
        ("/a/..#/b", "/"),
    ] {
        assert_eq!(normal(raw).as_deref(), Ok(expected), "{raw}");
    }
}

#[test]
fn agrees_with_the_table_that_traefik_arrived_at() {
    // Traefik 3.4.1, docs/content/migrate/v3.md: a rule for `/foo` with a path on the left sees the path on the right.
    for (raw, expected) in [
        ("/foo%2Fbar", "/foo%2Fbar"),
        ("/foo/%2E%2E/bar", "/bar"),
        ("/foo/../bar", "/bar"),
        ("/foo/./bar", "/foo/bar"),
        ("/foo//bar", "/foo/bar"),
        ("/%66oo/bar", "/foo/bar"),
        ("/foo%3Fbar", "/foo%3Fbar"),
        ("/foo%23bar", "/foo%23bar"),
        ("/foo%2ebar", "/foo.bar"),
    ] {
        assert_eq!(normal(raw).as_deref(), Ok(expected), "{raw}");
    }
}

#[test]
fn refuses_what_has_no_normal_form() {
    for (raw, expected) in [
        ("/%00", InvalidPath::EncodedNul),
        ("/a%00b", InvalidPath::EncodedNul),
        ("/%zz", InvalidPath::BadPercent),
        ("/%", InvalidPath::BadPercent),
        ("/%4", InvalidPath::BadPercent),
        ("/%\u{e9}", InvalidPath::BadPercent),
        ("/a\tb", InvalidPath::ControlCharacter),
        ("/a\0b", InvalidPath::ControlCharacter),
        ("/a\u{7f}", InvalidPath::ControlCharacter),
        ("*", InvalidPath::NotAbsolute),
        ("a/b", InvalidPath::NotAbsolute),
        ("?a", InvalidPath::NotAbsolute),
        ("/a b", InvalidPath::ForbiddenCharacter),
        ("/\"", InvalidPath::ForbiddenCharacter),
        ("/<a>", InvalidPath::ForbiddenCharacter),
    ] {
        assert_eq!(normal(raw), Err(expected), "{raw:?}");
    }
}

#[test]
fn gives_every_reason_its_own_name_and_sentence() {
    for (index, one) in InvalidPath::ALL.iter().enumerate() {
        for other in &InvalidPath::ALL[index + 1..] {
            assert_ne!(one.reason(), other.reason());
            assert_ne!(one.sentence(), other.sentence());
        }
    }
}

#[test]
fn follows_the_rules_for_encoded_separators() {
    let slash = |encoded_slash| PathRules { encoded_slash, ..KEEP };
    let backslash = |encoded_backslash| PathRules { encoded_backslash, ..KEEP };
    for (rules, raw, expected) in [
        (slash(Encoded::Auto), "/a%2fb", Ok("/a%2Fb")),
        (slash(Encoded::Reject), "/a%2fb", Err(InvalidPath::EncodedSlash)),
        (slash(Encoded::Reject), "/a%5Cb", Ok("/a%5Cb")),
        (slash(Encoded::Reject), "/a?%2F", Ok("/a")),
        (slash(Encoded::Unescape), "/a%2fb", Ok("/a/b")),
        (slash(Encoded::Unescape), "/a%2F%2e%2e%2Fb", Ok("/b")),
        (slash(Encoded::Unescape), "/a%252Fb", Ok("/a%252Fb")),
        (slash(Encoded::Unescape), "/a%2F/b", Ok("/a/b")),
        (slash(Encoded::Redirect), "/a%2Fb", Ok("308 /a/b")),
        (slash(Encoded::Redirect), "/a/../b", Ok("/b")),
        (backslash(Encoded::Reject), "/a%5cb", Err(InvalidPath::EncodedBackslash)),
        (backslash(Encoded::Unescape), "/a%5c..%5cb", Ok("/b")),
        (backslash(Encoded::Redirect), "/a%5Cb%2F", Ok("308 /a/b%2F")),
    ] {
        assert_eq!(under(rules, raw), expected.map(str::to_owned), "{rules:?} {raw}");
    }
}

#[test]
fn unescapes_what_a_url_parser_on_the_way_leaves() {
    // Workers remove `a%2F..` as one segment before the gateway sees it, so it must be so everywhere.
    let rules = PathRules { encoded_slash: Encoded::Unescape, ..KEEP };
    assert_eq!(under(rules, "/x/a%2F../../b").as_deref(), Ok("/x/b"));
    assert_eq!(under(rules, "/x/b").as_deref(), Ok("/x/b"));
}

#[test]
fn leaves_runs_of_slashes_alone_if_told_so() {
    let rules = PathRules { merge_slashes: false, ..KEEP };
    assert_eq!(under(rules, "//a///b/").as_deref(), Ok("//a///b/"));
    assert_eq!(under(rules, "/a//../b").as_deref(), Ok("/a/b"));
}

#[test]
fn tells_which_encoded_separators_are_left() {
    assert!(path("/a%2fb").has_encoded_slash() && !path("/a%2fb").has_encoded_backslash());
    assert!(path("/a%5Cb").has_encoded_backslash() && path("/a%5Cb").has_encoded_separator());
    assert!(!path("/a%252Fb").has_encoded_separator());
}

#[test]
fn borrows_what_is_normal() {
    let is_borrowed = |raw| matches!(path(raw).text, Cow::Borrowed(_));
    assert!(is_borrowed("/api/v1/users/42/files/%C3%A9.txt"));
    assert!(is_borrowed("/a?b=c"));
    assert!(!is_borrowed("/a/%7e"));
}

#[test]
fn writes_references_that_stay_on_the_host() {
    assert_eq!(path("/a").reference(Some("b=c")), "/a?b=c");
    assert_eq!(path("//evil.example/").reference(None), "/.//evil.example/");
}

#[test]
fn cuts_prefixes_at_segments_only() {
    let below = |prefix: &str, raw: &str| {
        let prefix = Prefix::parse(prefix).unwrap();
        path(raw).strip_prefix_segments(&prefix).map(|rest| rest.as_str().to_owned())
    };
    assert_eq!(below("/foo", "/foo").as_deref(), Some("/"));
    assert_eq!(below("/foo", "/foo/").as_deref(), Some("/"));
    assert_eq!(below("/foo/", "/foo").as_deref(), Some("/"));
    assert_eq!(below("/foo", "/foo/bar/").as_deref(), Some("/bar/"));
    assert_eq!(below("/foo", "/foobar"), None);
    assert_eq!(below("/foo", "/foo%2Fbar"), None);
    assert_eq!(below("/", "/a/b").as_deref(), Some("/a/b"));
}

#[test]
fn tells_what_a_configured_path_would_be() {
    assert_eq!(configured("/%7ea/\u{e9}").unwrap().as_str(), "/~a/%C3%A9");
    assert_eq!(configured("/a/../b"), Err(NotNormal::WouldBe("/b".to_owned())));
    assert_eq!(configured("/a//b"), Err(NotNormal::WouldBe("/a/b".to_owned())));
    assert_eq!(configured("/a\\b"), Err(NotNormal::WouldBe("/a/b".to_owned())));
    assert_eq!(configured("/a?b"), Err(NotNormal::NotOnlyAPath(2)));
    assert_eq!(configured("/a/{id}"), Err(NotNormal::Brace(3)));
    assert_eq!(configured("a"), Err(NotNormal::Invalid(InvalidPath::NotAbsolute)));
    assert_eq!(configured(""), Err(NotNormal::Invalid(InvalidPath::NotAbsolute)));
}

/// Text that is likely to go wrong.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        5 => prop::sample::select(vec![
            "/", "/", "//", ".", "..", "%2e", "%2E", "%2F", "%2f", "%5c", "%5C", "\\", "%25", "2e", "2F", "%41", "%7e", "%c3%a9", "a", "b",
            "api", "\u{e9}", "{", "|", "?", "#", "%3F", "[", ":", "%20",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC",
        1 => "%[0-9a-fA-F]{2}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn any_rules() -> impl Strategy<Value = PathRules> {
    let encoded = || {
        prop::sample::select(vec![Encoded::Auto, Encoded::Keep, Encoded::Reject, Encoded::Unescape, Encoded::Redirect])
    };
    (encoded(), encoded(), any::<bool>()).prop_map(|(encoded_slash, encoded_backslash, merge_slashes)| PathRules {
        encoded_slash,
        encoded_backslash,
        merge_slashes,
    })
}

/// A second, plain reading of the rules: whole steps on lists of segments, escapes by hand.
fn plain(raw: &str, rules: PathRules) -> Option<String> {
    let raw = raw.split(['?', '#']).next()?.replace('\\', "/");
    let mut decoded = String::new();
    let bytes = raw.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = if bytes[at] == b'%' {
            let value = u8::from_str_radix(raw.get(at + 1..at + 3)?, 16).ok()?;
            at += 2;
            if value == 0 {
                return None;
            }
            if value.is_ascii_alphanumeric() || b"-._~".contains(&value) {
                value
            } else {
                decoded.push_str(&format!("%{value:02X}"));
                at += 1;
                continue;
            }
        } else {
            bytes[at]
        };
        if byte <= 0x20 || byte == 0x7F || b"\"<>".contains(&byte) {
            return None;
        }
        if byte >= 0x80 || b"^`{|}".contains(&byte) {
            decoded.push_str(&format!("%{byte:02X}"));
        } else {
            decoded.push(byte as char);
        }
        at += 1;
    }
    let dots = |path: &str| {
        let mut kept: Vec<&str> = Vec::new();
        let all: Vec<&str> = path[1..].split('/').collect();
        for (index, segment) in all.iter().enumerate() {
            if *segment == ".." {
                kept.pop();
            }
            if *segment != ".." && *segment != "." {
                kept.push(segment);
            } else if index + 1 == all.len() {
                kept.push("");
            }
        }
        format!("/{}", kept.join("/"))
    };
    let mut path = dots(&decoded);
    for (escape, rule) in [("%2F", rules.encoded_slash), ("%5C", rules.encoded_backslash)] {
        match rule {
            Encoded::Reject if decoded.contains(escape) => return None,
            Encoded::Unescape | Encoded::Redirect => path = path.replace(escape, "/"),
            _ => {}
        }
    }
    path = dots(&path);
    while rules.merge_slashes && path.contains("//") {
        path = path.replace("//", "/");
    }
    Some(path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_a_plain_reading_of_the_rules(raw in hostile(), rules in any_rules()) {
        let found = under(rules, &raw).ok().map(|path| path.trim_start_matches("308 ").to_owned());
        prop_assert_eq!(found, plain(&raw, rules));
    }

    #[test]
    fn normalising_again_changes_nothing(raw in hostile(), rules in any_rules()) {
        if let Ok(Normalised::Path(path) | Normalised::Redirect(path)) = NormalPath::parse(&raw, &rules) {
            let again = NormalPath::parse(path.as_str(), &rules).unwrap();
            prop_assert_eq!(&again, &Normalised::Path(path.clone()));
            let Normalised::Path(again) = again else { unreachable!() };
            prop_assert!(matches!(again.text, Cow::Borrowed(_)));
        }
    }

    #[test]
    fn a_normal_path_has_nothing_to_climb_with(raw in hostile(), rules in any_rules()) {
        if let Ok(Normalised::Path(path) | Normalised::Redirect(path)) = NormalPath::parse(&raw, &rules) {
            prop_assert!(path.as_str().starts_with('/') && path.as_str().is_ascii());
            prop_assert!(!path.as_str().contains(['\\', '?', '#', ' ', '<', '>', '"']));
            prop_assert!(path.segments().all(|segment| segment != "." && segment != ".."));
            prop_assert!(!(rules.merge_slashes && path.as_str().contains("//")));
            prop_assert_eq!(path.has_encoded_slash(), path.as_str().replace("%25", "").contains("%2F"));
        }
    }

    #[test]
    fn never_panics_on_any_text(raw in "\\PC*|/[%./\\\\0-9a-f]*", rules in any_rules()) {
        let _ = NormalPath::parse(&raw, &rules);
        let _ = configured(&raw);
        let _ = Prefix::parse(&raw);
        let _ = Rewrite::template(&raw);
        let _ = Rewrite::regex(&raw, &raw);
    }
}

mod rewriting {
    use std::sync::Arc;

    use super::*;
    use crate::route::{Params, PathPattern};

    fn rewritten(rewrite: &Rewrite, pattern: &str, raw: &str) -> Result<String, PathEscape> {
        let path = path(raw);
        let params = Params::of(&Arc::new(PathPattern::template(pattern).unwrap()), &path).unwrap();
        rewrite.apply(&path, &params).map(|path| path.as_str().to_owned())
    }

    fn prefix(text: &str) -> Prefix {
        Prefix::parse(text).unwrap()
    }

    #[test]
    fn strips_a_prefix() {
        let strip = Rewrite::StripPrefix(prefix("/api"));
        assert_eq!(rewritten(&strip, "/{*all}", "/api/users").as_deref(), Ok("/users"));
        assert_eq!(rewritten(&strip, "/{*all}", "/api").as_deref(), Ok("/"));
        assert_eq!(rewritten(&strip, "/{*all}", "/apis").as_deref(), Ok("/apis"));
    }

    #[test]
    fn replaces_a_prefix() {
        let replace = |from, to| Rewrite::ReplacePrefix { from: prefix(from), to: prefix(to) };
        assert_eq!(rewritten(&replace("/api", "/v2/x"), "/{*all}", "/api/users/").as_deref(), Ok("/v2/x/users/"));
        assert_eq!(rewritten(&replace("/api", "/"), "/{*all}", "/api").as_deref(), Ok("/"));
        assert_eq!(rewritten(&replace("/", "/v2"), "/{*all}", "/api").as_deref(), Ok("/v2/api"));
        assert_eq!(rewritten(&replace("/api", "/v2"), "/{*all}", "/api").as_deref(), Ok("/v2"));
    }

    #[test]
    fn fills_in_a_template() {
        let template = Rewrite::template("/u/{id}/{*rest}/~{{x}}").unwrap();
        assert_eq!(template.parameters().collect::<Vec<_>>(), ["id", "rest"]);
        let found = rewritten(&template, "/users/{id}/{*rest}", "/users/a%2Fb/c/d");
        assert_eq!(found.as_deref(), Ok("/u/a%2Fb/c/d/~%7Bx%7D"));
        assert_eq!(rewritten(&template, "/users/{id}", "/users/1"), Err(PathEscape::NoParameter("rest".into())));
    }

    #[test]
    fn substitutes_named_and_numbered_groups() {
        let regex = |pattern, with| Rewrite::regex(pattern, with).unwrap();
        let users = regex("^/users/(?<id>[0-9]+)/(.*)$", "/v2/${id}x/$2");
        assert_eq!(rewritten(&users, "/{*all}", "/users/42/a/b").as_deref(), Ok("/v2/42x/a/b"));
        assert_eq!(rewritten(&users, "/{*all}", "/other").as_deref(), Ok("/other"));
        assert_eq!(rewritten(&regex("-", "$$_"), "/{*all}", "/a-b-c").as_deref(), Ok("/a$_b$_c"));
    }

    #[test]
    fn refuses_a_path_that_a_rewrite_would_make_climb() {
        let cut = Rewrite::regex("^/files", "").unwrap();
        assert_eq!(rewritten(&cut, "/{*all}", "/files../secret"), Err(PathEscape::DotSegment));
        assert_eq!(rewritten(&cut, "/{*all}", "/files/secret").as_deref(), Ok("/secret"));
        let glue = Rewrite::template("/a/.{x}").unwrap();
        assert_eq!(rewritten(&glue, "/f{x}", "/f."), Err(PathEscape::DotSegment));
        let double = Rewrite::regex("%25", "%").unwrap();
        assert_eq!(rewritten(&double, "/{*all}", "/%252e%252e/a"), Err(PathEscape::DotSegment));
        assert_eq!(rewritten(&double, "/{*all}", "/%252fa"), Err(PathEscape::EncodedSeparator));
        assert_eq!(rewritten(&double, "/{*all}", "/%25zz"), Err(PathEscape::Invalid(InvalidPath::BadPercent)));
        assert_eq!(rewritten(&double, "/{*all}", "/%2500"), Err(PathEscape::Invalid(InvalidPath::EncodedNul)));
    }

    #[test]
    fn says_what_is_wrong_with_a_rewrite() {
        let said = |found: Result<Rewrite, InvalidRewrite>| found.unwrap_err().to_string();
        assert!(said(Rewrite::regex("(", "x")).contains("at byte 0"));
        assert!(said(Rewrite::regex("(?<id>a)", "$idx")).contains("write `${id}`"));
        assert!(said(Rewrite::regex("(a)", "$1x")).contains("write `${1}`"));
        assert!(said(Rewrite::regex("(a)", "$2")).contains("no named groups"));
        assert!(said(Rewrite::regex("(a)", "a$")).contains("`$$`"));
        assert!(said(Rewrite::regex("a", "?")).contains("query"));
        assert!(said(Rewrite::template("/a/{x")).contains("no partner"));
        assert!(said(Rewrite::template("/a/../{x}")).contains("`/x`"));
        assert!(said(Rewrite::template("{x}/a")).contains("starts with `/`"));
        assert!(said(Rewrite::template("/a%2Fb")).contains("encoded separator"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn the_upstream_path_stays_below_its_base(
            raw in hostile(),
            rules in any_rules(),
            base in prop::sample::select(vec!["", "/", "/base", "/base/", "/b/c"]),
            which in 0..7_usize,
        ) {
            let Ok(Normalised::Path(path)) = NormalPath::parse(&raw, &rules) else { return Ok(()) };
            let rewrite = match which {
                0 => Rewrite::StripPrefix(prefix("/a")),
                1 => Rewrite::ReplacePrefix { from: prefix("/a"), to: prefix("/x") },
                2 => Rewrite::regex("^/a|b/", "").unwrap(),
                3 => Rewrite::regex("%25|[a2]", "%").unwrap(),
                4 => Rewrite::regex("/([^/]*)/", "${1}.").unwrap(),
                5 => Rewrite::template("/x/.{rest}").unwrap(),
                _ => Rewrite::template("{rest}").unwrap_or(Rewrite::StripPrefix(prefix("/b"))),
            };
            let Some(params) = Params::of(&Arc::new(PathPattern::template("/{*rest}").unwrap()), &path) else { return Ok(()) };
            if let Ok(rewritten) = rewrite.apply(&path, &params) {
                let keep = PathRules { merge_slashes: false, ..KEEP };
                prop_assert_eq!(NormalPath::parse(rewritten.as_str(), &keep), Ok(Normalised::Path(rewritten.clone())));
                // Whoever resolves the joined path ends below the base.
                let joined = join_base(base, &rewritten);
                let resolved = plain(&joined, keep).unwrap();
                prop_assert_eq!(&resolved, &joined);
                prop_assert!(resolved.starts_with(base.trim_end_matches('/')));
                prop_assert!(!rewritten.has_encoded_separator() || path.has_encoded_separator());
            }
        }
    }
}
