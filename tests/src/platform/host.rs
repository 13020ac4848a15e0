//! A program that hosts many gateways and is steered by JSON lines: those of the Workers and the Spin tests.

use std::cell::RefCell;
use std::collections::HashMap;
use std::process::Stdio;
use std::rc::Rc;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_local;

/// The program.
pub(super) struct Host {
    child: RefCell<Option<Child>>,
    input: Mutex<Option<ChildStdin>>,
    tenants: Tenants,
}

type Tenants = Rc<RefCell<Option<HashMap<String, Ends>>>>;

/// Where to send what the program says of one gateway.
struct Ends {
    answers: mpsc::UnboundedSender<Value>,
    lines: mpsc::UnboundedSender<String>,
}

/// What the program says of one gateway.
pub(super) struct Tenant {
    pub(super) id: String,
    answers: mpsc::UnboundedReceiver<Value>,
    pub(super) lines: Option<mpsc::UnboundedReceiver<String>>,
}

impl Host {
    /// Starts the program.
    pub(super) fn start(mut command: Command) -> Result<Self, String> {
        let name = format!("{:?}", command.as_std().get_program());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|why| format!("{name} cannot be started: {why}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{name} has no standard input or output"));
        };
        let tenants: Tenants = Rc::new(RefCell::new(Some(HashMap::new())));
        spawn_local(listen(output, Rc::clone(&tenants)));
        Ok(Self { child: RefCell::new(Some(child)), input: Mutex::new(Some(input)), tenants })
    }

    /// Makes a place for a gateway, before it is started.
    pub(super) fn tenant(&self, id: &str) -> Tenant {
        let (answers, answered) = mpsc::unbounded_channel();
        let (lines, logged) = mpsc::unbounded_channel();
        if let Some(tenants) = &mut *self.tenants.borrow_mut() {
            tenants.insert(id.to_owned(), Ends { answers, lines });
        }
        Tenant { id: id.to_owned(), answers: answered, lines: Some(logged) }
    }

    /// Sends a command.
    pub(super) async fn say(&self, command: &Value) -> Result<(), String> {
        let mut input = self.input.lock().await;
        let Some(input) = input.as_mut() else { return Err("the host has been stopped".into()) };
        let sent = input.write_all(format!("{command}\n").as_bytes()).await;
        sent.map_err(|why| format!("the host takes no commands: {why}"))
    }

    /// Ends the program: it stops when its input ends.
    pub(super) async fn stop(self) {
        drop(self.input.lock().await.take());
        let child = self.child.borrow_mut().take();
        if let Some(mut child) = child {
            drop(child.wait().await);
        }
    }
}

impl Tenant {
    /// The next answer of the host, which must have `member`.
    pub(super) async fn answer(&mut self, member: &str) -> Result<Value, String> {
        let Some(answer) = self.answers.recv().await else {
            return Err("the host has ended; what it said stands above".into());
        };
        answer.get(member).cloned().ok_or_else(|| match answer.get("error").and_then(Value::as_str) {
            Some(why) => why.to_owned(),
            None => format!("expected an answer with `{member}`, found {answer}"),
        })
    }

    /// Ends the gateway. What it logs from here on is dropped.
    pub(super) async fn stop(mut self, host: &Host) {
        if host.say(&json!({"stop": {"id": self.id}})).await.is_ok() {
            drop(self.answer("stopped").await);
        }
        if let Some(tenants) = &mut *host.tenants.borrow_mut() {
            tenants.remove(&self.id);
        }
    }
}

async fn listen(output: ChildStdout, tenants: Tenants) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            eprintln!("host: {line}");
            continue;
        };
        let id = message.get("id").and_then(Value::as_str);
        let mut tenants = tenants.borrow_mut();
        let ends = id.and_then(|id| tenants.as_mut()?.get(id));
        let logged = message.get("stdout").or_else(|| message.get("stderr")).and_then(Value::as_str);
        // A receiver that has gone does not want it.
        match (ends, logged) {
            (Some(ends), Some(line)) => drop(ends.lines.send(line.to_owned())),
            (Some(ends), None) => drop(ends.answers.send(message)),
            (None, _) if message.get("ready").is_some() || id.is_some() => {}
            (None, _) => eprintln!("host: {line}"),
        }
    }
    // Whoever waits for the host learns that it has ended.
    tenants.borrow_mut().take();
}
