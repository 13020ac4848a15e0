//! A Redis server, for the tests of what the Spin adapter keeps in one.

use std::path::{Path, PathBuf};

use super::debian;
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
        debian::fetch(&folder, &PACKAGES, &["usr/bin/redis-server"]).map_err(|why| {
            format!(
                "the tests of the Spin adapter need a Redis server, and `redis-server` is not on the PATH: install Redis \
                 (https://redis.io, or your system's `redis` package), or name a server in TIDEGATE_REDIS_SERVER. \
                 Fetching the packages of Debian did not work either: {why}"
            )
        })?;
    }
    if runs(&program) { Ok(program) } else { Err(format!("{} does not run", program.display())) }
}

fn runs(program: &Path) -> bool {
    program.is_file() && process::capture(&mut process::command(program, &["--version"])).is_ok()
}
