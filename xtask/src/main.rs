//! `cargo xtask`: the one program behind set-up, builds, tests and CI.
//!
//! A task is a module; what several tasks share (running programs, timing steps, finding paths) is
//! one module each as well. Nothing here is part of the product.

mod bench;
mod build;
mod cache_tests;
mod ci;
mod dev;
mod machine;
mod process;
mod setup;
mod simulate;
mod steps;
mod test;
mod toolchain_shim;

use std::process::ExitCode;

use process::Outcome;

const HELP: &str = "\
cargo xtask <task>

  setup                      install what the other tasks need; safe to repeat
  build workers|spin|native  build for one platform, print sizes, hold them against benches/budgets.json
        workers --test       the Workers build with its test-only routes, into target/workers-test/build
        spin --test          the Spin build with its test-only routes, into target/wasm32-wasip2/debug
  dev workers|spin [ARGS]    run the gateway locally on that platform; ARGS go to `wrangler dev` or `spin up`
  test                       unit tests, doc tests, and every case on every platform
  ci                         test, then every other check
        --only WORD          for both: just the steps whose name holds this word, after the set-up
  fuzz [TARGET [SECONDS]]    look for inputs that break a promise, 60 s a target, each time from a new start
  bench [ARGS]               the benchmarks; ARGS go to `cargo bench`
  bench workers-crypto       WebCrypto against portable code, inside of workerd
  bench workers-limits       what a limit adds to a request's latency, inside of workerd
  bench cache                stored answers beside nginx and Varnish: hits, a Zipf trace, 1,000 misses at once
  bench workers-cache        stored answers inside of workerd, beside a worker that only asks the Cache API
  cache-tests [PLATFORM...]  npm http-cache-tests against native, workers and spin, beside what other caches published
  simulate limits [SEED]     how exact limits are, with thousands of instances that misbehave; fails where a promise is not kept
        --write              puts the table into benches/limits.md

Tools are kept in $TIDEGATE_TOOLS, else in ~/.cache/tidegate, and are shared by all checkouts.
";

fn main() -> ExitCode {
    if let Some(code) = toolchain_shim::answer() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["setup"] => setup::run().map(|_| ()),
        ["build", "workers"] => {
            setup::run().and_then(|tools| build::workers::run(&tools, build::workers::Kind::Product))
        }
        ["build", "workers", "--test"] => {
            setup::run().and_then(|tools| build::workers::run(&tools, build::workers::Kind::Test))
        }
        ["build", "spin", "--test"] => setup::rust().and_then(|()| build::spin::test()),
        ["build", "spin"] => setup::rust().and_then(|()| build::spin::run()),
        ["build", "native"] => build::native::run(),
        ["dev", "workers", rest @ ..] => dev::workers(rest),
        ["dev", "spin", rest @ ..] => dev::spin(rest),
        ["test"] => return test::run(""),
        ["ci"] => return ci::run(""),
        ["test", "--only", word] => return test::run(word),
        ["ci", "--only", word] => return ci::run(word),
        ["fuzz"] => ci::fuzz::explore(None, 60),
        ["fuzz", target] => ci::fuzz::explore(Some(target), 60),
        ["fuzz", target, seconds] => seconds
            .parse()
            .map_err(|_| format!("expected a number of seconds, found `{seconds}`"))
            .and_then(|seconds| ci::fuzz::explore(Some(target), seconds)),
        ["bench", "workers-crypto"] => bench::workers_crypto(),
        ["bench", "workers-limits"] => bench::workers_limits(),
        ["bench", "workers-cache"] => bench::workers_cache(),
        ["bench", "cache"] => bench::cache(),
        ["bench", rest @ ..] => bench::run(rest),
        ["cache-tests", rest @ ..] => cache_tests::run(rest),
        ["simulate", "limits", rest @ ..] => simulate::limits(rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("no task is called `{}`\n\n{HELP}", unknown.join(" "))),
    };
    report(outcome)
}

fn report(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
