//! Everything that must be installed, installed once.
//!
//! Each part looks first and acts only on what is missing, so that the other tasks can simply begin
//! with this one. Two set-ups at a time would tread on each other; the second waits.

mod cargo_tools;
pub(crate) mod debian;
mod node;
pub(crate) mod npm;
mod redis;
mod rust;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    machine,
    process::{self, Outcome},
};

pub(crate) use rust::{host, run as rust, sysroot};

/// What the set-up found or made.
pub(crate) struct Tools {
    /// Node, new enough for wrangler.
    pub(crate) node: PathBuf,
    pub(crate) worker_build: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) nextest: PathBuf,
    /// A Redis server, or why there is none: only some tests need it.
    pub(crate) redis_server: Outcome<PathBuf>,
}

impl Tools {
    /// A command in the checkout that finds this Node first.
    pub(crate) fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Outcome<Command> {
        let mut command = process::command(program, arguments);
        command.env("PATH", self.path()?);
        Ok(command)
    }

    /// wrangler, asking nobody anything.
    pub(crate) fn wrangler(&self, arguments: &[&str]) -> Outcome<Command> {
        let mut command = self.command(&self.node, &["node_modules/wrangler/bin/wrangler.js"])?;
        command.args(arguments).env("WRANGLER_SEND_METRICS", "false");
        Ok(command)
    }

    /// The PATH with this Node first.
    pub(crate) fn path(&self) -> Outcome<std::ffi::OsString> {
        machine::path_with(&[self.node.parent().unwrap_or(Path::new("."))])
    }
}

/// Installs what is missing and says where everything is.
pub(crate) fn run() -> Outcome<Tools> {
    let cache = machine::cache()?;
    let lock = lock(&cache)?;
    rust::run()?;
    let (node, node_version) = node::find_or_install(&cache)?;
    npm::packages(&cache, &node)?;
    let (worker_build, worker_build_version) = cargo_tools::find_or_install(&cache, &cargo_tools::WORKER_BUILD)?;
    let (wasm_bindgen, wasm_bindgen_version) = cargo_tools::find_or_install(&cache, &cargo_tools::WASM_BINDGEN)?;
    let (nextest, nextest_version) = cargo_tools::find_or_install(&cache, &cargo_tools::NEXTEST)?;
    let redis_server = redis::find_or_fetch(&cache);
    let tools = Tools { node, worker_build, wasm_bindgen, nextest, redis_server };
    drop(lock);
    println!(
        "set-up: ready (node {node_version}, worker-build {worker_build_version}, \
         wasm-bindgen {wasm_bindgen_version}, nextest {nextest_version})"
    );
    Ok(tools)
}

/// One line of progress: only what is missing is worth a line.
fn say(what: &str) {
    println!("set-up: {what}");
}

/// Waits for another set-up to end. The lock ends with the process, however that ends.
fn lock(cache: &Path) -> Outcome<File> {
    let path = cache.join("setup.lock");
    let failed = |why: std::io::Error| format!("cannot use {} to keep tools in: {why}", cache.display());
    fs::create_dir_all(cache).map_err(failed)?;
    let file = File::create(&path).map_err(failed)?;
    if file.try_lock().is_err() {
        say("waiting for another set-up to end");
        file.lock().map_err(failed)?;
    }
    Ok(file)
}
