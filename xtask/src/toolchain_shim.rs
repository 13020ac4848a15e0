//! One pinned toolchain for the Workers build, too.
//!
//! A panic may only end its own request if the standard library is built to unwind. worker-build does
//! that with `--panic-unwind`, and asks for `cargo +nightly` to do it: whichever nightly a machine has.
//! The pinned stable compiler can do the same when `RUSTC_BOOTSTRAP=1` allows it the one unstable flag
//! (`-Z build-std`). So worker-build is given a PATH on which `cargo`, `rustc` and `rustup` are copies of
//! this very program; under one of those names it answers with the pinned toolchain whatever `+name` is asked for.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::{machine, process::Outcome};

/// The variable that tells a copy which toolchain to answer with.
pub(crate) const SYSROOT: &str = "TIDEGATE_SYSROOT";

/// Acts as the tool this program was started as, if it was started as one.
pub(crate) fn answer() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let name = PathBuf::from(arguments.next()?).file_stem()?.to_string_lossy().into_owned();
    let sysroot = PathBuf::from(machine::variable(SYSROOT)?);
    let rest: Vec<OsString> = arguments.filter(|argument| !argument.to_string_lossy().starts_with('+')).collect();
    match name.as_str() {
        "cargo" | "rustc" => Some(stand_in(&sysroot, &name, &rest)),
        "rustup" => Some(components(&sysroot, &rest)),
        _ => None,
    }
}

/// Lays the three copies into `directory`, for the front of a PATH. A program on it needs [`SYSROOT`] set.
pub(crate) fn install(directory: &Path) -> Outcome {
    let failed = |why: std::io::Error| format!("cannot lay the toolchain into {}: {why}", directory.display());
    fs::create_dir_all(directory).map_err(failed)?;
    let this = std::env::current_exe().map_err(failed)?;
    for tool in ["cargo", "rustc", "rustup"] {
        let copy = directory.join(format!("{tool}{}", std::env::consts::EXE_SUFFIX));
        if copy.exists() {
            fs::remove_file(&copy).map_err(failed)?;
        }
        fs::copy(&this, &copy).map_err(failed)?;
    }
    Ok(())
}

fn stand_in(sysroot: &Path, tool: &str, arguments: &[OsString]) -> ExitCode {
    let real = program(sysroot, tool);
    let mut command = Command::new(&real);
    command.args(arguments);
    if arguments.iter().any(|argument| argument == "-Z") {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    match command.env("RUSTC", program(sysroot, "rustc")).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(why) => {
            eprintln!("{} could not be started: {why}", real.display());
            ExitCode::FAILURE
        }
    }
}

/// worker-build asks rustup one thing: whether the sources of the standard library are there.
fn components(sysroot: &Path, arguments: &[OsString]) -> ExitCode {
    let asked: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    if asked.iter().map(AsRef::as_ref).take(2).eq(["component", "list"]) {
        if standard_library_sources(sysroot).exists() {
            println!("rust-src (installed)");
        }
        return ExitCode::SUCCESS;
    }
    eprintln!("`rustup {}` was not expected while building for Workers: run `cargo xtask setup`", asked.join(" "));
    ExitCode::FAILURE
}

/// A file that is there exactly when the `rust-src` component is.
pub(crate) fn standard_library_sources(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src/rust/library/Cargo.lock")
}

/// A program of the toolchain itself, past rustup's proxies.
pub(crate) fn program(sysroot: &Path, tool: &str) -> PathBuf {
    sysroot.join("bin").join(format!("{tool}{}", std::env::consts::EXE_SUFFIX))
}
