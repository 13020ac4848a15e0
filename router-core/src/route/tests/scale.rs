//! What finding costs, counted in nodes rather than measured in time.

use super::{
    trie::{Reached, Trie},
    *,
};

fn visited(patterns: &[String], path: &str) -> (usize, usize, usize) {
    let mut trie = Trie::default();
    let root = trie.plant();
    for (rank, pattern) in (0..).zip(patterns) {
        trie.add(root, &PathPattern::template(pattern).unwrap(), rank);
    }
    let mut matches = 0;
    let nodes = trie.walk(root, path, u32::MAX, |reached: Reached<'_>| {
        matches += reached.closed.len() + reached.rest.len();
        u32::MAX
    });
    (nodes, matches, trie.len())
}

#[test]
fn visits_as_many_nodes_as_the_path_has_segments() {
    let patterns: Vec<String> = (0..5000).map(|n| format!("/api/v1/resource{n}/{{id}}/parts/{{part}}")).collect();
    assert_eq!(visited(&patterns, "/api/v1/resource4711/1/parts/2"), (7, 1, 3 + 5000 * 4));
    assert_eq!(visited(&patterns, "/api/v1/resource5000/1/parts/2").0, 3);
}

#[test]
fn does_not_try_all_patterns_with_a_common_segment() {
    let patterns: Vec<String> = (0..5000).map(|n| format!("/kind{n:04}-{{id}}")).collect();
    assert_eq!(visited(&patterns, "/kind0042-x").0, 2);
}

#[test]
fn visits_no_node_twice_however_the_path_is_made() {
    // All ways of choosing text or a parameter for twelve segments, and paths that fit all of them but for the end.
    let patterns: Vec<String> = (0..1_u32 << 12)
        .map(|bits| {
            (0..12)
                .map(|at| if bits >> at & 1 == 1 { "/a".to_owned() } else { format!("/{{p{at}}}") })
                .collect::<String>()
                + "/end"
        })
        .collect();
    let path = "/a".repeat(12);
    for end in ["/end", "/other", "", "/", "/a/a/a/a/a"] {
        let (nodes, matches, all) = visited(&patterns, &format!("{path}{end}"));
        assert!(nodes <= all, "{nodes} of {all}");
        assert_eq!(matches, if end == "/end" { 1 << 12 } else { 0 });
    }
}

#[test]
fn costs_no_more_for_a_longer_path_than_the_table_is_deep() {
    let patterns = ["/{a}/{b}/{c}".to_owned(), "/{a}/x/{*rest}".to_owned(), "/{a}-{b}-{c}/{*rest}".to_owned()];
    let deep = format!("/{}", "x-x-x/".repeat(10_000));
    assert!(visited(&patterns, &deep).0 <= 8);
    let wide = format!("/{}", "-".repeat(60_000));
    assert!(visited(&patterns, &wide).0 <= 8);
}

#[test]
fn builds_large_tables_of_equal_paths_within_its_budget() {
    // Comparing every two of these would take two hundred million comparisons; the budget allows one million.
    let routes = (0..20_000).map(|n| route(&format!("/same x={n}"))).collect();
    let (table, overlaps) = Table::build(routes);
    assert!(overlaps.is_empty());
    assert_eq!(answer(&table, "GET /same", &[("x", "19999")]), "19999");
}
