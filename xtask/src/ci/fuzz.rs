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
        steps.check(&format!("fuzz {target}, 10 s"), || check(&target, &programs.join(&target)));
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

/// Ten seconds from the committed seeds, and always the same ones: one commit gets one verdict.
fn check(target: &str, program: &std::path::Path) -> Outcome {
    // What is found goes into a folder of its own, or the seeds would grow with every run.
    let found = machine::root().join("target/fuzz/found").join(target);
    drop(fs::remove_dir_all(&found));
    fs::create_dir_all(&found).map_err(|why| format!("cannot make {}: {why}", found.display()))?;
    run(target, program, &["-seed=1", "-max_total_time=10", &found.display().to_string()])
}

/// Fuzzes one target, or all, for so many seconds each, from what was found before and from a new random number.
pub(crate) fn explore(only: Option<&str>, seconds: u32) -> Outcome {
    let (targets, programs) = build()?;
    let chosen: Vec<_> = targets.iter().filter(|target| only.is_none_or(|only| only == target.as_str())).collect();
    if chosen.is_empty() {
        return Err(format!("there is no such target; there are {}", targets.join(", ")));
    }
    let time = format!("-max_total_time={seconds}");
    for target in chosen {
        let corpus = machine::root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&corpus).map_err(|why| format!("cannot make {}: {why}", corpus.display()))?;
        run(target, &programs.join(target), &[&time, &corpus.display().to_string()])?;
    }
    Ok(())
}

fn run(target: &str, program: &std::path::Path, arguments: &[&str]) -> Outcome {
    let here = machine::root().join("fuzz");
    let artifacts = here.join("artifacts").join(target);
    fs::create_dir_all(&artifacts).map_err(|why| format!("cannot make {}: {why}", artifacts.display()))?;
    let mut fuzz = process::command(program, &["-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display())).args(arguments);
    let seeds = here.join("seeds").join(target);
    if seeds.is_dir() {
        fuzz.arg(seeds);
    }
    process::run(&mut fuzz).map_err(|why| format!("{why}\nThe input that did it is in {}", artifacts.display()))
}
