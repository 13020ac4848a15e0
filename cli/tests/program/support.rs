//! Running the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// The secret with which the examples and the guide hash API keys.
pub(crate) const KEY_PEPPER: &str = "0123456789abcdef0123456789abcdef";

/// The program, without what the caller's environment may say about colours.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("CLICOLOR").stdin(Stdio::null());
    command.env("KEY_PEPPER", KEY_PEPPER);
    command
}

/// Runs it at the root of the repository, where the example is.
pub(crate) fn run(arguments: &[&str]) -> Run {
    finish(program().current_dir(root()).args(arguments), None)
}

/// Runs it in `folder`.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    finish(program().current_dir(folder).args(arguments), None)
}

/// Runs it with `config` as its standard input.
pub(crate) fn run_on(config: &str, arguments: &[&str]) -> Run {
    finish(program().args(arguments), Some(config))
}

fn finish(command: &mut Command, input: Option<&str>) -> Run {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(input) = input {
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Run {
    /// What it printed, which must be JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {}{}", self.out, self.err))
    }
}
