//! Help, completions, colours and wrong use.

use crate::support::{run, run_on};

#[test]
fn wrong_use_ends_with_2_and_says_what_was_expected() {
    let cases: [(&[&str], &str); 8] = [
        (&["chek"], "check"),
        (&["check", "--format", "yaml"], "[possible values: text, json]"),
        (&["check", "--platform", "mars"], "[possible values: native, workers, spin]"),
        (&["explain", "G ET", "/"], "expected a token such as GET"),
        (&["explain", "GET", "example.com/a"], "expected a URL that starts with `http://`"),
        (&["explain", "GET", "/", "-H", "novalue"], "expected `name: value`"),
        (&["explain", "GET", "/", "--from", "here"], "invalid IP address"),
        (&["--config", "a.yaml", "check"], "`--config` stands behind the command it is for"),
    ];
    for (arguments, expected) in cases {
        let run = run(arguments);
        assert_eq!((run.out.as_str(), run.code), ("", 2), "{arguments:?}");
        assert!(run.err.contains(expected), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn help_has_examples_for_every_command_that_takes_arguments() {
    for command in ["check", "explain", "export", "completions"] {
        let help = run(&[command, "--help"]).out;
        assert!(help.contains(&format!("Examples:\n  tidegate {command}")), "{help}");
    }
    let help = run(&["--help"]).out;
    for word in ["serve", "check", "explain", "schema", "export", "completions", "Exit codes: 0 good"] {
        assert!(help.contains(word), "{help}");
    }
}

#[test]
fn every_shell_gets_a_completion_script() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("tidegate") && run.out.contains("explain"), "{shell}: {}", run.out);
    }
}

#[test]
fn colours_are_written_only_where_they_are_wanted() {
    let config = "routes: [{name: a, to: {upstream: b}}]";
    assert!(!run_on(config, &["check", "-"]).out.contains('\u{1b}'));
    assert!(run_on(config, &["check", "-", "--color", "always"]).out.contains('\u{1b}'));
    assert!(run_on(config, &["--color", "always", "check", "-"]).out.contains('\u{1b}'));
    assert!(!run_on(config, &["check", "-", "--color", "never"]).out.contains('\u{1b}'));
}
