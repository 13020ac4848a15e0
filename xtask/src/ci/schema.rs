//! The JSON Schema of the configuration is generated, committed and reviewed.

use std::fs;

use crate::{
    machine,
    process::{self, Outcome},
};

const COMMITTED: &str = "tidegate.schema.json";

pub(super) fn check() -> Outcome {
    let made = process::capture(&mut process::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "tidegate",
        "--",
        "schema",
    ]))?;
    let path = machine::root().join(COMMITTED);
    let committed = fs::read_to_string(&path).map_err(|why| format!("cannot read {COMMITTED}: {why}"))?;
    let parse = |text: &str, whose: &str| {
        serde_json::from_str::<serde_json::Value>(text).map_err(|why| format!("{whose} is not JSON: {why}"))
    };
    if parse(&made, "the output of `tidegate schema`")? == parse(&committed, COMMITTED)? {
        return Ok(());
    }
    Err(format!(
        "{COMMITTED} is not what `tidegate schema` prints: run `cargo run --release -- schema > {COMMITTED}` and review the difference"
    ))
}
