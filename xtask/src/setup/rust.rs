//! The parts of the pinned toolchain that the Wasm builds need.

use std::path::{Path, PathBuf};

use super::say;
use crate::{
    machine,
    process::{self, Outcome},
    toolchain_shim,
};

const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32-wasip2"];

/// Adds the Wasm targets and the sources of the standard library.
pub(crate) fn run() -> Outcome {
    let sysroot = sysroot()?;
    let missing: Vec<&str> = TARGETS.into_iter().filter(|target| !has_target(&sysroot, target)).collect();
    if !missing.is_empty() {
        say(&format!("adding the Rust targets {}", missing.join(", ")));
        rustup(&[&["target", "add"], missing.as_slice()].concat())?;
    }
    if !toolchain_shim::standard_library_sources(&sysroot).exists() {
        say("adding the sources of the Rust standard library");
        rustup(&["component", "add", "rust-src"])?;
    }
    Ok(())
}

/// Where the toolchain that compiles this checkout lives.
pub(crate) fn sysroot() -> Outcome<PathBuf> {
    let said = process::capture(&mut process::command("rustc", &["--print", "sysroot"]))?;
    Ok(PathBuf::from(said.trim()))
}

/// The target that this machine is.
pub(crate) fn host() -> Outcome<String> {
    let said = process::capture(&mut process::command("rustc", &["--version", "--verbose"]))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("`rustc --version --verbose` names no host:\n{said}"))
}

fn has_target(sysroot: &Path, target: &str) -> bool {
    sysroot.join("lib/rustlib").join(target).join("lib").is_dir()
}

fn rustup(arguments: &[&str]) -> Outcome {
    if machine::on_path("rustup").is_none() {
        return Err(format!(
            "rustup was not found, so `rustup {}` cannot be run: install rustup from https://rustup.rs, \
             or add these parts to the Rust toolchain by the means it came by",
            arguments.join(" ")
        ));
    }
    // rustup acts on the toolchain that rust-toolchain.toml of the checkout names.
    process::capture(&mut process::command("rustup", arguments)).map(|_| ())
}
