//! The program: its ready line, and many apps steered over standard input.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{component, send};

pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    apps: bool,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_spin-host"))
            .arg("--component")
            .arg(component())
            .args(arguments)
            .env("SPIN_STAND_IN_HOST", env!("CARGO_BIN_EXE_spin-host"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("spin-host starts");
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, commands, answers, apps: arguments.contains(&"--apps") }
    }

    pub(crate) fn line(&mut self) -> String {
        self.answers.next().expect("a line").expect("a line")
    }

    pub(crate) fn tell(&mut self, command: &str) -> Value {
        writeln!(self.commands.as_mut().expect("open input"), "{command}").expect("a written command");
        serde_json::from_str(&self.line()).expect("JSON")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // With --apps it ends when its input does, and ends the processes that it has started.
        let ends = self.commands.take().is_some() && self.apps;
        if !ends {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

pub(crate) async fn get(port: &Value, path: &str) -> String {
    let port = port["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    send(([127, 0, 0, 1], port).into(), "GET", path, &[], b"").await.text().to_owned()
}

#[tokio::test]
async fn says_where_it_listens_once_it_does() {
    let mut program = Program::start(&["--variable", "greeting=hi=there", "--key-value", "k=v"]);
    let line = program.line();
    let address = line.strip_prefix("listening on http://").expect("the ready line").parse().expect("an address");
    assert_eq!(send(address, "GET", "/variable/greeting", &[], b"").await.text(), "hi=there");
    assert_eq!(send(address, "GET", "/kv/k", &[], b"").await.text(), "v");
}

#[tokio::test]
async fn runs_many_apps_of_one_component() {
    let mut program = Program::start(&["--apps"]);
    let first = program.tell(r#"{"start":{"id":"a","variables":{"v":"1"},"clock_ms":5}}"#);
    let second = program.tell(r#"{"start":{"id":"b","variables":{"v":"2"}}}"#);
    assert_eq!((get(&first, "/variable/v").await, get(&second, "/variable/v").await), ("1".into(), "2".into()));

    assert_eq!(program.tell(r#"{"set":{"id":"a","key":"k","value":"x"}}"#), json!({"id":"a","set":"k"}));
    assert_eq!(get(&first, "/kv/k").await, "x");
    assert_eq!(get(&second, "/kv/k").await, "absent");
    assert_eq!(program.tell(r#"{"get":{"id":"a","key":"k"}}"#), json!({"id":"a","get":"k","value":"x"}));

    assert_eq!(program.tell(r#"{"advance":{"id":"a","ms":2}}"#), json!({"id":"a","advance":2}));
    assert_eq!(get(&first, "/now").await, "7");

    get(&second, "/log").await;
    assert_eq!(program.line(), r#"{"id":"b","stdout":"to the output"}"#);
    assert_eq!(program.line(), r#"{"id":"b","stderr":"to the errors"}"#);

    assert_eq!(program.tell(r#"{"stop":{"id":"a"}}"#), json!({"id":"a","stopped":true}));
    assert_eq!(get(&second, "/variable/v").await, "2");
    drop(program.commands.take());
    assert!(program.child.wait().expect("an exit").success());
}

#[test]
fn answers_mistakes_and_goes_on() {
    let mut program = Program::start(&["--apps"]);
    for (command, complaint) in [
        ("nonsense", "not a command"),
        (r#"{"begin":{}}"#, "unknown variant"),
        (r#"{"stop":{"id":"x"}}"#, "no app of this id"),
        (r#"{"start":{"id":"x","varables":{}}}"#, "unknown field `varables`"),
        (r#"{"start":{"id":"x","variables":{"A-b":"1"}}}"#, "lower-case words"),
        (r#"{"start":{"id":"x","allow_outbound":["here"]}}"#, "no scheme"),
    ] {
        let answer = program.tell(command);
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(complaint)), "{command}: {answer}");
    }
    assert!(program.tell(r#"{"start":{"id":"x"}}"#)["port"].is_u64());
}
