//! The example at the root, which a newcomer meets first.

use crate::support::{root, run};

#[test]
fn the_example_is_good_on_every_platform_without_a_warning() {
    let run =
        run(&["check", "--platform", "native", "--platform", "workers", "--platform", "spin", "--warnings", "deny"]);
    assert_eq!((run.out.as_str(), run.code), ("tidegate.yaml is good: 5 routes, 0 upstreams.\n", 0));
}

#[test]
fn what_is_commented_out_in_it_is_good_as_well() {
    let example = std::fs::read_to_string(root().join("tidegate.yaml")).unwrap();
    let mut uncommented = String::new();
    let mut in_code = false;
    for line in example.lines() {
        // A comment with a key opens a block; prose never ends in a colon there.
        let inner = line.trim_start().strip_prefix("# ");
        in_code = match inner {
            Some(inner) => in_code || ["addresses:", "upstreams:"].contains(&inner),
            None => false,
        };
        let indent = line.len() - line.trim_start().len();
        match inner {
            Some(inner) if in_code => uncommented.push_str(&format!("{}{inner}\n", " ".repeat(indent))),
            _ => uncommented.push_str(&format!("{line}\n")),
        }
    }
    assert_ne!(uncommented, example);
    let run = crate::support::run_on(&uncommented, &["check", "-", "--warnings", "deny"]);
    assert!(run.out.starts_with("standard input is good: 5 routes, 1 upstream."), "{}", run.out);
}

#[test]
fn its_head_names_the_schema_for_editors() {
    let example = std::fs::read_to_string(root().join("tidegate.yaml")).unwrap();
    assert!(example.starts_with("# yaml-language-server: $schema=./tidegate.schema.json\n"));
}
