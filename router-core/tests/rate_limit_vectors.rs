//! The token bucket, held against the tables of golang.org/x/time/rate in `../shared/suites/rate-limit-vectors`, one with a clock that jumps backwards
//! among them. Where that folder is absent, the tests are reported as ignored.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::{fs, path::PathBuf, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use router_core::limit::algorithm::{Algorithm, Level, Meter};
use serde_json::Value;

/// As many as the suite had when it was fetched: a file that lost some must not pass.
const TABLES: usize = 3;
const STEPS: usize = 33;

fn main() -> ExitCode {
    let absent = !file().is_file();
    let seen = if absent { " (../shared/suites/rate-limit-vectors is absent)" } else { "" };
    let tables = Trial::test(format!("every table of the token bucket is followed step by step{seen}"), all);
    libtest_mimic::run(&Arguments::from_args(), vec![tables.with_ignored_flag(absent)]).exit_code()
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/rate-limit-vectors/token-bucket.json")
}

fn all() -> Result<(), Failed> {
    let suite: Value = serde_json::from_slice(&fs::read(file())?)?;
    let tables = suite["token_bucket_allow"].as_array().ok_or("no tables")?;
    let steps: usize = tables.iter().map(|table| table["steps"].as_array().map_or(0, Vec::len)).sum();
    if tables.len() < TABLES || steps < STEPS {
        return Err(format!("expected {TABLES} tables with {STEPS} steps, found {} with {steps}", tables.len()).into());
    }
    let wrong: Vec<String> = tables.iter().flat_map(judge).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Which steps of a table come to something else.
fn judge(table: &Value) -> Vec<String> {
    let number = |value: &Value| value.as_u64().unwrap();
    let meter = Meter::new(number(&table["rate_per_s"]), 1000, number(&table["burst"])).unwrap();
    let mut level = Level::default();
    let mut wrong = Vec::new();
    for (index, step) in table["steps"].as_array().unwrap().iter().enumerate() {
        let (now_ms, cost) = (number(&step["t_ms"]), number(&step["n"]));
        // Whole units only.
        let before = step["tokens_before"].as_f64().unwrap().floor() as u64;
        let remaining = meter.remaining(&level, now_ms);
        let (decision, next) = meter.charge(level, cost, now_ms);
        if (remaining, decision.verdict.admits()) != (before, step["ok"] == true) {
            wrong.push(format!("{}, step {index}: {remaining} before, then {:?}", table["name"], decision.verdict));
        }
        level = next;
    }
    wrong
}
