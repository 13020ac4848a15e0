//! Every rule of `precedence.rs`, by its name: the winner is declared last, so declaration alone would choose the other.

use super::*;

/// Asserts that of two routes that both match, the second wins, whichever is declared first, and by which rule.
fn beats(winner: &str, loser: &str, line: &str, rule: Rule) {
    let headers = [("x", "1"), ("y", "1")];
    for (routes, expected) in [([loser, winner], 1_u32), ([winner, loser], 0)] {
        let table = table(&routes);
        let request = request(line, &headers);
        assert_eq!(short(&table.find(&request.asked())), expected.to_string(), "{winner} over {loser}");
        let explained = table.explain(&request.asked());
        let lost = Verdict::Lost(Reason::Outranked { by: RouteIndex(expected), rule });
        assert_eq!(explained[1].verdict, lost, "{winner} over {loser}");
    }
}

#[test]
fn higher_priority_beats_everything() {
    beats("+1 /**", "GET a.test /foo x=1 ?q=1", "GET a.test/foo?q=1", Rule::Priority);
    beats("+2 ~/.*", "+1 a.test /foo", "GET a.test/foo", Rule::Priority);
    beats("/**", "+-1 a.test /foo", "GET a.test/foo", Rule::Priority);
}

#[test]
fn exact_host_beats_wildcard() {
    beats("a.test /**", "*.test /foo", "GET a.test/foo", Rule::Host);
}

#[test]
fn longer_wildcard_beats_shorter() {
    beats("*.b.test /**", "*.test GET /foo", "GET a.b.test/foo", Rule::Host);
}

#[test]
fn wildcard_beats_any_host() {
    beats("*.test ~/.*", "GET /foo", "GET a.test/foo", Rule::Host);
}

#[test]
fn host_beats_path() {
    beats("a.test ~/f.*", "/foo", "GET a.test/foo", Rule::Host);
}

#[test]
fn exact_path_beats_template() {
    beats("/users/me", "/users/{id}", "GET /users/me", Rule::Path);
}

#[test]
fn exact_path_beats_prefix_of_the_same_segments() {
    beats("/foo", "/foo/**", "GET /foo", Rule::Path);
}

#[test]
fn literal_segment_beats_literal_with_parameter() {
    beats("/v1/{x}", "/v{n}/{x}", "GET /v1/a", Rule::Path);
}

#[test]
fn literal_with_parameter_beats_parameter() {
    beats("/v{n}", "/{x}", "GET /v1", Rule::Path);
    beats("/{x}.json", "/{x}", "GET /a.json", Rule::Path);
}

#[test]
fn more_literal_text_beats_less() {
    beats("/{x}.tar.gz", "/{x}.gz", "GET /a.tar.gz", Rule::Path);
    beats("/v{major}.{minor}", "/v{version}", "GET /v1.2", Rule::Path);
}

#[test]
fn the_leftmost_difference_decides() {
    beats("/a/{x}/{y}", "/{x}/b/c", "GET /a/b/c", Rule::Path);
    beats("/admin/**", "/{tenant}/{resource}", "GET /admin/users", Rule::Path);
}

#[test]
fn closed_template_beats_rest_and_prefix() {
    beats("/a/{x}", "/a/{*rest}", "GET /a/b", Rule::Path);
    beats("/a/{x}", "/a/**", "GET /a/b", Rule::Path);
}

#[test]
fn more_segments_beat_fewer_among_prefixes() {
    beats("/a/b/**", "/a/**", "GET /a/b/c", Rule::Path);
    beats("/a/{x}/{*rest}", "/a/{*rest}", "GET /a/b/c", Rule::Path);
    beats("/a/**", "/**", "GET /a", Rule::Path);
}

#[test]
fn rest_beats_prefix_of_the_same_segments() {
    beats("/a/{*rest}", "/a/**", "GET /a/b", Rule::Path);
}

#[test]
fn everything_beats_regex() {
    beats("/**", "~/foo", "GET /foo", Rule::Path);
    beats("/{*rest}", "~/foo", "GET /foo", Rule::Path);
}

#[test]
fn path_as_written_beats_other_trailing_slash() {
    beats("/foo/", "/foo GET slash:redirect", "GET /foo/", Rule::TrailingSlash);
    beats("/foo/", "/foo GET slash:ignore", "GET /foo/", Rule::TrailingSlash);
}

#[test]
fn path_beats_method() {
    beats("/foo", "GET /foo/**", "GET /foo", Rule::Path);
}

#[test]
fn named_method_beats_any_method() {
    beats("GET /foo", "/foo x=1 y=1 ?q=1", "GET /foo?q=1", Rule::Method);
}

#[test]
fn more_headers_beat_fewer() {
    beats("/foo x=1 y=1", "/foo x=1 ?q=1 ?r=1", "GET /foo?q=1&r=1", Rule::Headers);
}

#[test]
fn more_query_parameters_beat_fewer() {
    beats("/foo x=1 ?q=1 ?r=1", "/foo y=1 ?q=1", "GET /foo?q=1&r=1", Rule::Query);
}

#[test]
fn earlier_declaration_beats_later() {
    let twins = table(&["/foo x=1", "/foo y=1"]);
    let request = request("GET /foo", &[("x", "1"), ("y", "1")]);
    assert_eq!(short(&twins.find(&request.asked())), "0");
    let lost = Verdict::Lost(Reason::Outranked { by: RouteIndex(0), rule: Rule::Declaration });
    assert_eq!(twins.explain(&request.asked())[1].verdict, lost);
}

#[test]
fn length_of_text_and_names_decide_nothing() {
    beats_by_declaration("/{a}", "/{a_long_name}", "GET /x");
    beats_by_declaration("~/.*", "~/a.*|/b.*|/c.*", "GET /abc");
    beats_by_declaration("~/a.*|/b.*|/c.*", "~/.*", "GET /abc");
}

fn beats_by_declaration(first: &str, second: &str, line: &str) {
    assert_eq!(answer(&table(&[first, second]), line, &[]), "0");
}
