//! The runner itself: what is wrong must fail, and people must see why.

use std::rc::Rc;

use super::common::{all, folder, load};
use tidegate_tests::case::exchange::PlatformWord;
use tidegate_tests::case::{self, Case};
use tidegate_tests::exceptions::{Exception, Exceptions};
use tidegate_tests::report;

const IN_PROCESS: [PlatformWord; 2] = [PlatformWord::Memory, PlatformWord::Native];

fn excepting(case: &str, skip: bool) -> Exceptions {
    let (case, reason) = (case.to_owned(), "for the test".to_owned());
    Exceptions { list: vec![Exception { platform: PlatformWord::Memory, case, reason, skip }] }
}

fn good() -> Vec<Rc<Case>> {
    load(&folder("fixtures/good/cases"))
}

fn wrong() -> Vec<Rc<Case>> {
    load(&folder("fixtures/wrong/cases"))
}

#[test]
fn a_case_with_a_wrong_expectation_fails() {
    for platform in IN_PROCESS {
        let cases: Vec<_> = wrong().into_iter().filter(|case| case.runs_on(platform)).collect();
        let tally = all(platform, &cases, &Exceptions::default());
        let failed: Vec<&str> = tally.failed.iter().map(|(case, _)| case.id.as_str()).collect();
        let expected: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(failed, expected, "on {}", platform.as_str());
        assert_eq!(tally.line(), format!("{}: 0 passed, {} failed, 0 excepted", platform.as_str(), expected.len()));
    }
}

#[test]
fn a_failure_shows_the_readme_and_both_sides() {
    let cases: Vec<_> = wrong().into_iter().filter(|case| case.id == "route/wrong_status").collect();
    let text = report::details(&all(PlatformWord::Memory, &cases, &Exceptions::default()));
    for part in
        ["FAILED route/wrong_status on memory, step 1", "| Fails on purpose.", "- 404", "+ 200", "< hello", "logged {"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn a_failure_shows_what_the_upstream_saw() {
    let cases: Vec<_> = wrong().into_iter().filter(|case| case.id.ends_with("sees_another_target")).collect();
    let text = report::details(&all(PlatformWord::Native, &cases, &Exceptions::default()));
    for part in ["- /b", "+ /a", "the upstream saw GET /a", "> x-forwarded-proto: http"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn the_second_step_is_judged_as_well() {
    let cases: Vec<_> = wrong().into_iter().filter(|case| case.id == "route/second_step_is_wrong").collect();
    let tally = all(PlatformWord::Memory, &cases, &Exceptions::default());
    assert_eq!(tally.failed[0].1.step, 2);
}

#[test]
fn an_exception_whose_case_fails_is_used() {
    let cases: Vec<_> = wrong().into_iter().filter(|case| case.id == "route/wrong_body").collect();
    let tally = all(PlatformWord::Memory, &cases, &excepting("route/wrong_body", false));
    assert_eq!(tally.line(), "memory: 0 passed, 0 failed, 1 excepted");
    // It holds for one platform only.
    let tally = all(PlatformWord::Native, &cases, &excepting("route/wrong_body", false));
    assert_eq!(tally.line(), "native: 0 passed, 1 failed, 0 excepted");
}

#[test]
fn an_exception_whose_case_passes_fails_the_run() {
    let tally = all(PlatformWord::Memory, &good(), &excepting("route/says_hello", false));
    assert_eq!(tally.line(), "memory: 0 passed, 1 failed, 0 excepted");
    assert!(report::details(&tally).contains("take the exception out"));
    let tally = all(PlatformWord::Memory, &good(), &excepting("route/says_hello", true));
    assert_eq!(tally.line(), "memory: 0 passed, 0 failed, 1 excepted");
}

#[test]
fn every_mistake_in_a_case_is_reported_at_once_with_its_place() {
    let wrong = case::load(&folder("fixtures/malformed/cases")).unwrap_err().to_string();
    for part in [
        "kitchen: `kitchen` is no stage",
        "has_mistakes/tidegate.yaml:3:5",
        "unknown key \"mach\"",
        "has_mistakes/exchange.yaml:2:15",
        "did you mean \"target\"?",
        "has_mistakes/exchange.yaml:3:",
        "has_a_bad_rule/exchange.yaml:2:",
        "has_a_bad_rule/exchange.yaml:3:",
        "and only one of them",
        "Shouts: a case is named by a sentence",
        "notes.txt: a case has",
        "asks_too_much/exchange.yaml:1:8",
        "spin has no build for tests",
        "memory takes one request at a time",
        "spin cannot pass WebSocket",
        "asks_too_much/exchange.yaml:2:11",
        "native has no rate limiter of its own",
        "spin does not know where a client is",
        "a body is given in one way only",
        "expected pairs of hexadecimal digits",
    ] {
        assert!(wrong.contains(part), "{part} is not in:\n{wrong}");
    }
}

#[test]
fn exceptions_must_be_about_cases_that_run() {
    let cases: Vec<Case> = good().iter().map(|case| (**case).clone()).collect();
    let wrong = Exceptions::load(&folder("fixtures/exceptions.toml"), &cases).unwrap_err().join("\n");
    for part in ["route/none on memory: there is no such case", "an exception has a reason", "it is there twice"] {
        assert!(wrong.contains(part), "{part} is not in:\n{wrong}");
    }
}
