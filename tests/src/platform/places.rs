//! Where things are on this machine. The one file that reads the environment.

use std::path::{Path, PathBuf};

/// A variable, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "the one place of the runner that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The checkout.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The Node that `cargo xtask setup` found or fetched.
pub(super) fn node() -> Result<PathBuf, String> {
    if let Some(node) = variable("TIDEGATE_NODE") {
        return Ok(PathBuf::from(node));
    }
    let cache = cache();
    // <cache>/node/<version>/node_modules/<package>/bin/node
    let versions = cache.iter().flat_map(|cache| children(&cache.join("node")));
    let packages = versions.flat_map(|version| children(&version.join("node_modules")));
    let name = format!("node{}", std::env::consts::EXE_SUFFIX);
    let mut found: Vec<PathBuf> =
        packages.map(|package| package.join("bin").join(&name)).filter(|node| node.is_file()).collect();
    found.sort();
    match found.pop() {
        Some(node) => Ok(node),
        None => on_path(&name).ok_or_else(|| "there is no Node: run `cargo xtask setup`, which brings one".into()),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

fn children(of: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(of).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect()
}

/// The program that hosts the Spin component.
pub(super) fn spin_host() -> Result<PathBuf, String> {
    let built = root().join("target/spin-host").join(format!("spin-host{}", std::env::consts::EXE_SUFFIX));
    let program = variable("TIDEGATE_SPIN_HOST").map_or(built, PathBuf::from);
    there(program, "cargo build --profile spin-host -p spin-host")
}

/// The Redis server that `cargo xtask setup` found or fetched.
pub(super) fn redis_server() -> Result<PathBuf, String> {
    let fetched = cache().map(|cache| cache.join("redis/redis-server")).filter(|program| program.is_file());
    let named = variable("TIDEGATE_REDIS_SERVER").map(PathBuf::from);
    let found = named.or_else(|| on_path(&format!("redis-server{}", std::env::consts::EXE_SUFFIX))).or(fetched);
    found.ok_or_else(|| "there is no Redis server: run `cargo xtask setup`, which brings one or says how to".into())
}

/// Where the tools are kept.
fn cache() -> Option<PathBuf> {
    match variable("TIDEGATE_TOOLS") {
        Some(chosen) => Some(PathBuf::from(chosen)),
        None => std::env::home_dir().map(|home| home.join(".cache").join("tidegate")),
    }
}

/// The `spin` on the PATH, whatever it is.
pub(super) fn spin() -> Option<PathBuf> {
    on_path(&format!("spin{}", std::env::consts::EXE_SUFFIX))
}

/// What `TIDEGATE_SPIN` says about where the Spin component runs.
pub(super) fn spin_choice() -> Option<String> {
    variable("TIDEGATE_SPIN")
}

/// The Spin component.
pub(super) fn spin_component() -> Result<PathBuf, String> {
    there(root().join("target/wasm32-wasip2/wasm/tidegate_spin.wasm"), "cargo xtask build spin")
}

/// The Workers build.
pub(super) fn workers_build() -> Result<PathBuf, String> {
    there(root().join("adapters/workers/build/index.js"), "cargo xtask build workers")
}

/// The Workers build with the routes that only tests may have.
pub(super) fn workers_test_build() -> Result<PathBuf, String> {
    there(root().join("target/workers-test/build/index.js"), "cargo xtask build workers --test")
}

fn there(path: PathBuf, build: &str) -> Result<PathBuf, String> {
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there: run `{build}`", path.display())) }
}

/// A directory of its own for one case, below the build directory.
pub(super) fn scratch(id: &str) -> std::io::Result<PathBuf> {
    let name = format!("{}-{}", std::process::id(), id.replace('/', "-"));
    let directory = root().join("target/cases").join(name);
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
