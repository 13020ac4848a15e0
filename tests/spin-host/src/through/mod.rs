//! Apps on a real Spin: a process of `spin up` for each.
//!
//! Spin has no way to change an app from outside while it runs. What can be given at the start is given; the rest is
//! answered with a sentence that says so.

mod manifest;
mod process;
mod version;
mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::output::Lines;
use crate::settings::Settings;
pub(crate) use process::SpinApp;

/// The component beside the manifests.
const SOURCE: &str = "component.wasm";

/// A Spin program, and the folder of the manifests that it is given.
#[derive(Debug)]
pub struct Spin {
    program: PathBuf,
    folder: TempDir,
    manifests: AtomicUsize,
}

impl Spin {
    /// Takes the Spin at `program`, which must be new enough for the component at `component`.
    pub fn new(program: &Path, component: &Path) -> Result<Self> {
        // A bare name is looked for on the PATH; a path must hold from any directory.
        let named = program.components().nth(1).is_none();
        let program = if named { program.to_owned() } else { std::path::absolute(program)? };
        let shown = program.display();
        let answer = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
        let answer = answer.with_context(|| format!("cannot start {shown}"))?;
        let said = String::from_utf8_lossy(&answer.stdout);
        if !version::runs_the_component(&said) {
            wasmtime::bail!("`{shown} --version` says {:?}, expected Spin 4.1 or newer", said.trim());
        }
        let folder = tempfile::Builder::new().prefix("spin-host-").tempdir().context("cannot make a folder")?;
        std::fs::copy(component, folder.path().join(SOURCE))
            .with_context(|| format!("cannot copy {} to {}", component.display(), folder.path().display()))?;
        Ok(Self { program, folder, manifests: AtomicUsize::new(1) })
    }

    /// Starts an app. It answers by itself once it serves, or has failed.
    pub(crate) fn start(&self, id: &str, settings: &Settings, lines: &Lines) -> Result<SpinApp> {
        if settings.clock_ms.is_some() {
            wasmtime::bail!("a real Spin's clock cannot be stopped");
        }
        if settings.outbound_h2c.len() > 1 {
            wasmtime::bail!("a real Spin speaks HTTP/2 without TLS to one authority only");
        }
        let number = self.manifests.fetch_add(1, Ordering::Relaxed);
        let manifest = self.folder.path().join(format!("app-{number}.toml"));
        std::fs::write(&manifest, manifest::text(SOURCE, settings)?)
            .with_context(|| format!("cannot write {}", manifest.display()))?;
        Ok(SpinApp::start(self.launch(manifest, settings), id, lines))
    }

    fn launch(&self, manifest: PathBuf, settings: &Settings) -> Launch {
        let mut arguments: Vec<OsString> = vec!["up".into(), "--from".into(), manifest.into_os_string()];
        let mut option = |name: &str, value: &str| arguments.extend([name.into(), value.into()]);
        // Without a state directory the store is in memory, and without a log directory output comes here only.
        option("--state-dir", "");
        option("--log-dir", "");
        for (key, value) in &settings.key_value {
            option("--key-value", &format!("{key}={value}"));
        }
        let usual = Settings::default();
        if settings.max_instance_reuse != usual.max_instance_reuse {
            option("--max-instance-reuse-count", &settings.max_instance_reuse.to_string());
        }
        if settings.max_instance_concurrency != usual.max_instance_concurrency {
            option("--max-instance-concurrent-reuse-count", &settings.max_instance_concurrency.to_string());
        }
        if settings.idle_timeout_ms != usual.idle_timeout_ms {
            option("--idle-instance-timeout", &format!("{}ms", settings.idle_timeout_ms));
        }
        // Spin's own is for ever, and so is 0 here.
        if settings.request_timeout_ms != usual.request_timeout_ms && settings.request_timeout_ms > 0 {
            option("--request-timeout", &format!("{}ms", settings.request_timeout_ms));
        }
        let variable =
            |(name, value): (&String, &String)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value.clone());
        let mut environment: Vec<_> = settings.variables.iter().map(variable).collect();
        environment
            .extend(settings.outbound_h2c.first().map(|one| ("SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE".into(), one.clone())));
        Launch { program: self.program.clone(), folder: self.folder.path().to_owned(), arguments, environment }
    }
}

/// How a process is started.
struct Launch {
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
}

impl Launch {
    /// The command that serves on `port`.
    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg("--listen").arg(format!("127.0.0.1:{port}"));
        // The settings of whoever runs the tests are not the app's, nor is their `.env`, which Spin reads where it is started.
        command.env_remove("RUNTIME_CONFIG_FILE").env_remove("SPIN_LOG_DIR").current_dir(&self.folder);
        command.env("NO_COLOR", "1").envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
