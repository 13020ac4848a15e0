//! `cargo xtask test`: everything that proves the gateway, on every platform.

mod summary;

use std::process::{Command, ExitCode};

use crate::{
    build,
    process::{self, Outcome},
    setup::{self, Tools},
    steps::{SET_UP, Steps, Tally},
};

/// Packages that only build for a Wasm target.
pub(crate) const WASM_ONLY: [&str; 2] = ["tidegate-workers", "tidegate-spin"];

/// The task.
pub(crate) fn run(only: &str) -> ExitCode {
    let mut steps = Steps::new(only);
    let _tools = take(&mut steps);
    steps.finish()
}

/// Its steps, which `ci` begins with. Yields the tools, if the set-up could be made.
pub(crate) fn take(steps: &mut Steps) -> Option<Tools> {
    let tools = steps.make(SET_UP, setup::run)?;
    // wasmtime takes minutes to compile, so its host is compiled in one profile only, the one it runs in.
    steps.take("unit tests", || {
        let not_here = [WASM_ONLY[0], WASM_ONLY[1], "spin-host"];
        nextest(&tools, &["--workspace"]).and_then(|mut tests| count(tests.args(excluding(&not_here))))
    });
    steps.take("unit tests of the Spin host", || {
        count(&mut nextest(&tools, &["--package", "spin-host", "--cargo-profile", "spin-host"])?)
    });
    steps.take("unit tests on Redis", || {
        let server = tools.redis_server.as_ref().map_err(Clone::clone)?;
        let only = ["--package", "tidegate-native", "--run-ignored", "only", "-E", "test(/^(atomic::)?redis::/)"];
        count(nextest(&tools, &only)?.env("TIDEGATE_REDIS_SERVER", server))
    });
    steps.take("doc tests", || {
        let not_here = [WASM_ONLY[0], WASM_ONLY[1], "spin-host"];
        count(process::cargo(&["test", "--doc", "--workspace", "--no-fail-fast"]).args(excluding(&not_here)))
    });
    steps.check("build native", build::native::run);
    steps.check("build spin", build::spin::run);
    steps.check("build the Spin host", build::spin::host);
    steps.check("build workers", || build::workers::run(&tools, build::workers::Kind::Product));
    if build::workers::has_test_routes() {
        steps.check("build workers with test routes", || build::workers::run(&tools, build::workers::Kind::Test));
    }
    steps.check("build spin with test routes", build::spin::test);
    steps.take("platform traits", || traits(&tools));
    let mut platforms = Vec::new();
    steps.take("cases", || cases(&tools, &mut platforms));
    for line in platforms {
        steps.note(line);
    }
    Some(tools)
}

/// `--exclude` for each of these packages.
pub(crate) fn excluding<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--exclude", package]).collect()
}

/// The case runner. It closes with a line a platform, which `platforms` keeps.
fn cases(tools: &Tools, platforms: &mut Vec<String>) -> Outcome<Tally> {
    let mut runner = process::cargo(&["run", "--package", "tidegate-tests", "--", "--platform", "all"]);
    runner.env("PATH", tools.path()?).env("TIDEGATE_NODE", &tools.node);
    runner.env("TIDEGATE_SPIN_HOST", build::spin::host_program());
    if let Ok(server) = &tools.redis_server {
        runner.env("TIDEGATE_REDIS_SERVER", server);
    }
    let mut tally = Tally::default();
    let outcome = process::watch(&mut runner, |line| {
        if let Some(found) = summary::of_platform(line) {
            tally.passed += found.passed;
            tally.failed += found.failed;
            platforms.push(line.trim().to_owned());
        }
    });
    settle(outcome, tally)
}

/// The platform traits where they really run: in workerd, and in wasmtime with a Redis beside it.
fn traits(tools: &Tools) -> Outcome<Tally> {
    let server = tools.redis_server.as_ref().map_err(Clone::clone)?;
    let mut tests =
        tools.command(&tools.node, &["--test", "--test-reporter=tap", "tests/platform-traits/*.test.mjs"])?;
    tests.env("TIDEGATE_REDIS_SERVER", server).env("TIDEGATE_SPIN_HOST", build::spin::host_program());
    count(&mut tests)
}

fn nextest(tools: &Tools, arguments: &[&str]) -> Outcome<Command> {
    let mut command = process::command(&tools.nextest, &["nextest", "run", "--no-fail-fast", "--no-tests", "pass"]);
    command.args(arguments).env("PATH", tools.path()?);
    Ok(command)
}

/// Runs tests and adds up the summaries they print.
fn count(command: &mut Command) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let outcome = process::watch(command, |line| {
        if let Some(found) = summary::of_tests(line) {
            tally.passed += found.passed;
            tally.failed += found.failed;
        }
    });
    settle(outcome, tally)
}

/// A run that failed without a failed test did not get as far as its tests.
fn settle(outcome: Outcome, tally: Tally) -> Outcome<Tally> {
    match outcome {
        Err(why) if tally.failed == 0 => Err(why),
        Ok(()) | Err(_) => Ok(tally),
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, settle};

    #[test]
    fn a_run_that_dies_before_its_tests_is_a_failure() {
        assert!(settle(Err("does not compile".into()), Tally::default()).is_err());
        let some = Tally { passed: 3, failed: 1 };
        assert_eq!(settle(Err("exit status 100".into()), some), Ok(some));
    }
}
