//! Every fuzz target is built and run for ten seconds.
//!
//! cargo-fuzz would want a nightly; libFuzzer itself needs only the coverage pass that the flags below
//! ask of the pinned compiler.

use std::{fs, path::PathBuf};

use crate::{
    machine,
    process::{self, Outcome},
    setup,
    steps::Steps,
};

pub(super) const MANIFEST: &str = "fuzz/Cargo.toml";

/// What cargo-fuzz passes, less the sanitizer: the code under test is safe Rust.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

pub(super) fn exists() -> bool {
    machine::root().join(MANIFEST).exists()
}

/// Builds all targets, then runs each as a step of its own.
pub(super) fn take(steps: &mut Steps) {
    let Some((targets, programs)) = steps.make("build the fuzz targets", build) else { return };
    for target in targets {
        steps.check(&format!("fuzz {target}, 10 s"), || run(&target, &programs.join(&target)));
    }
}

/// Their names, and the directory their programs are in.
fn build() -> Outcome<(Vec<String>, PathBuf)> {
    let targets = targets()?;
    let host = setup::host()?;
    let directory = machine::root().join("target/fuzz");
    let mut build = process::cargo(&["build", "--release", "--bins", "--manifest-path", MANIFEST]);
    // Naming the target keeps these flags from build scripts and macros, which have no libFuzzer to link.
    build.args(["--target", &host, "--target-dir"]).arg(&directory).env("RUSTFLAGS", FLAGS);
    build.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true").env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    process::run(&mut build)?;
    Ok((targets, directory.join(host).join("release")))
}

/// The `[[bin]]` of fuzz/Cargo.toml.
fn targets() -> Outcome<Vec<String>> {
    let metadata = ["metadata", "--no-deps", "--format-version", "1", "--manifest-path", MANIFEST];
    let said = process::capture(&mut process::cargo(&metadata))?;
    let about: serde_json::Value = serde_json::from_str(&said).map_err(|why| format!("cargo metadata: {why}"))?;
    let names: Vec<String> = about["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|package| package["targets"].as_array().into_iter().flatten())
        .filter(|target| target["kind"][0] == "bin")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    if names.is_empty() { Err(format!("{MANIFEST} has no [[bin]]")) } else { Ok(names) }
}

/// Ten seconds from the corpus, if there is one, and the committed seeds.
fn run(target: &str, program: &std::path::Path) -> Outcome {
    let here = machine::root().join("fuzz");
    let (corpus, artifacts) = (here.join("corpus").join(target), here.join("artifacts").join(target));
    for directory in [&corpus, &artifacts] {
        fs::create_dir_all(directory).map_err(|why| format!("cannot make {}: {why}", directory.display()))?;
    }
    let mut fuzz = process::command(program, &["-max_total_time=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(&corpus);
    let seeds = here.join("seeds").join(target);
    if seeds.is_dir() {
        fuzz.arg(seeds);
    }
    process::run(&mut fuzz).map_err(|why| format!("{why}\nThe input that did it is in {}", artifacts.display()))
}
