//! The npm packages of package-lock.json: wrangler, miniflare, workerd, esbuild, binaryen.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::say;
use crate::{
    machine,
    process::{self, Outcome},
};

/// The lock file that node_modules was made from, kept inside it.
const MADE_FROM: &str = "node_modules/.made-from-package-lock.json";

/// Makes node_modules equal to package-lock.json.
pub(super) fn packages(cache: &Path, node: &Path) -> Outcome {
    let root = machine::root();
    let lock = root.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|why| format!("cannot read {}: {why}", lock.display()))?;
    let made_from = root.join(MADE_FROM);
    if fs::read(&made_from).is_ok_and(|made_from| made_from == wanted) {
        return Ok(());
    }
    say("installing the npm packages of package-lock.json");
    // No package's own script runs: what they would unpack or compile comes as a package as well.
    let mut install = command(cache, &["ci", "--ignore-scripts", "--prefer-offline"])?;
    install.env("PATH", machine::path_with(&[node.parent().unwrap_or(Path::new("."))])?);
    process::capture(&mut install)?;
    fs::write(&made_from, wanted).map_err(|why| format!("cannot write {}: {why}", made_from.display()))
}

/// npm with a store outside the checkout, so that a fresh clone fetches nothing again.
pub(crate) fn command(cache: &Path, arguments: &[&str]) -> Outcome<Command> {
    let Some(npm) = machine::on_path("npm") else {
        return Err(
            "npm was not found. The Workers build and tests need it: install Node.js with npm, in any version \
                    (https://nodejs.org, or your system's `nodejs` and `npm` packages), and run this again"
                .into(),
        );
    };
    let mut command = process::command(npm, &["--no-audit", "--no-fund", "--cache"]);
    command.arg(cache.join("npm")).args(arguments).stdin(Stdio::null());
    Ok(command)
}
