//! The benchmarks. Their times inform; only bytes and counts may fail a build.

use crate::process::{self, Outcome};

pub(crate) fn run(rest: &[&str]) -> Outcome {
    process::run(process::cargo(&["bench", "--package", "tidegate-benches"]).args(rest))
}
