//! `tidegate check`.

use serde_json::json;

use crate::support::{run, run_on};

const MISSPELT: &str = "\
name: edge
filtre: {}
routes:
  - name: users
    math: {}
    to: {echo: {}}
  - name: 8080
    to: {eco: {}}
";

#[test]
fn every_mistake_is_reported_at_once_with_its_place_and_what_to_do() {
    let run = run_on(MISSPELT, &["check", "-"]);
    assert_eq!(run.code, 1, "{}", run.err);
    for place in ["standard input:2:1", "standard input:5:5", "standard input:7:11", "standard input:8:10"] {
        assert!(run.out.contains(place), "{place} is missing:\n{}", run.out);
    }
    for help in
        [r#"did you mean "filter"?"#, r#"did you mean "match"?"#, r#"quote it: "8080""#, r#"did you mean "echo"?"#]
    {
        assert!(run.out.contains(help), "{help} is missing:\n{}", run.out);
    }
    assert!(run.out.ends_with("4 errors in standard input\n"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "colours in a pipe");
    assert_eq!(run.err, "");
}

#[test]
fn mistakes_of_meaning_are_reported_at_once_too() {
    let config = "name: 'no token'\nupstreams: {shop: {targets: [{url: shop.test}]}}\nroutes: [{name: a, to: {upstream: shopp}}]\n";
    let run = run_on(config, &["check", "-"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("standard input:1:7") && run.out.contains("standard input:2:36"), "{}", run.out);
    assert!(
        run.out.contains("did you mean `shop`?") && run.out.ends_with("3 errors in standard input\n"),
        "{}",
        run.out
    );
}

#[test]
fn json_has_the_same_for_tools() {
    let run = run_on(MISSPELT, &["check", "-", "--format", "json"]);
    assert_eq!(run.code, 1);
    let report = run.json();
    assert_eq!((&report["good"], &report["errors"], &report["warnings"]), (&json!(false), &json!(4), &json!(0)));
    let first = &report["diagnostics"][0];
    assert_eq!((&first["line"], &first["column"]), (&json!(2), &json!(1)));
    assert_eq!((&first["code"], &first["path"]), (&json!("unknown-key"), &json!("filtre")));
    assert_eq!(first["help"], r#"did you mean "filter"?"#);
}

#[test]
fn a_good_file_says_what_it_is_and_where_it_runs() {
    let run = run_on(
        "upstreams: {u: {targets: [{url: 'http://u.test'}], host: client}}\nroutes: [{name: a, to: {upstream: u}}]",
        &["check", "-"],
    );
    let expected = "standard input is good: 1 route, 1 upstream. It runs on native, but not on workers, spin (--platform workers says why).\n";
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), (expected, "", 0));
}

#[test]
fn a_platform_refuses_what_it_cannot_do() {
    let socket = "upstreams: {u: {targets: [{url: 'http://u.test'}]}}\nroutes: [{name: a, upgrade: [websocket], to: {upstream: u}}]";
    assert_eq!(run_on(socket, &["check", "-", "--platform", "native", "--platform", "workers"]).code, 0);
    let run = run_on(socket, &["check", "-", "--platform", "workers", "--platform", "spin"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[not-on-platform]: spin cannot pass WebSocket connections through"), "{}", run.out);
    assert!(run.out.contains("standard input:2:29"), "{}", run.out);
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let shadowed = "routes: [{name: a, to: {echo: {}}}, {name: b, to: {echo: {}}}]";
    let allowed = run_on(shadowed, &["check", "-"]);
    assert_eq!(allowed.code, 0);
    assert!(allowed.out.contains("warning[route-identical]"), "{}", allowed.out);
    assert!(allowed.out.contains("1 warning in standard input\nstandard input is good: 2 routes"), "{}", allowed.out);
    let denied = run_on(shadowed, &["check", "-", "--warnings", "deny"]);
    assert_eq!(denied.code, 1);
    assert!(denied.out.ends_with("Warnings are denied (--warnings deny).\n"), "{}", denied.out);
    assert_eq!(run_on(shadowed, &["check", "-", "--warnings", "deny", "--format", "json"]).json()["good"], false);
}

#[test]
fn a_variable_without_a_value_is_a_warning_here() {
    let config =
        "upstreams: {u: {targets: [{url: '${env:TIDEGATE_TEST_NOT_SET}'}]}}\nroutes: [{name: a, to: {upstream: u}}]";
    let checked = run_on(config, &["check", "-"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert!(
        checked.out.contains("warning[variable-missing]: `${env:TIDEGATE_TEST_NOT_SET}` has no value here"),
        "{}",
        checked.out
    );
}

#[test]
fn what_cannot_be_read_is_said_in_one_sentence() {
    let missing = run(&["check", "no-such-file.yaml"]);
    let expected = "error: there is no file `no-such-file.yaml`; give the path of a configuration\n";
    assert_eq!((missing.out.as_str(), missing.err.as_str(), missing.code), ("", expected, 1));
    let folder = run(&["check", "cli"]);
    assert_eq!(folder.err, "error: `cli` is a directory; give the path of a configuration file in it\n");
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("binary.yaml");
    std::fs::write(&binary, b"name: \xff").unwrap();
    let binary = run(&["check", binary.to_str().unwrap()]);
    assert!(binary.err.contains("is not UTF-8 text: byte 6 cannot be read"), "{}", binary.err);
    assert_eq!(binary.code, 1);
}

#[test]
fn mistakes_of_the_cache_point_at_what_to_change() {
    let config = r#"
upstreams: {shop: {targets: [{url: "https://shop.test"}]}}
cache:
  rules:
    catalogue:
      ttl_by_status: {"704": 1s}
      tags: ["product:{id}"]
      vary_by: {query: {only: [a], without: [b]}}
  default: catalogue
routes:
  - {name: a, match: {paths: [{prefix: /a}]}, to: {upstream: shop}}
"#;
    let shape = run_on(config, &["check", "-"]);
    assert_eq!(shape.code, 1);
    assert!(shape.out.contains("standard input:8:36"), "{}", shape.out);
    let meaning = run_on(&config.replace(", without: [b]", ""), &["check", "-"]);
    assert_eq!(meaning.code, 1);
    // The key of the time, the match that lacks the parameter, and the tag that needs it.
    for place in ["standard input:6:23", "standard input:11:22", "standard input:7:14"] {
        assert!(meaning.out.contains(place), "{place} is missing:\n{}", meaning.out);
    }
}
