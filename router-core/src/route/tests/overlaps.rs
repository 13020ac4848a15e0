//! Warnings about routes that never win. That none of them is wrong is a property, in `properties.rs`.

use super::*;

fn overlaps(routes: &[&str]) -> Vec<String> {
    let (_, overlaps) = Table::build(routes.iter().map(|words| route(words)).collect());
    overlaps.iter().map(ToString::to_string).collect()
}

#[test]
fn warns_of_the_same_route_twice() {
    let said = overlaps(&["GET a.test /foo x=1", "GET a.test /foo x=1"]);
    assert_eq!(said, ["route 1 can never be reached: route 0 goes before it and matches the same requests"]);
    assert_eq!(overlaps(&["/{a}", "/{b}"]).len(), 1);
    assert_eq!(overlaps(&["~/a.*", "~/a.*"]).len(), 1);
    assert_eq!(overlaps(&["/a", "/a", "/a"]).len(), 2);
}

#[test]
fn warns_of_a_route_behind_a_wider_one() {
    let wider = "matches all of its requests";
    for routes in [
        ["+1 /**", "GET a.test /foo x=1"],
        ["+1 *.test /a/{x}/**", "b.a.test /a/b/c"]
            .map(|words| if words.contains("{x}/**") { "+1 *.test /a/{*r}" } else { words }),
        ["+1 /a/**", "/a/{x}"],
        ["+1 /a/**", "~/a/[0-9]+"],
        ["+1 /{x}", "/v{x}"],
        ["+1 /v{x}", "/v1"],
        ["+1 ~/v.*", "/v1"],
        ["+1 /foo x=", "/foo x=1"],
        ["+1 /foo x=~[0-9]", "/foo x=1 y=1"],
        ["GET /foo", "HEAD /foo"],
        ["+1 GET POST /foo", "GET /foo"],
        ["+1 /**", "/foo slash:ignore"],
        ["/foo/ GET", "/foo/ GET x=1 +-1"],
    ] {
        let said = overlaps(&routes);
        assert_eq!(said.len(), 1, "{routes:?}");
        assert!(said[0].starts_with("route 1 ") && said[0].ends_with(wider), "{said:?}");
    }
}

#[test]
fn names_the_part_that_is_not_reached() {
    let said = overlaps(&["a.test /foo", "a.test b.test /foo /bar"]);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("route 1 can never be reached on a.test with `/foo`"), "{said:?}");
}

#[test]
fn tells_each_part_that_stands_behind_a_route_of_its_own() {
    let said = overlaps(&["+1 /a", "+1 /b", "/a /b"]);
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("with `/a`: route 0") && said[1].contains("with `/b`: route 1"), "{said:?}");
    assert_eq!(overlaps(&["+1 /a", "+1 /a/", "/a slash:ignore"]).len(), 1);
}

#[test]
fn names_the_one_that_really_wins() {
    let (_, found) = Table::build(["+2 /**", "+1 /a/**", "/a/b"].map(route).into());
    assert_eq!(found.iter().map(|overlap| (overlap.route.0, overlap.by.0)).collect::<Vec<_>>(), [(1, 0), (2, 0)]);
}

#[test]
fn is_silent_about_routes_that_are_reached() {
    for routes in [
        ["/**", "/a"],
        ["/a/{*rest}", "/a/**"],
        ["+1 /a/{*rest}", "/a/**"],
        ["+1 /a/{*rest}", "/a/"],
        ["+1 /{x}", "/{*rest}"],
        ["+1 /{x}", "/x/"],
        ["GET /a", "POST /a"],
        ["/a x=1", "/a"],
        ["+1 /a x=1", "/a x="],
        ["+1 /a x=~1", "/a x=~[1]"],
        ["+1 /a x=~[0-9]", "/a x=b"],
        ["+1 a.test", "*.test"],
        ["+1 *.test", "test"],
        ["+1 *.test", "/a"],
        ["+1 /a/b/**", "~/a/b.*"],
        ["+1 /foo", "/foo slash:ignore"],
        ["/foo slash:ignore", "/foo/"],
    ] {
        assert_eq!(overlaps(&routes), [""; 0], "{routes:?}");
    }
    assert_eq!(overlaps(&["/a /a/**"]), [""; 0]);
}
