//! `cargo xtask ci`: `test`, then everything else that must hold before a change is taken.

mod file_length;
pub(crate) mod fuzz;
mod schema;

use std::process::ExitCode;

use crate::{
    build::{self, workers::Kind},
    process::{self, Outcome},
    setup::Tools,
    steps::Steps,
    test::{self, WASM_ONLY, excluding},
};

/// The task.
pub(crate) fn run(only: &str) -> ExitCode {
    let mut steps = Steps::new(only);
    let tools = test::take(&mut steps);
    steps.check("fmt", fmt);
    clippy(&mut steps);
    steps.check("doc", || {
        let mut doc = process::cargo(&["doc", "--workspace", "--no-deps"]);
        process::run(doc.args(excluding(&WASM_ONLY)).env("RUSTDOCFLAGS", "-D warnings"))
    });
    for target in ["wasm32-unknown-unknown", "wasm32-wasip2"] {
        steps.check(&format!("check core and edge for {target}"), || {
            cargo(&["check", "--package", "router-core", "--package", "edge", "--target", target])
        });
    }
    fuzz::take(&mut steps);
    steps.check("file lengths", file_length::check);
    steps.check("schema", schema::check);
    match &tools {
        Some(tools) => steps.check("wrangler deploy --dry-run", || deploy_dry_run(tools)),
        None => steps.check("wrangler deploy --dry-run", || Err("the set-up failed, so there is no wrangler".into())),
    }
    steps.check("size of the worker", || build::workers::sizes(Kind::Product));
    steps.check("size of the Spin component", build::spin::sizes);
    steps.finish()
}

fn fmt() -> Outcome {
    cargo(&["fmt", "--all", "--check"])?;
    if fuzz::exists() { cargo(&["fmt", "--manifest-path", fuzz::MANIFEST, "--check"]) } else { Ok(()) }
}

fn clippy(steps: &mut Steps) {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    steps.check("clippy", || {
        let mut clippy = process::cargo(&["clippy", "--workspace", "--all-targets"]);
        process::run(clippy.args(excluding(&WASM_ONLY)).args(DENY))
    });
    for (package, target) in [(WASM_ONLY[0], "wasm32-unknown-unknown"), (WASM_ONLY[1], "wasm32-wasip2")] {
        steps.check(&format!("clippy of {package}"), || {
            process::run(process::cargo(&["clippy", "--package", package, "--target", target]).args(DENY))
        });
    }
}

/// What a deployment would upload, made but not sent.
fn deploy_dry_run(tools: &Tools) -> Outcome {
    process::run(&mut tools.wrangler(&["deploy", "--dry-run", "--outdir", "target/wrangler-dry-run"])?)
}

fn cargo(arguments: &[&str]) -> Outcome {
    process::run(&mut process::cargo(arguments))
}
