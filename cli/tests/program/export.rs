//! `tidegate export`.

use serde_json::json;

use crate::support::{run, run_on};

#[test]
fn the_document_is_printed_as_json_with_its_references_as_they_stand() {
    let config = "name: edge # a comment\nupstreams: {u: {targets: [{url: 'http://${env:TIDEGATE_TEST_NOT_SET}'}]}}\nroutes: [{name: a, to: {upstream: u}}]";
    let run = run_on(config, &["export", "-"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let expected = json!({
        "name": "edge",
        "upstreams": {"u": {"targets": [{"url": "http://${env:TIDEGATE_TEST_NOT_SET}"}]}},
        "routes": [{"name": "a", "to": {"upstream": "u"}}],
    });
    assert_eq!(run.json(), expected);
    assert_eq!(run.out.lines().count(), 1);
    assert!(run.err.contains("variable-missing"), "{}", run.err);
}

#[test]
fn what_it_prints_is_a_good_configuration_itself() {
    let exported = run(&["export", "--pretty", "--platform", "workers"]);
    let again = run_on(&exported.out, &["export", "-"]);
    assert_eq!((again.json(), again.code), (exported.json(), 0));
}

#[test]
fn a_bad_document_is_not_printed() {
    let run = run_on("routes: [{name: a, to: {upstream: b}}]", &["export", "-"]);
    assert_eq!((run.out.as_str(), run.code), ("", 1));
    assert!(run.err.contains("error[unknown-upstream]"), "{}", run.err);
}
