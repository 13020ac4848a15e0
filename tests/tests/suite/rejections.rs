//! Every way in which the gateway says no has a case that shows it.

use super::common::{folder, load};

/// The codes that no case can provoke, and why.
const BEYOND_CASES: [(&str, &str); 2] = [
    ("no-target", "every upstream has a target, and none can be out of service as long as nothing takes targets out"),
    (
        "purge-unavailable",
        "the key-value store fails only where a test tells it to: adapters/memory/tests/cache_trouble.rs",
    ),
];

/// The codes as `rejection.rs` writes them: the one mapping to the wire has every code as a literal.
fn codes() -> Vec<String> {
    let source = std::fs::read_to_string(folder("../router-core/src/rejection.rs")).unwrap();
    let code = regex_lite::Regex::new(r#""([a-z]+(?:-[a-z]+)+|internal)""#).unwrap();
    let mut codes: Vec<String> = code.captures_iter(&source).map(|found| found[1].to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}

#[test]
fn every_problem_has_a_case_or_a_reason() {
    let cases = load(&folder("cases"));
    let steps = cases.iter().flat_map(|case| &case.exchange.steps);
    let gets = steps.flat_map(|step| {
        step.gets.iter().chain(step.meanwhile.as_slice().iter().filter_map(|aside| aside.gets.as_ref()))
    });
    let shown: Vec<&str> = gets.filter_map(|gets| gets.problem.as_deref()).collect();
    let codes = codes();
    assert!(codes.len() > 20, "the codes are not found any more: {codes:?}");
    for code in &codes {
        let reason = BEYOND_CASES.iter().find(|(beyond, _)| beyond == code);
        match (shown.contains(&code.as_str()), reason) {
            (true, None) | (false, Some(_)) => {}
            (false, None) => panic!("no case has `problem: {code}`: write one, or say in BEYOND_CASES why none can"),
            (true, Some(_)) => panic!("`{code}` has a case after all: take it out of BEYOND_CASES"),
        }
    }
    for code in shown {
        assert!(codes.iter().any(|known| known == code), "a case expects `{code}`, which the gateway never says");
    }
}
