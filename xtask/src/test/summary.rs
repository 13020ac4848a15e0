//! Reading the closing lines of test runners.

use crate::steps::Tally;

/// Of Node (`# pass 12`, `# fail 1`), nextest (`Summary [ 0.1s] 12 tests run: 10 passed (1 slow), 2 failed, 1 skipped`) and of cargo's own
/// (`test result: ok. 3 passed; 0 failed; …`).
pub(super) fn of_tests(line: &str) -> Option<Tally> {
    let line = line.trim_start();
    // Node's own, a line for each.
    let number = |word: &str| line.strip_prefix(word).and_then(|rest| rest.trim().parse().ok());
    if let Some(passed) = number("# pass ") {
        return Some(Tally { passed, failed: 0 });
    }
    if let Some(failed) = number("# fail ") {
        return Some(Tally { passed: 0, failed });
    }
    let counts = if line.starts_with("Summary [") {
        line.split_once("run: ").map(|(_, counts)| counts)
    } else {
        line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")).map(|(_, counts)| counts)
    };
    let counts = counts?;
    let failed = ["failed", "exec failed", "timed out"].into_iter().filter_map(|word| before(counts, word)).sum();
    Some(Tally { passed: before(counts, "passed").unwrap_or(0), failed })
}

/// Of the case runner: `workers: 118 passed, 0 failed, 4 excepted`.
pub(super) fn of_platform(line: &str) -> Option<Tally> {
    let (platform, counts) = line.trim().split_once(": ")?;
    if !platform.chars().all(|letter| letter.is_ascii_lowercase()) {
        return None;
    }
    Some(Tally { passed: before(counts, "passed")?, failed: before(counts, "failed")? })
}

/// The number that stands before a word in a list of counts.
fn before(counts: &str, word: &str) -> Option<u64> {
    counts.split([',', ';']).find_map(|count| {
        let (number, what) = count.trim().split_once(' ')?;
        let named = what == word || what.strip_prefix(word).is_some_and(|rest| rest.starts_with(" ("));
        if named { number.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::{Tally, of_platform, of_tests};

    #[test]
    fn adds_every_way_a_test_can_fail() {
        let line = "     Summary [   1.204s] 15 tests run: 11 passed (1 slow), 2 failed, 1 exec failed, 1 timed out, 3 skipped";
        assert_eq!(of_tests(line), Some(Tally { passed: 11, failed: 4 }));
        assert_eq!(
            of_tests("     Summary [   0.004s] 1 test run: 1 passed, 0 skipped"),
            Some(Tally { passed: 1, failed: 0 })
        );
    }

    #[test]
    fn reads_what_node_counts() {
        assert_eq!(of_tests("# pass 12"), Some(Tally { passed: 12, failed: 0 }));
        assert_eq!(of_tests("# fail 1"), Some(Tally { passed: 0, failed: 1 }));
        assert_eq!(of_tests("# Subtest: # pass"), None);
    }

    #[test]
    fn reads_the_doc_tests_of_cargo() {
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(of_tests(line), Some(Tally { passed: 3, failed: 2 }));
    }

    #[test]
    fn reads_a_platform_and_nothing_that_only_looks_like_one() {
        assert_eq!(of_platform("workers: 118 passed, 2 failed, 4 excepted"), Some(Tally { passed: 118, failed: 2 }));
        assert_eq!(of_platform("error: the case did not pass"), None);
        assert_eq!(of_platform("Case One: 1 passed, 0 failed"), None);
    }
}
