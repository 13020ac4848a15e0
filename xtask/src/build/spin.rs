//! The Spin component, and the small host that the tests and `dev` run it in.

use std::path::PathBuf;

use super::budget;
use crate::{
    machine,
    process::{self, Outcome},
};

/// Builds the component and holds its size against the budget.
pub(crate) fn run() -> Outcome {
    process::run(&mut process::cargo(&[
        "build",
        "--package",
        "tidegate-spin",
        "--target",
        "wasm32-wasip2",
        "--profile",
        "wasm",
    ]))?;
    sizes()
}

/// Builds the component with what only tests may ask for, into `target/wasm32-wasip2/debug`: quick to build, and as large as it comes.
pub(crate) fn test() -> Outcome {
    let build = ["build", "--package", "tidegate-spin", "--target", "wasm32-wasip2", "--features", "test-routes"];
    process::run(&mut process::cargo(&build))
}

/// Prints the sizes of a component that was built.
pub(crate) fn sizes() -> Outcome {
    let component = component();
    let bytes = budget::plain(&component)?;
    println!("spin: {bytes} bytes of wasm, {} gzipped", budget::gzipped(&component)?);
    budget::hold("spin_bytes", bytes)
}

/// Builds the host, optimised: it compiles the component at each start.
pub(crate) fn host() -> Outcome {
    process::run(&mut process::cargo(&["build", "--package", "spin-host", "--profile", "spin-host"]))
}

/// Where [`host`] puts the host.
pub(crate) fn host_program() -> PathBuf {
    machine::root().join("target/spin-host").join(format!("spin-host{}", std::env::consts::EXE_SUFFIX))
}

fn component() -> PathBuf {
    machine::root().join("target/wasm32-wasip2/wasm/tidegate_spin.wasm")
}
