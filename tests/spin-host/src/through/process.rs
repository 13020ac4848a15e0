//! A process of `spin up`, and the thread that tends it: it answers when the app serves, and when it has ended.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::Launch;
use super::words::{Line, Reader, plain};
use crate::output::{Lines, Output, Source};

/// A free port can be taken by somebody else before Spin has it. That this happens so often in a row is out of the question.
const ATTEMPTS: usize = 8;

/// An app on a real Spin.
pub(crate) struct SpinApp {
    process: Arc<Mutex<Process>>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Process {
    child: Option<Child>,
    wish: Wish,
    /// Everything about it has been answered but its stop.
    over: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    Run,
    /// Whoever asked waits for an answer.
    Stop,
    /// Nobody does.
    End,
}

impl SpinApp {
    /// Starts it.
    pub(super) fn start(launch: Launch, id: &str, lines: &Lines) -> Self {
        let process = Arc::new(Mutex::new(Process::default()));
        let keeper = Keeper {
            id: id.to_owned(),
            process: Arc::clone(&process),
            output: lines.output(id),
            answers: lines.sender(),
        };
        Self { process, thread: std::thread::spawn(move || keeper.keep(&launch)) }
    }

    /// Whether it runs, or is about to.
    pub(crate) fn is_alive(&self) -> bool {
        !locked(&self.process).over
    }

    /// Asks it to end. It answers when it has, unless it had ended before: then this is false.
    pub(crate) fn stop(&self) -> bool {
        self.wish(Wish::Stop)
    }

    /// Asks it to end; it answers nothing.
    pub(crate) fn end(&self) {
        self.wish(Wish::End);
    }

    /// Waits until it has ended.
    pub(crate) fn join(self) {
        // A thread that panicked has said so.
        let _ = self.thread.join();
    }

    fn wish(&self, wish: Wish) -> bool {
        let mut process = locked(&self.process);
        process.wish = wish;
        if let Some(child) = &mut process.child {
            terminate(child);
        }
        !process.over
    }
}

/// What the thread knows.
struct Keeper {
    id: String,
    process: Arc<Mutex<Process>>,
    output: Output,
    answers: Sender<Option<String>>,
}

/// How a process ended.
enum Ended {
    /// It had served.
    Served(ExitStatus),
    /// It never did.
    Early { status: ExitStatus, said: String, port: u16 },
    /// It was told to stop before it was started.
    Never,
}

impl Keeper {
    fn keep(self, launch: &Launch) {
        let mut attempts = ATTEMPTS;
        let ended = loop {
            attempts -= 1;
            match self.run(launch) {
                Ok(Ended::Early { said, port, .. })
                    if attempts > 0 && self.wish() == Wish::Run && taken(port, &said) => {}
                ended => break ended,
            }
        };
        let wish = {
            let mut process = locked(&self.process);
            process.over = true;
            process.wish
        };
        match ended {
            Err(why) => self.answer("error", json!(format!("spin up: {why}"))),
            Ok(Ended::Early { .. } | Ended::Never) if wish != Wish::Run => {
                self.answer("error", json!("it was stopped before it served"));
            }
            Ok(Ended::Early { status, said, .. }) => {
                let said = if said.is_empty() { "and said nothing".into() } else { format!("and said:\n{said}") };
                self.answer("error", json!(format!("spin up ended before it served ({status}) {said}")));
            }
            Ok(Ended::Served(status)) if wish == Wish::Run => {
                self.output.line(Source::Host, &format!("spin up ended by itself ({status})"));
            }
            Ok(Ended::Served(_) | Ended::Never) => {}
        }
        if wish == Wish::Stop {
            self.answer("stopped", json!(true));
        }
    }

    /// One process, from its start to its end.
    fn run(&self, launch: &Launch) -> std::io::Result<Ended> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let Some((stdout, stderr)) = self.spawn(&mut launch.command(port))? else { return Ok(Ended::Never) };
        let serves = Arc::new(AtomicBool::new(false));
        let errors = {
            let (serves, output) = (Arc::clone(&serves), self.output.clone());
            std::thread::spawn(move || forward_errors(stderr, &serves, &output))
        };
        let mut reader = Reader::default();
        for line in lines(stdout) {
            match reader.line(&line) {
                Line::Spin => {}
                Line::Serving => {
                    serves.store(true, Ordering::Relaxed);
                    self.answer("port", json!(port));
                }
                Line::Component(line) => self.output.line(Source::Stdout, line),
            }
        }
        let status = self.reap()?;
        let said = errors.join().unwrap_or_default();
        if serves.load(Ordering::Relaxed) { Ok(Ended::Served(status)) } else { Ok(Ended::Early { status, said, port }) }
    }

    fn spawn(&self, command: &mut Command) -> std::io::Result<Option<(ChildStdout, ChildStderr)>> {
        let mut process = locked(&self.process);
        if process.wish != Wish::Run {
            return Ok(None);
        }
        let mut child = command.spawn()?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        process.child = Some(child);
        Ok(pipes)
    }

    /// Waits for a process whose output has ended. From here on nobody signals it, so its id may be given to another.
    fn reap(&self) -> std::io::Result<ExitStatus> {
        let child = locked(&self.process).child.take();
        child.map_or_else(|| Err(std::io::Error::other("it has no process")), |mut child| child.wait())
    }

    fn wish(&self) -> Wish {
        locked(&self.process).wish
    }

    fn answer(&self, member: &str, value: Value) {
        // The writer is gone only if the reader is: nobody is left to tell.
        let _ = self.answers.send(Some(json!({ "id": self.id, member: value }).to_string()));
    }
}

/// Until the app serves, errors are Spin's and are kept; from then on they are the component's as well, and passed on.
fn forward_errors(stderr: ChildStderr, serves: &AtomicBool, output: &Output) -> String {
    let mut kept = Vec::new();
    for line in lines(stderr) {
        if serves.load(Ordering::Relaxed) {
            output.line(Source::Stderr, plain(&line));
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// Whether somebody else has the port.
fn taken(port: u16, said: &str) -> bool {
    said.to_lowercase().contains("already in use") || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}

/// Lines of any bytes: one that is not UTF-8 must not end the reading.
fn lines(pipe: impl Read) -> impl Iterator<Item = String> {
    let lines = BufReader::new(pipe).split(b'\n').map_while(Result::ok);
    lines.map(|line| String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}

/// `spin up` hands a SIGTERM on to the process that serves; were it killed, that process would live on.
#[cfg(unix)]
fn terminate(child: &mut Child) {
    if let Some(id) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
}

#[cfg(not(unix))]
fn terminate(child: &mut Child) {
    let _ = child.kill();
}

fn locked(process: &Mutex<Process>) -> MutexGuard<'_, Process> {
    process.lock().unwrap_or_else(PoisonError::into_inner)
}
