//! `spin-host`: runs a Spin component. See the library for what it is, `README.md` for how to use it.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Parser};
use spin_host::{Backend, Host, Lines, Output, Settings, Spin, control, manifest};
use tokio::io::BufReader;
use wasmtime::Result;

/// Runs a Spin component that was built with spin-sdk 7.
#[derive(Debug, Parser)]
#[command(group = ArgGroup::new("what").required(true).args(["component", "spin_toml"]))]
struct Arguments {
    /// The component, a file built for wasm32-wasip2.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Take component, variables, stores and outbound hosts from this manifest.
    #[arg(long, value_name = "FILE")]
    spin_toml: Option<PathBuf>,
    /// Start any number of apps, as told by JSON lines on standard input.
    #[arg(long, conflicts_with_all = ["spin_toml", "listen", "variables", "key_values", "allow_outbound"])]
    apps: bool,
    /// With --apps: run them on this real Spin, 4.1 or newer, a process each.
    #[arg(long, value_name = "SPIN", requires = "apps")]
    through: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    /// A variable of the component, or with --spin-toml of the application.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    variables: Vec<(String, String)>,
    /// An entry of the key-value store.
    #[arg(long = "key-value", value_name = "KEY=VALUE", value_parser = pair)]
    key_values: Vec<(String, String)>,
    /// A pattern of allowed_outbound_hosts, such as "http://127.0.0.1:*".
    #[arg(long, value_name = "PATTERN")]
    allow_outbound: Vec<String>,
    /// An authority to speak HTTP/2 to without TLS.
    #[arg(long, value_name = "HOST:PORT")]
    outbound_h2c: Vec<String>,
    /// Requests an instance serves in its life [default: 128].
    #[arg(long, value_name = "N")]
    max_instance_reuse: Option<usize>,
    /// How long an idle instance lives [default: 1000].
    #[arg(long, value_name = "MS")]
    idle_timeout_ms: Option<u64>,
    /// How long the component may take to begin its answer, 0 for ever [default: 60000].
    #[arg(long, value_name = "MS")]
    request_timeout_ms: Option<u64>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} has no \"=\""))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spin-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    if let (true, Some(component)) = (arguments.apps, &arguments.component) {
        let backend = match &arguments.through {
            Some(spin) => Backend::Spin(Spin::new(spin, component)?),
            None => Backend::Here(Host::compile(component)?),
        };
        let lines = Lines::to_stdout();
        control::run(&backend, BufReader::new(tokio::io::stdin()), &lines).await?;
        lines.close();
        return Ok(());
    }
    let (component, settings) = settings(&arguments)?;
    let app = Host::compile(&component)?.start(settings, Output::Inherit, &arguments.listen).await?;
    println!("listening on http://{}", app.address());
    // Runs until it is killed. There is no drain, as in Spin.
    std::future::pending().await
}

fn settings(arguments: &Arguments) -> Result<(PathBuf, Settings)> {
    let given = arguments.variables.iter().cloned();
    let (component, mut settings) = match (&arguments.spin_toml, &arguments.component) {
        (Some(path), _) => manifest::read(path, &environment().chain(given).collect())?,
        (None, Some(component)) => {
            (component.clone(), Settings { variables: given.collect::<BTreeMap<_, _>>(), ..Settings::default() })
        }
        (None, None) => wasmtime::bail!("name a component with --component or --spin-toml"),
    };
    settings.key_value.extend(arguments.key_values.iter().cloned());
    settings.allow_outbound.extend(arguments.allow_outbound.iter().cloned());
    settings.outbound_h2c.extend(arguments.outbound_h2c.iter().cloned());
    settings.max_instance_reuse = arguments.max_instance_reuse.unwrap_or(settings.max_instance_reuse);
    settings.idle_timeout_ms = arguments.idle_timeout_ms.unwrap_or(settings.idle_timeout_ms);
    settings.request_timeout_ms = arguments.request_timeout_ms.unwrap_or(settings.request_timeout_ms);
    Ok((component, settings))
}

/// `SPIN_VARIABLE_NAME` gives the application variable `name`, as in Spin.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars().filter_map(|(name, value)| Some((name.strip_prefix("SPIN_VARIABLE_")?.to_lowercase(), value)))
}
