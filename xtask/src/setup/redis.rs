//! A Redis server, for the tests of what the Spin adapter keeps in one.
//!
//! The one on the PATH is used if there is one. Otherwise, on a Debian of any kind, its packages are fetched and unpacked into the tools: nothing is
//! installed, and nobody has to be root.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::say;
use crate::{
    machine,
    process::{self, Outcome},
};

/// The program itself is in `redis-tools`, where `redis-server` only links to.
const PACKAGES: [&str; 2] = ["redis-server", "redis-tools"];

/// The server: a program that can be started as it is.
pub(super) fn find_or_fetch(cache: &Path) -> Outcome<PathBuf> {
    if let Some(found) = machine::variable("TIDEGATE_REDIS_SERVER").map(PathBuf::from) {
        return Ok(found);
    }
    if let Some(found) = machine::on_path("redis-server") {
        return Ok(found);
    }
    let folder = cache.join("redis");
    let program = folder.join("redis-server");
    if !runs(&program) {
        fetch(&folder).map_err(|why| {
            format!(
                "the tests of the Spin adapter need a Redis server, and `redis-server` is not on the PATH: install Redis \
                 (https://redis.io, or your system's `redis` package), or name a server in TIDEGATE_REDIS_SERVER. \
                 Fetching the packages of Debian did not work either: {why}"
            )
        })?;
    }
    if runs(&program) { Ok(program) } else { Err(format!("{} does not run", program.display())) }
}

fn fetch(folder: &Path) -> Outcome {
    for needed in ["apt-get", "apt-cache", "dpkg"] {
        if machine::on_path(needed).is_none() {
            return Err(format!("there is no `{needed}` on this machine"));
        }
    }
    say("fetching a Redis server from Debian's packages");
    let failed = |why: std::io::Error| format!("cannot write to {}: {why}", folder.display());
    let packages = folder.join("packages");
    fs::create_dir_all(&packages).map_err(failed)?;
    let mut wanted: Vec<String> = PACKAGES.map(str::to_owned).to_vec();
    wanted.extend(libraries()?);
    let mut download = process::command("apt-get", &["download"]);
    process::capture(download.args(&wanted).current_dir(&packages))?;
    let root = folder.join("root");
    for package in fs::read_dir(&packages).map_err(failed)?.flatten() {
        process::capture(process::command("dpkg", &["-x"]).arg(package.path()).arg(&root))?;
    }
    let script = folder.join("redis-server");
    fs::write(&script, launcher(&root)).map_err(failed)?;
    executable(&script).map_err(failed)
}

/// The libraries that the packages name, but for the one that every program needs.
fn libraries() -> Outcome<Vec<String>> {
    let said = process::capture(process::command("apt-cache", &["depends"]).args(PACKAGES))?;
    let names = said.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("lib") && *name != "libc6").map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Starts the unpacked server with the libraries that came with it.
fn launcher(root: &Path) -> String {
    let at = |path: String| root.join(path).display().to_string();
    let kind = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = [at(format!("usr/lib/{kind}")), at(format!("lib/{kind}"))].join(":");
    let program = at("usr/bin/redis-server".to_owned());
    format!("#!/bin/sh\nLD_LIBRARY_PATH='{libraries}' exec '{program}' \"$@\"\n")
}

#[cfg(unix)]
fn executable(script: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(script, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn runs(program: &Path) -> bool {
    program.is_file() && process::capture(&mut process::command(program, &["--version"])).is_ok()
}
