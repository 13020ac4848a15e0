//! Explanations.

use super::*;

fn explained(routes: &[&str], line: &str, headers: &[(&str, &str)]) -> Vec<(u32, Verdict)> {
    let request = request(line, headers);
    table(routes)
        .explain(&request.asked())
        .into_iter()
        .map(|candidate| (candidate.index.0, candidate.verdict))
        .collect()
}

#[test]
fn gives_the_first_condition_that_does_not_hold() {
    let routes = ["b.test /a", "a.test /b", "POST /a x=2", "/a x=2 ?q=2", "/a ?q=2", "/a", "a.test /a/**"];
    let lost = Verdict::Lost;
    assert_eq!(
        explained(&routes, "GET a.test/a?q=1", &[("x", "1")]),
        [
            (6, Verdict::Won),
            (5, lost(Reason::Outranked { by: RouteIndex(6), rule: Rule::Host })),
            (4, lost(Reason::Query("q".to_owned()))),
            (3, lost(Reason::Header("x".to_owned()))),
            (2, lost(Reason::Method)),
            (1, lost(Reason::Path)),
            (0, lost(Reason::Host)),
        ]
    );
}

#[test]
fn speaks_of_the_path_that_came_furthest() {
    let request = request("GET /b", &[]);
    let explained = table(&["/a /b /c POST"]).explain(&request.asked());
    assert_eq!((explained[0].pattern.as_str(), &explained[0].verdict), ("/b", &Verdict::Lost(Reason::Method)));
}

#[test]
fn tells_a_redirect_from_an_answer() {
    assert_eq!(explained(&["/a slash:redirect"], "GET /a/", &[])[0].1, Verdict::Redirects);
}
