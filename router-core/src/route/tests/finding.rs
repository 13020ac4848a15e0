//! Finding, by example.

use super::*;

#[test]
fn matches_prefixes_by_segment() {
    let table = table(&["/foo/**"]);
    for (path, expected) in [("/foo", "0"), ("/foo/", "0"), ("/foo/bar", "0"), ("/foobar", "404"), ("/", "404")] {
        assert_eq!(answer(&table, &format!("GET {path}"), &[]), expected, "{path}");
    }
}

#[test]
fn agrees_with_the_table_that_traefik_arrived_at() {
    let table = table(&["/foo/bar", "/foo/**", "/bar"]);
    for (path, expected) in [("/foo%2Fbar", "404"), ("/foo/%2E%2E/bar", "2"), ("/foo/../bar", "2"), ("/%66oo/bar", "0")]
    {
        assert_eq!(answer(&table, &format!("GET {path}"), &[]), expected, "{path}");
    }
}

#[test]
fn takes_one_segment_for_a_parameter_and_one_or_more_for_the_rest() {
    let table = table(&["/u/{id}", "/f/{*rest}", "/r/{a}/x/{*rest}"]);
    for (path, expected) in [
        ("/u/1", "0"),
        ("/u/", "404"),
        ("/u", "404"),
        ("/u/1/", "404"),
        ("/u/a%2Fb", "0"),
        ("/f", "404"),
        ("/f/", "404"),
        ("/f/a", "1"),
        ("/f/a/b/", "1"),
        ("/r/1/x/2", "2"),
        ("/r//x/2", "404"),
    ] {
        assert_eq!(answer(&table, &format!("GET {path}"), &[]), expected, "{path}");
    }
}

#[test]
fn names_the_values_of_parameters() {
    for (pattern, path, expected) in [
        ("/users/{id}", "/users/42", vec![("id", "42")]),
        ("/{a}/{b}/{*rest}", "/1/2/3/4/", vec![("a", "1"), ("b", "2"), ("rest", "3/4/")]),
        ("/v{major}.{minor}", "/v1.2.3", vec![("major", "1"), ("minor", "2.3")]),
        ("/{name}.{ext}", "/..a", vec![("name", "."), ("ext", "a")]),
        ("/{name}@{host}/x", "/%40@b@c/x", vec![("name", "%40"), ("host", "b@c")]),
        ("/a{x}2F{y}", "/ab%2F2Fc", vec![("x", "b%2F"), ("y", "c")]),
        ("~/log-(?<year>[0-9]{4})", "/log-2026", vec![("year", "2026")]),
        ("~/(?<year>[0-9]{4})(/(?<month>[0-9]+))?", "/2026", vec![("year", "2026"), ("month", "")]),
        ("~/(?<year>[0-9]{4})(/(?<month>[0-9]+))?", "/2026/7", vec![("year", "2026"), ("month", "7")]),
        ("/exact", "/exact", vec![]),
    ] {
        let request = request(&format!("GET {path}"), &[]);
        let Finding::Route(found) = table(&[pattern]).find(&request.asked()) else { panic!("{pattern} {path}") };
        assert_eq!(found.params.iter(&request.path).collect::<Vec<_>>(), expected, "{pattern} {path}");
        assert_eq!(found.pattern(), pattern.trim_start_matches('~'));
        assert_eq!(found.params.get(&request.path, "nobody"), None);
    }
}

#[test]
fn matches_the_whole_path_with_a_regex() {
    let table = table(&["~/api/v[0-9]+", "~a|/b", "~/c$|/d"]);
    for (path, expected) in [
        ("/api/v12", "0"),
        ("/api/v12/x", "404"),
        ("/x/api/v1", "404"),
        ("/b", "1"),
        ("/ab", "404"),
        ("/c", "2"),
        ("/dx", "404"),
    ] {
        assert_eq!(answer(&table, &format!("GET {path}"), &[]), expected, "{path}");
    }
}

#[test]
fn finds_a_regex_by_any_spelling_of_its_beginning() {
    for regex in [
        "/a/b/.*",
        "^/a/b/c$",
        "/a/b.*",
        r"\/a\/b/c",
        "/a/x?b/c",
        "/(a)/b/c",
        "(?i)/A/B/C",
        "/a/b/c|/x",
        "/a+/b/c",
        "/a/b/{1}c",
    ] {
        assert_eq!(answer(&table(&[&format!("~{regex}")]), "GET /a/b/c", &[]), "0", "{regex}");
    }
}

#[test]
fn does_not_find_by_the_beginning_of_a_regex_alone() {
    for regex in
        [r"/a/b/^c", r"/a/b/c\b.", r"/a/b\b\Bc", "/a/b/c(?-u:x)?/", "/a/b/C", "/a/b/[^c]", "/a/b/", r"/a/b\A/c"]
    {
        assert_eq!(answer(&table(&[&format!("~{regex}")]), "GET /a/b/c", &[]), "404", "{regex}");
    }
}

#[test]
fn falls_through_to_wider_hosts() {
    let table = table(&["a.test /x", "*.test /y", "/z"]);
    for (target, expected) in [
        ("a.test/x", "0"),
        ("a.test/y", "1"),
        ("a.test/z", "2"),
        ("b.test/x", "404"),
        ("test/y", "404"),
        ("/x", "404"),
        ("/z", "2"),
    ] {
        assert_eq!(answer(&table, &format!("GET {target}"), &[]), expected, "{target}");
    }
}

#[test]
fn compares_hosts_without_case_port_and_final_dot() {
    let table = table(&["a.test", "[2001:db8::1]"]);
    for (host, expected) in [
        ("A.Test", "0"),
        ("a.test:8443", "0"),
        ("a.test.", "0"),
        ("A.TEST.:80", "0"),
        ("a.test:x", "404"),
        ("a.test..", "404"),
        ("[2001:DB8:0::1]:443", "1"),
        ("[2001:db8::2]", "404"),
        ("[2001:db8::1", "404"),
    ] {
        assert_eq!(answer(&table, &format!("GET {host}/"), &[]), expected, "{host}");
    }
}

#[test]
fn answers_405_with_the_methods_that_would_do() {
    let table = table(&["GET /a", "PROPFIND POST /a x=1", "QUERY /**"]);
    assert_eq!(answer(&table, "DELETE /a", &[]), "405 GET, HEAD, QUERY");
    assert_eq!(answer(&table, "DELETE /a", &[("x", "1")]), "405 GET, HEAD, POST, PROPFIND, QUERY");
    assert_eq!(answer(&table, "QUERY /a", &[]), "2");
    assert_eq!(answer(&table, "HEAD /a", &[]), "0");
    assert_eq!(answer(&table, "GET /b", &[]), "405 QUERY");
    assert_eq!(answer(&table, "get /b", &[]), "405 QUERY");
}

#[test]
fn answers_404_where_more_than_the_method_is_missing() {
    assert_eq!(answer(&table(&["POST /a x=1"]), "GET /a", &[]), "404");
    assert_eq!(answer(&table(&["POST /a ?x=1"]), "GET /a?x=2", &[]), "404");
    assert_eq!(answer(&table(&[]), "GET /", &[]), "404");
}

#[test]
fn matches_headers_joined_as_a_list() {
    let table = table(&["/1 x=a,b", "/2 x=~a,.b", "/3 x=", "/4 x=!", "/5 cookie=~a=1;.b=2"]);
    let list = [("x", "a"), ("x", "b")];
    assert_eq!(answer(&table, "GET /1", &[("x", "a,b")]), "0");
    assert_eq!(answer(&table, "GET /1", &list), "404");
    assert_eq!(answer(&table, "GET /2", &list), "1");
    assert_eq!(answer(&table, "GET /2", &[("x", "a, b")]), "1");
    assert_eq!(answer(&table, "GET /3", &[("x", "")]), "2");
    assert_eq!(answer(&table, "GET /3", &[]), "404");
    assert_eq!(answer(&table, "GET /4", &[]), "3");
    assert_eq!(answer(&table, "GET /4", &list), "404");
    assert_eq!(answer(&table, "GET /5", &[("cookie", "a=1"), ("cookie", "b=2")]), "4");
}

#[test]
fn matches_header_values_that_are_not_text() {
    let mut asked = request("GET /", &[]);
    asked.headers.insert("x", HeaderValue::from_bytes(b"caf\xE9").unwrap());
    for (route, expected) in [("/ x=", "0"), ("/ x=~.*", "404"), ("/ x=caf", "404"), ("/ x=!", "404")] {
        assert_eq!(short(&table(&[route]).find(&asked.asked())), expected, "{route}");
    }
}

#[test]
fn matches_any_value_of_a_decoded_query_parameter() {
    let table = table(&["/1 ?q=b", "/2 ?q=", "/3 ?q=!", "/4 ?q=~a.b", "/5 ?a&b"]);
    for (target, expected) in [
        ("/1?q=a&q=b", "0"),
        ("/1?q=%62", "0"),
        ("/1?%71=b", "0"),
        ("/1?x=q=b", "404"),
        ("/1?q=b%", "404"),
        ("/1", "404"),
        ("/2?q", "1"),
        ("/2?&q=&", "1"),
        ("/2?", "404"),
        ("/3?p=1", "2"),
        ("/3?q", "404"),
        ("/4?q=a+b", "3"),
        ("/4?q=a%20b", "3"),
        ("/4?q=%FFab", "404"),
        ("/5?a%26b=1", "4"),
    ] {
        assert_eq!(answer(&table, &format!("GET {target}"), &[]), expected, "{target}");
    }
}

#[test]
fn treats_a_slash_at_the_end_as_told() {
    let table = table(&[
        "/exact",
        "/ignore slash:ignore",
        "/u/{id}/ slash:redirect",
        "GET /r slash:redirect",
        "/p/** slash:redirect",
    ]);
    for (line, expected) in [
        ("GET /exact/", "404"),
        ("GET /ignore", "1"),
        ("GET /ignore/", "1"),
        ("GET /u/1/", "2"),
        ("GET /u/1", "308 2 /u/1/"),
        ("GET /u/", "404"),
        ("GET /r", "3"),
        ("GET /r/", "308 3 /r"),
        ("POST /r/", "405 GET, HEAD"),
        ("GET /p", "4"),
        ("GET /p/", "4"),
    ] {
        assert_eq!(answer(&table, line, &[]), expected, "{line}");
    }
}

#[test]
fn ignores_headers_for_a_preflight_but_nothing_else() {
    let table = table(&["PUT a.test /a x=1 ?q=1", "PUT /a"]);
    let path = request("GET /a", &[]).path;
    let ask = |host, query, method| short(&table.find_for_preflight(host, &path, query, &method));
    assert_eq!(ask(Some("a.test"), Some("q=1"), Method::PUT), "0");
    assert_eq!(ask(Some("a.test"), None, Method::PUT), "1");
    assert_eq!(ask(None, Some("q=1"), Method::PUT), "1");
    assert_eq!(ask(None, None, Method::DELETE), "405 PUT");
}

#[test]
fn matches_everything_with_a_route_that_names_nothing() {
    let table = table(&[""]);
    assert_eq!(answer(&table, "FOO any.test//a//?b", &[]), "0");
    assert_eq!(table.len(), 1);
}
