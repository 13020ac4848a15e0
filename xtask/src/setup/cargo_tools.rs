//! Tools that are Rust programs themselves, at pinned versions.

use std::path::{Path, PathBuf};

use super::say;
use crate::{
    machine,
    process::{self, Outcome},
};

/// A program, the package it comes in, and the version that is known to work.
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
    version: &'static str,
    accepts: Accepts,
}

/// Which other versions will do.
enum Accepts {
    /// None: what it writes must fit the `worker` and `wasm-bindgen` crates of Cargo.lock to the digit.
    Exactly,
    /// Any: it only runs tests.
    Any,
}

pub(crate) const WORKER_BUILD: Tool =
    Tool { program: "worker-build", package: "worker-build", version: "0.8.7", accepts: Accepts::Exactly };

pub(crate) const WASM_BINDGEN: Tool =
    Tool { program: "wasm-bindgen", package: "wasm-bindgen-cli", version: "0.2.129", accepts: Accepts::Exactly };

pub(crate) const NEXTEST: Tool =
    Tool { program: "cargo-nextest", package: "cargo-nextest", version: "0.9.143", accepts: Accepts::Any };

/// The program from the cache or the PATH and its version, built if neither has it.
pub(crate) fn find_or_install(cache: &Path, tool: &Tool) -> Outcome<(PathBuf, String)> {
    let directory = cache.join("tools");
    let cached = directory.join("bin").join(format!("{}{}", tool.program, std::env::consts::EXE_SUFFIX));
    for candidate in [Some(cached.clone()), machine::on_path(tool.program)].into_iter().flatten() {
        if let Some(version) = version_of(&candidate).filter(|version| tool.fits(version)) {
            return Ok((candidate, version));
        }
    }
    say(&format!("building {} {}, once; this takes some minutes", tool.package, tool.version));
    let package = format!("{}@{}", tool.package, tool.version);
    let mut install = process::cargo(&["install", "--locked", "--quiet", &package, "--root"]);
    process::run(install.arg(&directory))?;
    match version_of(&cached) {
        Some(version) => Ok((cached, version)),
        None => Err(format!("cargo installed {package}, but {} does not run", cached.display())),
    }
}

impl Tool {
    fn fits(&self, version: &str) -> bool {
        match self.accepts {
            Accepts::Exactly => version == self.version,
            Accepts::Any => true,
        }
    }
}

/// The version in what `--version` prints: "0.8.7", "wasm-bindgen 0.2.129", "cargo-nextest 0.9.143 (60fa45f63 …)".
fn version_of(program: &Path) -> Option<String> {
    let said = process::capture(&mut process::command(program, &["--version"])).ok()?;
    said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}
