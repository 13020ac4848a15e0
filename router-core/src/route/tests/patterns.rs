//! Path patterns that cannot be read say where and why.

use super::*;

fn said(found: Result<PathPattern, InvalidPattern>) -> String {
    found.unwrap_err().to_string()
}

#[test]
fn normalises_patterns_as_it_does_paths() {
    assert_eq!(PathPattern::exact("/%7ea/\u{e9}").unwrap().as_str(), "/~a/%C3%A9");
    assert_eq!(answer(&table(&["/%7e{x}/\u{e9}"]), "GET /~1/%c3%a9", &[]), "0");
    assert_eq!(answer(&table(&["/{{{x}}}"]), "GET /{1}", &[]), "0");
    assert_eq!(PathPattern::prefix("/foo/").unwrap(), PathPattern::prefix("/foo").unwrap());
}

#[test]
fn says_what_a_path_would_be() {
    assert!(said(PathPattern::exact("/a/../b")).contains("`/b`; write that"));
    assert!(said(PathPattern::prefix("/a//b")).contains("`/a/b`"));
    assert!(said(PathPattern::exact("/a/{id}")).contains("which only a template has"));
    assert!(said(PathPattern::exact("/a?x=1")).contains("match a query with `query`"));
    assert!(said(PathPattern::exact("a")).contains("starts with `/`"));
}

#[test]
fn says_what_is_wrong_with_a_template_and_where() {
    for (text, at, expected) in [
        ("{id}", 0, "starts with `/`"),
        ("/a/{id", 3, "partner"),
        ("/a/id}", 5, "partner"),
        ("/a/{}", 3, "name of a parameter"),
        ("/a/{1d}", 3, "name of a parameter"),
        ("/a/{i-d}", 3, "name of a parameter"),
        ("/{id}/{id}", 6, "another parameter `id`"),
        ("/{a}{b}", 4, "put text between"),
        ("/{*rest}/a", 9, "takes all that is left"),
        ("/a{*rest}", 2, "whole segments"),
        ("/{*rest}a", 1, "whole segments"),
        ("/a//{b}", 3, "two slashes"),
        ("/a/../{b}", 3, "removed from every path"),
        ("/{a}/%2e", 5, "removed from every path"),
        ("/{a}/%zz", 5, "hexadecimal"),
        ("/{a}/b?c", 6, "match a query"),
        ("/{a}%{b}", 1, "hexadecimal"),
        ("/{a}\\b", 1, "/b"),
    ] {
        let invalid = PathPattern::template(text).unwrap_err();
        assert!(invalid.to_string().contains(expected), "{text}: {invalid}");
        assert_eq!(invalid.at, at, "{text}: {invalid}");
    }
    let many: String = (0..17).map(|n| format!("/{{p{n}}}")).collect();
    assert!(said(PathPattern::template(&many)).contains("more than 16"));
}

#[test]
fn says_what_is_wrong_with_a_regex_and_where() {
    for (text, at, expected) in [
        ("/a(b", 2, "without closing"),
        ("/a)(b", 2, "without matching"),
        ("/a/(?=b)", 5, "look-around"),
        (r"/(a)\1", 5, "backreferences"),
        ("/a/[b", 4, "class"),
        ("+/a", 0, "must be applied to"),
        (r"/\p{L}", 2, "Unicode"),
    ] {
        let invalid = PathPattern::regex(text).unwrap_err();
        assert!(invalid.to_string().contains(expected), "{text}: {invalid}");
        assert_eq!(invalid.at, at, "{text}: {invalid}");
    }
    assert!(said(PathPattern::regex(r"/(\w{100}){100}")).contains("too large"));
    assert!(said(PathPattern::regex(&format!("/{}", "a".repeat(MAX_REGEX_LENGTH)))).contains("limit is 1024"));
}

#[test]
fn keeps_verbose_regexes_whole() {
    assert_eq!(answer(&table(&["~(?x)/a#comment"]), "GET /a", &[]), "0");
    assert_eq!(answer(&table(&["~(?x)/a#comment"]), "GET /ab", &[]), "404");
}
