//! The Workers build: worker-build, with every tool it would download given to it.
//!
//! Built to unwind (see [`toolchain_shim`]), so that a panic ends one request and not its neighbours.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use super::{budget, names};
use crate::{
    machine,
    process::{self, Outcome},
    setup::{self, Tools},
    toolchain_shim,
};

const CRATE: &str = "adapters/workers";

/// What worker-build itself passes to cargo; the first of our two cargo runs must pass the same.
const CARGO: [&str; 8] =
    ["build", "--lib", "--profile", "wasm", "--target", "wasm32-unknown-unknown", "-Z", "build-std=std,panic_unwind"];

/// Which worker to build.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// The one that is deployed.
    Product,
    /// The same with the routes that only tests may have, such as one that panics.
    Test,
}

impl Kind {
    const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Product => &[],
            Self::Test => &["--features", "test-routes"],
        }
    }

    /// Where the worker goes: `main` of wrangler.toml for the product.
    pub(crate) fn output(self) -> PathBuf {
        let root = machine::root();
        match self {
            Self::Product => root.join(CRATE).join("build"),
            Self::Test => root.join("target/workers-test/build"),
        }
    }

    /// The same, as worker-build wants it: from the crate.
    const fn output_from_crate(self) -> &'static str {
        match self {
            Self::Product => "build",
            Self::Test => "../../target/workers-test/build",
        }
    }
}

/// Whether the adapter has test-only routes to build.
pub(crate) fn has_test_routes() -> bool {
    fs::read_to_string(machine::root().join(CRATE).join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().any(|line| line.starts_with("test-routes")))
}

/// Builds the worker unless it is up to date, and holds its size against the budget.
pub(crate) fn run(tools: &Tools, kind: Kind) -> Outcome {
    // Not in `target/debug` and `target/wasm`: the flags differ, and build scripts would be rebuilt at each change of task.
    let target = machine::root().join("target/workers");
    let _lock = lock(&target)?;
    let toolchain = target.join("toolchain");
    toolchain_shim::install(&toolchain)?;
    let sysroot = setup::sysroot()?;

    let mut compile = process::command(toolchain_shim::program(&sysroot, "cargo"), &CARGO);
    environment(&mut compile, tools, &target, &toolchain, &sysroot)?;
    compile.args(kind.features()).env("RUSTC_BOOTSTRAP", "1").env("RUSTC", toolchain_shim::program(&sysroot, "rustc"));
    compile.env("WASM_BINDGEN_USE_JS_SYS", "1").env("RUSTFLAGS", unwinding_flags());
    process::run(compile.current_dir(machine::root().join(CRATE)))?;

    let compiled = target.join("wasm32-unknown-unknown/wasm/tidegate_workers.wasm");
    let packed = target.join(format!("packed-{kind:?}.wasm"));
    let output = kind.output();
    if !same(&compiled, &packed) || !output.join("index_bg.wasm").exists() {
        pack(tools, kind, &target, &toolchain, &sysroot)?;
        fs::copy(&compiled, &packed).map_err(|why| format!("cannot keep a copy of {}: {why}", compiled.display()))?;
    }
    sizes(kind)
}

/// Prints the sizes of a worker that was built.
pub(crate) fn sizes(kind: Kind) -> Outcome {
    let wasm = kind.output().join("index_bg.wasm");
    println!("workers: {} bytes of wasm, {} gzipped", budget::plain(&wasm)?, budget::gzipped(&wasm)?);
    match kind {
        Kind::Product => budget::hold(
            "workers_gzip_bytes",
            budget::gzipped(&wasm)? + budget::gzipped(&kind.output().join("index.js"))?,
        ),
        Kind::Test => Ok(()),
    }
}

/// wasm-bindgen, wasm-opt and esbuild, by worker-build. Its own run of cargo finds everything compiled.
fn pack(tools: &Tools, kind: Kind, target: &Path, toolchain: &Path, sysroot: &Path) -> Outcome {
    let mut build = process::command(
        &tools.worker_build,
        &["--profile", "wasm", "--panic-unwind", "--out-dir", kind.output_from_crate(), "."],
    );
    build.args(kind.features()).current_dir(machine::root().join(CRATE));
    environment(&mut build, tools, target, toolchain, sysroot)?;
    let packages = machine::root().join("node_modules");
    build.env("WASM_BINDGEN_BIN", &tools.wasm_bindgen);
    build.env("WASM_OPT_BIN", packages.join("binaryen/bin/wasm-opt"));
    build.env("ESBUILD_BIN", esbuild(&packages)?);
    process::run(&mut build)?;
    match kind {
        // A trace of the product has numbers; the build for tests keeps the names.
        Kind::Product => names::remove(&kind.output().join("index_bg.wasm")),
        Kind::Test => Ok(()),
    }
}

/// What both runs of cargo must see alike, or the second would compile everything again.
fn environment(command: &mut Command, tools: &Tools, target: &Path, toolchain: &Path, sysroot: &Path) -> Outcome {
    let node = tools.node.parent().unwrap_or(Path::new("."));
    command.env("PATH", machine::path_with(&[toolchain, node])?);
    command.env(toolchain_shim::SYSROOT, sysroot);
    command.env("CARGO_TARGET_DIR", target);
    // The profile says `abort` for Spin's sake, which cannot unwind.
    command.env("CARGO_PROFILE_WASM_PANIC", "unwind");
    // wasm-bindgen needs custom sections that `true` would take.
    command.env("CARGO_PROFILE_WASM_STRIP", "debuginfo");
    Ok(())
}

/// worker-build appends its flag to the user's own flags in this way.
fn unwinding_flags() -> String {
    match machine::variable("RUSTFLAGS") {
        Some(flags) => format!("{flags} -Cpanic=unwind"),
        None => "-Cpanic=unwind".into(),
    }
}

/// The esbuild program itself: the one in `esbuild/bin` is a script unless the package's own installer has run.
fn esbuild(packages: &Path) -> Outcome<PathBuf> {
    let scope = packages.join("@esbuild");
    let kinds = fs::read_dir(&scope).map_err(|why| format!("cannot look into {}: {why}", scope.display()))?;
    let places = kinds.flatten().flat_map(|kind| [kind.path().join("bin/esbuild"), kind.path().join("esbuild.exe")]);
    places.into_iter().find(|program| program.is_file()).ok_or_else(|| {
        format!(
            "{} holds no esbuild for this machine: delete node_modules and run `cargo xtask setup`",
            scope.display()
        )
    })
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// `wrangler dev` and a test run may both want to build.
fn lock(target: &Path) -> Outcome<File> {
    let failed = |why: std::io::Error| format!("cannot build into {}: {why}", target.display());
    fs::create_dir_all(target).map_err(failed)?;
    let file = File::create(target.join("xtask.lock")).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
