//! Programs from Debian's packages, fetched and unpacked into the tools: nothing is installed, and nobody has to be root.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::say;
use crate::{
    machine,
    process::{self, Outcome},
};

/// A program that a benchmark needs: the one on the PATH, else the one of its package, which has it at `path`.
pub(crate) fn program(package: &str, path: &str) -> Outcome<PathBuf> {
    let name = name(path);
    if let Some(found) = installed(name) {
        return Ok(found);
    }
    let folder = machine::cache()?.join(package);
    let program = folder.join(name);
    if !program.is_file() {
        fetch(&folder, &[package], &[path]).map_err(|why| {
            format!(
                "`{name}` is not on the PATH: install it, for instance by your system's package `{package}`. Fetching the \
                 package of Debian did not work either: {why}"
            )
        })?;
    }
    Ok(program)
}

/// Servers are not on every user's PATH.
fn installed(name: &str) -> Option<PathBuf> {
    machine::on_path(name).or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|program| program.is_file()))
}

/// Unpacks `packages` with their libraries under `folder`, and puts a script there for each of `programs` that starts it with those libraries.
pub(super) fn fetch(folder: &Path, packages: &[&str], programs: &[&str]) -> Outcome {
    for needed in ["apt-get", "apt-cache", "dpkg"] {
        if machine::on_path(needed).is_none() {
            return Err(format!("there is no `{needed}` on this machine"));
        }
    }
    say(&format!("fetching {} from Debian's packages", packages.join(", ")));
    let failed = |why: std::io::Error| format!("cannot write to {}: {why}", folder.display());
    let archives = folder.join("packages");
    fs::create_dir_all(&archives).map_err(failed)?;
    let mut wanted: Vec<String> = packages.iter().map(|&package| package.to_owned()).collect();
    wanted.extend(libraries(packages)?);
    let mut download = process::command("apt-get", &["download"]);
    process::capture(download.args(&wanted).current_dir(&archives))?;
    let root = folder.join("root");
    for package in fs::read_dir(&archives).map_err(failed)?.flatten() {
        process::capture(process::command("dpkg", &["-x"]).arg(package.path()).arg(&root))?;
    }
    for program in programs {
        let script = folder.join(name(program));
        fs::write(&script, launcher(&root, program)).map_err(failed)?;
        executable(&script).map_err(failed)?;
    }
    Ok(())
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The libraries that the packages name, but for the one that every program needs.
fn libraries(packages: &[&str]) -> Outcome<Vec<String>> {
    let said = process::capture(process::command("apt-cache", &["depends"]).args(packages))?;
    let names = said.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("lib") && *name != "libc6").map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Starts the unpacked program with the libraries that came with it.
fn launcher(root: &Path, program: &str) -> String {
    let at = |path: String| root.join(path).display().to_string();
    let kind = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = [at(format!("usr/lib/{kind}")), at(format!("lib/{kind}"))].join(":");
    let program = at(program.to_owned());
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
