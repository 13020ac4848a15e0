//! `tidegate serve`: the program answers, says how to try it, and stops when it is told.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::support::{program, root};

/// Only for a program that hangs: every wait ends when what it waits for is there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running gateway. Killed at the end of the test if it still runs.
pub(crate) struct Gateway {
    child: Child,
    told: Receiver<String>,
    seen: String,
    folder: tempfile::TempDir,
}

impl Gateway {
    pub(crate) fn start(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tidegate.yaml"), config).unwrap();
        // No command: that means `serve`, and `tidegate.yaml` in the current folder.
        let mut child =
            program().current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let told = lines(child.stderr.take().unwrap());
        Self { child, told, seen: String::new(), folder }
    }

    /// The next line of standard error that has `words`.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            let line = self
                .told
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|why| panic!("no line with {words:?} ({why}):\n{}", self.seen));
            self.seen.push_str(&format!("{line}\n"));
            if line.contains(words) {
                return line;
            }
        }
    }

    fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Where it runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("tidegate.yaml")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stream).lines().map_while(Result::ok).all(|line| send.send(line).is_ok())
    });
    lines
}

/// The words of a line such as `  listening  http://127.0.0.1:43217  HTTP/1.1`.
pub(crate) fn address(line: &str) -> String {
    line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

fn get(address: &str, path: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}"))
}

/// The answer to a request with this head, which has no line end behind it.
pub(crate) fn ask(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The example, on free ports.
fn example() -> String {
    let example = std::fs::read_to_string(root().join("tidegate.yaml")).unwrap();
    example.replace("127.0.0.1:8080", "127.0.0.1:0").replace("127.0.0.1:9090", "127.0.0.1:0")
}

#[test]
fn the_example_answers_says_what_to_try_and_stops_on_sigterm() {
    let mut gateway = Gateway::start(&example());
    let listening = address(&gateway.wait_for("listening"));
    let admin = address(&gateway.wait_for("admin"));
    gateway.wait_for("Try");
    let tries: Vec<String> = (0..5).map(|_| gateway.wait_for("curl")).collect();
    gateway.wait_for("Ctrl-C stops");
    assert!(gateway.seen.contains("tidegate.yaml as `tidegate-example`"), "{}", gateway.seen);
    assert!(gateway.seen.contains("  user      GET,PUT,DELETE /api/users/{id}  echo"), "{}", gateway.seen);

    for line in &tries {
        let path = line.split(&listening).nth(1).unwrap_or_else(|| panic!("{line} does not ask {listening}"));
        let answer = get(&listening, path);
        let status = answer.split(' ').nth(1).unwrap();
        assert!(["200", "308"].contains(&status), "{line}: {answer}");
    }
    assert!(get(&listening, "/hello").ends_with("{\"message\": \"Hello from the edge.\"}\n"));
    assert!(get(&admin, "/readyz").starts_with("HTTP/1.1 200"));

    gateway.signal("TERM");
    gateway.wait_for("Stopping");
    assert!(gateway.child.wait().unwrap().success());
    let mut log = String::new();
    gateway.child.stdout.take().unwrap().read_to_string(&mut log).unwrap();
    let requests: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(requests.len() > tries.len(), "the access log is not complete: {log}");
}

#[test]
fn a_bad_file_is_refused_while_the_running_configuration_goes_on() {
    let mut gateway = Gateway::start(&example());
    let listening = address(&gateway.wait_for("listening"));
    gateway.wait_for("Ctrl-C stops");
    std::fs::write(gateway.file(), "routs: []\n").unwrap();
    gateway.signal("HUP");
    gateway.wait_for("unknown-key");
    gateway.wait_for("the running configuration goes on");
    assert!(get(&listening, "/hello").starts_with("HTTP/1.1 200"));
    std::fs::write(gateway.file(), example().replace("Hello from the edge.", "Hello again.")).unwrap();
    gateway.signal("HUP");
    gateway.wait_for("The configuration was read again");
    assert!(get(&listening, "/hello").contains("Hello again."));
}

/// What a start that fails says; it must end with 1.
fn refusal(config: &str) -> String {
    let mut gateway = Gateway::start(config);
    assert_eq!(gateway.child.wait().unwrap().code(), Some(1));
    gateway.told.iter().map(|line| line + "\n").collect()
}

#[test]
fn an_address_that_is_taken_is_said_in_one_sentence() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap();
    let config = format!(
        "routes: [{{name: a, to: {{echo: {{}}}}}}]\nnative: {{admin: '127.0.0.1:0', listeners: [{{address: '{taken}'}}]}}\n"
    );
    let said = refusal(&config);
    drop(held);
    assert!(said.starts_with(&format!("error: cannot listen on {taken} (`native.listeners[0]`): ")), "{said}");
    assert!(said.contains("another program listens there"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_said_with_its_setting() {
    let config = "\
routes: [{name: a, to: {echo: {}}}]
native:
  admin: 127.0.0.1:0
  listeners:
    - {address: '127.0.0.1:0', tls: {certificate: tidegate.yaml, key: none.pem}}
";
    let said = refusal(config);
    assert!(said.contains("native.listeners[0].tls"), "{said}");
    assert!(said.contains("tidegate.yaml") || said.contains("none.pem"), "{said}");
}

#[test]
fn a_configuration_with_mistakes_is_shown_with_their_places_and_not_served() {
    let said = refusal("routes: [{name: a, to: {upstream: b}}]\n");
    assert!(said.contains("tidegate.yaml:1:"), "{said}");
    let config =
        "upstreams: {u: {targets: [{url: '${env:TIDEGATE_TEST_NOT_SET}'}]}}\nroutes: [{name: a, to: {upstream: u}}]\n";
    let said = refusal(config);
    assert!(said.contains("error[variable-missing]"), "{said}");
}

#[test]
fn without_a_file_it_says_which_one_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = program().current_dir(Path::new(folder.path())).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "error: there is no file `tidegate.yaml`; give the path of a configuration\n");
}
