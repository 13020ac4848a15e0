//! What the benchmarks are run on: routes as a real gateway of that size has them, and requests for them.
//!
//! The mix follows public collections of REST paths: of twelve routes, three are exact, five are templates, three are prefixes, one has a
//! regular expression; one in six names its methods and one in twelve a header. Every hundred routes share a host.

use http::{HeaderName, Method};
use router_core::route::{HostPattern, Matcher, Methods, PathPattern, ValueMatch};

/// The sizes of tables, in routes.
pub const SIZES: [u32; 4] = [10, 1_000, 10_000, 100_000];

/// Routes in the mix above. All patterns are right, so none is ever left out.
#[must_use]
pub fn routes(count: u32) -> Vec<Matcher> {
    (0..count).filter_map(route).collect()
}

fn route(n: u32) -> Option<Matcher> {
    let area = format!("/api/v{}/area{}/resource{n}", n % 3 + 1, n / 12);
    let path = match n % 12 {
        0..3 => PathPattern::exact(&area),
        3..5 => PathPattern::template(&format!("{area}/{{id}}")),
        5 => PathPattern::template(&format!("{area}/{{id}}/parts/{{part}}")),
        6 => PathPattern::template(&format!("{area}/{{name}}.{{format}}")),
        7 => PathPattern::template(&format!("{area}/files/{{*path}}")),
        8..11 => PathPattern::prefix(&area),
        _ => PathPattern::regex(&format!("{area}/(?<year>[0-9]{{4}})/[a-z]+")),
    };
    let mut matcher =
        Matcher { paths: vec![path.ok()?], hosts: vec![HostPattern::parse(&host(n)).ok()?], ..Matcher::default() };
    if n.is_multiple_of(6) {
        matcher.methods = Methods::Only(vec![Method::GET, Method::POST]);
    }
    if n % 12 == 8 {
        matcher.headers.push((HeaderName::from_static("x-tenant"), ValueMatch::Present));
    }
    Some(matcher)
}

/// The host that a route is on.
#[must_use]
pub fn host(n: u32) -> String {
    match n / 100 % 4 {
        0 => format!("*.tenant{}.example", n / 100),
        _ => format!("host{}.example", n / 100),
    }
}

/// A host that the pattern of a route matches, and a path that the route answers.
#[must_use]
pub fn target(n: u32) -> (String, String) {
    let area = format!("/api/v{}/area{}/resource{n}", n % 3 + 1, n / 12);
    let path = match n % 12 {
        0..3 => area,
        3..5 => format!("{area}/4711"),
        5 => format!("{area}/4711/parts/a-b-c"),
        6 => format!("{area}/report.pdf"),
        7 => format!("{area}/files/2026/11/report.pdf"),
        8..11 => format!("{area}/anything/below"),
        _ => format!("{area}/2026/november"),
    };
    (host(n).replace("*.", "www."), path)
}

/// The same paths for a router that knows neither hosts nor regular expressions: its patterns, one for each route.
#[must_use]
pub fn plain_patterns(count: u32) -> Vec<String> {
    (0..count)
        .map(|n| {
            let area = format!("/api/v{}/area{}/resource{n}", n % 3 + 1, n / 12);
            match n % 12 {
                0..3 => area,
                3..5 => format!("{area}/{{id}}"),
                5 => format!("{area}/{{id}}/parts/{{part}}"),
                6 => format!("{area}/{{name}}"),
                7 => format!("{area}/files/{{*path}}"),
                _ => format!("{area}/{{*below}}"),
            }
        })
        .collect()
}
