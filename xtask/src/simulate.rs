//! Simulations: the real code against a world that misbehaves, on one machine and without waiting.

use crate::process::{self, Outcome};

/// How exact limits are.
pub(crate) fn limits(rest: &[&str]) -> Outcome {
    let program = ["run", "--release", "--package", "tidegate-benches", "--bin", "simulate-limits", "--"];
    process::run(process::cargo(&program).args(rest))
}
