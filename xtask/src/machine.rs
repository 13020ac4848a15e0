//! The machine: its environment, its clock, and where things are kept on it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::process::Outcome;

/// The value of an environment variable, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "the one place of xtask that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The time, for the step timings that people read.
#[expect(clippy::disallowed_methods, reason = "the one place of xtask that reads the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where tools are kept. Outside the checkout, so that a fresh clone finds them.
pub(crate) fn cache() -> Outcome<PathBuf> {
    if let Some(chosen) = variable("TIDEGATE_TOOLS") {
        return Ok(PathBuf::from(chosen));
    }
    match std::env::home_dir() {
        Some(home) => Ok(home.join(".cache").join("tidegate")),
        None => {
            Err("this user has no home directory: set TIDEGATE_TOOLS to a directory where tools can be kept".into())
        }
    }
}

/// The first program of this name on the PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(&file)).find(|candidate| candidate.is_file())
}

/// The PATH with these directories in front.
pub(crate) fn path_with(first: &[&Path]) -> Outcome<OsString> {
    let rest = variable("PATH").unwrap_or_default();
    let all = first.iter().map(|directory| directory.to_path_buf()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).map_err(|why| format!("a directory cannot stand on the PATH: {why}"))
}
