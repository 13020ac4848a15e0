//! All cases, on the platforms that run in this process.

use super::common::{all, folder, load};
use tidegate_tests::case::exchange::PlatformWord;
use tidegate_tests::exceptions::Exceptions;
use tidegate_tests::report;

fn passes(platform: PlatformWord) {
    let cases = load(&folder("cases"));
    let known: Vec<_> = cases.iter().map(|case| (**case).clone()).collect();
    let exceptions = Exceptions::load(&folder("exceptions.toml"), &known).unwrap();
    let tally = all(platform, &cases, &exceptions);
    assert!(tally.failures() == 0, "{}{}", report::details(&tally), tally.line());
    assert!(tally.passed > 100, "{}", tally.line());
}

#[test]
fn every_case_passes_on_memory() {
    passes(PlatformWord::Memory);
}

#[test]
fn every_case_passes_on_native() {
    passes(PlatformWord::Native);
}
