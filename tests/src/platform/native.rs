//! The native server, in this process, on ports of the system's choice.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;

use router_core::RequestHead;
use router_core::config::Variables;
use router_core::config::variables::Kind;
use serde_json::{Value, json};
use tidegate_native::{ConfigSource, LogSink, Options, Server};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::places;
use super::session::{Outcome, Waiting, steps};
use super::wired::{Control, Wired};
use crate::case::Case;
use crate::case::exchange::{Build, Client};
use crate::observed::Fields;
use crate::wire::upstream::Upstreams;

struct Running {
    /// Ends when it is dropped.
    _server: Server,
    file: PathBuf,
}

struct Given(BTreeMap<String, String>);

impl Variables for Given {
    fn value(&self, _: Kind, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// Runs one case.
pub(super) async fn run(case: &Case, waiting: &Waiting) -> Outcome {
    let directory = match places::scratch(&case.id) {
        Ok(directory) => directory,
        Err(why) => return Outcome::broken(0, format!("no directory can be made for the case: {why}")),
    };
    let outcome = match session(case, &directory, waiting).await {
        Ok(mut session) => steps(case, &mut session, waiting).await,
        Err(why) => Outcome::broken(0, why),
    };
    drop(std::fs::remove_dir_all(&directory));
    outcome
}

async fn session(case: &Case, directory: &Path, waiting: &Waiting) -> Result<Wired<Running>, String> {
    let upstreams = Upstreams::start().await.map_err(|why| why.to_string())?;
    let file = directory.join("tidegate.json");
    std::fs::write(&file, on_any_port(upstreams.texts().put_into(&case.document)).to_string())
        .map_err(|why| why.to_string())?;
    let (sink, lines) = log()?;
    let variables = Arc::new(Given(case.exchange.variables.clone()));
    let mut options = Options::new(ConfigSource::File { path: file.clone(), variables }).with_log(LogSink::Lines(sink));
    if case.exchange.build == Build::Test {
        options = options.with_observer(Arc::new(panicking));
    }
    let server = tidegate_native::start(options).map_err(|why| why.to_string())?;
    let gateway = *server.addresses.first().ok_or("the server listens nowhere")?;
    Ok(Wired { gateway, upstreams, lines, waiting: waiting.clone(), control: Running { _server: server, file } })
}

/// What the test build of the worker does too, without the report that a panic would print.
fn panicking(head: &RequestHead) {
    if head.headers.contains_key("x-test-panic") {
        resume_unwind(Box::new("a test asked for a panic"));
    }
}

/// The same document with listeners that get in nobody's way, and with one thread: cases run beside each other already.
fn on_any_port(mut document: Value) -> Value {
    if let Some(members) = document.as_object_mut() {
        members.entry("native").or_insert(json!({
            "listeners": [{"address": "127.0.0.1:0"}],
            "admin": "127.0.0.1:0",
            "threads": 1,
        }));
    }
    document
}

/// The server's log. Its lines come from other threads, so a thread carries them over.
fn log() -> Result<(mpsc::Sender<String>, UnboundedReceiver<String>), String> {
    let (sink, source) = mpsc::channel::<String>();
    let (sender, lines) = unbounded_channel();
    let carry = move || source.into_iter().take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
    std::thread::Builder::new().name("case-log".into()).spawn(carry).map_err(|why| why.to_string())?;
    Ok((sink, lines))
}

impl Control for Running {
    /// In one step, as editors and deployments do: a half-written file is never seen.
    async fn store(&mut self, document: String) -> Result<(), String> {
        let document = match serde_json::from_str(&document) {
            Ok(document) => on_any_port(document).to_string(),
            Err(_) => document,
        };
        let new = self.file.with_extension("new");
        std::fs::write(&new, document).and_then(|()| std::fs::rename(&new, &self.file)).map_err(|why| why.to_string())
    }

    fn watches(&self) -> bool {
        true
    }

    fn fields(&self, _: &Client) -> Fields {
        Fields::new()
    }
}
