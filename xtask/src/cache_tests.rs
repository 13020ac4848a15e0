//! The tests of npm `http-cache-tests`, which others wrote and run against their caches.

use std::path::{Path, PathBuf};

use crate::{
    build, machine,
    process::{self, Outcome},
    setup,
};

/// The package and its version. Its own dependencies are for its web page and are not installed.
const PACKAGE: &str = "http-cache-tests@0.4.5";

/// What other caches published, where it is at hand.
const PEERS: &str = "../shared/suites/cache-tests/peers-published";

/// Runs them on these platforms; on all of them where none is named.
pub(crate) fn run(platforms: &[&str]) -> Outcome {
    let tools = setup::run()?;
    let package = package()?;
    let platforms = if platforms.is_empty() { &["native", "workers", "spin"] } else { platforms };
    for platform in platforms {
        match *platform {
            "native" => process::run(&mut process::cargo(&["build", "--release", "--package", "tidegate"]))?,
            "workers" => build::workers::run(&tools, build::workers::Kind::Product)?,
            "spin" => build::spin::test().and_then(|()| build::spin::host())?,
            other => {
                return Err(format!("`{other}` is no platform of the cache tests; expected native, workers or spin"));
            }
        }
        let mut command = tools.command(&tools.node, &["--no-warnings", "tests/cache-tests/run.mjs"])?;
        command.arg(&package).arg(platform);
        if Path::new(PEERS).is_dir() {
            command.arg(PEERS);
        }
        if let Ok(server) = &tools.redis_server {
            command.env("TIDEGATE_REDIS_SERVER", server);
        }
        process::run(&mut command)?;
    }
    Ok(())
}

/// Fetches the package, unless it is there. npm checks what it fetches against the registry's hash.
fn package() -> Outcome<PathBuf> {
    let folder = machine::cache()?.join(PACKAGE.replace('@', "-"));
    let package = folder.join("package");
    if package.join("package.json").is_file() {
        return Ok(package);
    }
    let failed = |why: std::io::Error| format!("cannot write to {}: {why}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    process::capture(setup::npm::command(&machine::cache()?, &["pack", "--silent", PACKAGE])?.current_dir(&folder))?;
    let archive = folder.join(format!("{}.tgz", PACKAGE.replace('@', "-")));
    process::capture(process::command("tar", &["xzf"]).arg(&archive).current_dir(&folder))?;
    Ok(package)
}
