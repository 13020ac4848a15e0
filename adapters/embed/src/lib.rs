//! What the build scripts of the Wasm adapters share: the configuration is checked and embedded as JSON, so that a component carries no reader of
//! YAML and a broken file never gets deployed.
//!
//! The file is the one that the environment variable `TIDEGATE_CONFIG` names, else `tidegate.yaml` at the root of the workspace. What is wrong with
//! it is said in the words of `tidegate check`.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use router_core::config::source::{Style, load, render};
use router_core::config::{NoVariables, PlatformName, Purpose, Severity};

const VARIABLE: &str = "TIDEGATE_CONFIG";

/// Checks the configuration for `platform` and writes it to `gateway.json` in cargo's `OUT_DIR`.
#[must_use]
pub fn embed(platform: PlatformName) -> ExitCode {
    match try_embed(platform) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn try_embed(platform: PlatformName) -> Result<(), String> {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let path = configuration();
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|why| {
        format!(
            "error: cannot read the configuration {}: {why}\nwrite one there, or name another file in {VARIABLE}",
            path.display()
        )
    })?;
    let document = check(&path.display().to_string(), &text, platform)?;
    let out =
        env::var_os("OUT_DIR").ok_or("error: cargo sets OUT_DIR for build scripts; run this one through cargo")?;
    let embedded = Path::new(&out).join("gateway.json");
    fs::write(&embedded, document).map_err(|why| format!("error: cannot write {}: {why}", embedded.display()))
}

/// Relative paths start at the root of the workspace, where `tidegate.yaml` is and commands are run, not at the package that is built.
fn configuration() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap_or(root);
    root.join(env::var_os(VARIABLE).filter(|path| !path.is_empty()).unwrap_or_else(|| "tidegate.yaml".into()))
}

/// The document as JSON, if there is no error in it. References to variables stay: their values are there when the gateway runs, so that they are
/// missing here is expected and not worth a warning.
fn check(name: &str, text: &str, platform: PlatformName) -> Result<String, String> {
    let mut loaded = load(name, text, &NoVariables, Purpose::Check);
    loaded.checked.require(platform);
    let found = &loaded.checked.diagnostics;
    if found.has_errors() {
        return Err(render(&loaded.source, found, Style::PLAIN));
    }
    for warning in found.iter().filter(|found| found.severity == Severity::Warning && found.code != "variable-missing")
    {
        println!("cargo::warning={}", warning.to_string().replace('\n', " "));
    }
    Ok(loaded.source.value().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_document_keeps_its_references() {
        let text = "routes: [{name: a, to: {respond: {body: \"${secret:A}\"}}}]";
        let json = check("a.yaml", text, PlatformName::Spin).unwrap();
        assert_eq!(json, r#"{"routes":[{"name":"a","to":{"respond":{"body":"${secret:A}"}}}]}"#);
    }

    #[test]
    fn what_the_platform_cannot_do_is_shown_with_its_place() {
        let text = "upstreams: {u: {targets: [{url: \"http://a\"}]}}\nroutes:\n  - name: a\n    upgrade: [websocket]\n    to: {upstream: u}\n";
        let shown = check("a.yaml", text, PlatformName::Spin).unwrap_err();
        assert!(shown.contains("a.yaml:4") && shown.contains("not-on-platform"), "{shown}");
        assert!(check("a.yaml", text, PlatformName::Workers).is_ok());
    }
}
