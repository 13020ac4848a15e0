//! Apps on a real Spin, for which `tests/stand-in/spin` stands in: it takes the same arguments and runs this host.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::control::{Program, get};

fn stand_in() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand-in/spin"))
}

fn start() -> Program {
    Program::start(&["--apps", "--through", stand_in().to_str().expect("a path of text")])
}

fn error(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or_else(|| panic!("no error: {answer}"))
}

#[tokio::test]
async fn each_app_is_a_process_with_its_own_variables_and_entries() {
    let mut program = start();
    let first = program.tell(r#"{"start":{"id":"a","variables":{"v":"1 \"one\""},"key_value":{"k":"x=y"}}}"#);
    let second = program.tell(r#"{"start":{"id":"b","variables":{"v":"2"}}}"#);
    assert_eq!((get(&first, "/variable/v").await, get(&second, "/variable/v").await), ("1 \"one\"".into(), "2".into()));
    assert_eq!((get(&first, "/kv/k").await, get(&second, "/kv/k").await), ("x=y".into(), "absent".into()));
    assert_eq!(get(&first, "/variable/other").await, "undefined");
}

#[tokio::test]
async fn lines_are_the_components_and_name_the_app() {
    let mut program = start();
    let app = program.tell(r#"{"start":{"id":"a"}}"#);
    get(&app, "/log").await;
    let mut lines = [program.line(), program.line()];
    // Two pipes bring them, in either order.
    lines.sort();
    assert_eq!(lines, [r#"{"id":"a","stderr":"to the errors"}"#, r#"{"id":"a","stdout":"to the output"}"#]);
}

#[tokio::test]
async fn a_stop_ends_the_process_and_frees_its_name_and_port() {
    let mut program = start();
    let app = program.tell(r#"{"start":{"id":"a"}}"#);
    assert!(error(&program.tell(r#"{"start":{"id":"a"}}"#)).contains("is running"));
    assert_eq!(program.tell(r#"{"stop":{"id":"a"}}"#), json!({"id":"a","stopped":true}));
    let port = app["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody still listens on {port}");
    assert!(error(&program.tell(r#"{"stop":{"id":"a"}}"#)).contains("no app of this id"));
    assert!(program.tell(r#"{"start":{"id":"a"}}"#)["port"].is_u64());
}

#[tokio::test]
async fn all_processes_have_ended_when_the_input_has() {
    let mut program = start();
    let app = program.tell(r#"{"start":{"id":"a"}}"#);
    drop(program.commands.take());
    assert!(program.child.wait().expect("an exit").success());
    let port = app["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody still listens on {port}");
}

#[test]
fn what_spin_says_before_it_serves_is_the_error() {
    let mut program = start();
    let answer = program.tell(r#"{"start":{"id":"a","allow_outbound":["here"]}}"#);
    assert!(error(&answer).contains("ended before it served (exit status: 1)"), "{answer}");
    assert!(error(&answer).contains("no scheme"), "{answer}");
    let answer = program.tell(r#"{"start":{"id":"a","max_instance_reuse":7}}"#);
    assert!(error(&answer).contains("unexpected argument '--max-instance-reuse-count'"), "{answer}");
}

#[test]
fn what_cannot_be_done_to_a_real_spin_is_said() {
    let mut program = start();
    let answer = program.tell(r#"{"start":{"id":"a","clock_ms":5}}"#);
    assert_eq!(error(&answer), "a real Spin's clock cannot be stopped");
    assert!(program.tell(r#"{"start":{"id":"a"}}"#)["port"].is_u64());
    for command in [r#"{"set":{"id":"a","key":"k","value":"v"}}"#, r#"{"get":{"id":"a","key":"k"}}"#] {
        let answer = program.tell(command);
        assert!(error(&answer).contains("cannot be reached from outside"), "{command}: {answer}");
    }
    let answer = program.tell(r#"{"advance":{"id":"a","ms":1}}"#);
    assert_eq!(error(&answer), "a real Spin's clock cannot be moved");
}

#[test]
fn a_program_that_is_no_new_spin_is_refused_at_once() {
    let answer = std::process::Command::new(env!("CARGO_BIN_EXE_spin-host"))
        .args(["--apps", "--component", "no.wasm", "--through", "true"])
        .output()
        .expect("spin-host starts");
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(!answer.status.success() && said.contains("`true --version` says"), "{said}");
    assert!(said.contains("expected Spin 4.1 or newer"), "{said}");
}

#[test]
fn another_port_is_tried_where_the_first_was_taken_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let unlucky = folder.path().join("spin");
    let script = format!(
        "#!/bin/sh\n\
         if [ \"$1\" = up ] && [ ! -e '{tried}' ]; then touch '{tried}'; echo 'Error: Address already in use' >&2; exit 1; fi\n\
         exec '{spin}' \"$@\"\n",
        tried = folder.path().join("tried").display(),
        spin = stand_in().display(),
    );
    std::fs::write(&unlucky, script).expect("a script");
    std::fs::set_permissions(&unlucky, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let mut program = Program::start(&["--apps", "--through", unlucky.to_str().expect("a path of text")]);
    assert!(program.tell(r#"{"start":{"id":"a"}}"#)["port"].is_u64());
    assert!(folder.path().join("tried").exists());
}
