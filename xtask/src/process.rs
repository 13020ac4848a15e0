//! Running other programs. Every failure is a sentence that names the command.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
};

use crate::machine;

/// What a task comes to: done, or the sentence that says why not.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// A command that runs in the checkout.
pub(crate) fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).current_dir(machine::root());
    command
}

/// `cargo` of the pinned toolchain, run in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command(machine::variable("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Runs it with its output shown.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|why| not_started(command, &why))?;
    check(command, status)
}

/// Runs it silently and returns what it printed; a failure shows everything it said.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|why| not_started(command, &why))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    check(command, output.status)
        .map_err(|why| format!("{why}\n{said}{}", String::from_utf8_lossy(&output.stderr)).trim_end().to_owned())?;
    Ok(said)
}

/// Runs it with its output shown, and shows each line to `see` as well.
pub(crate) fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Outcome {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|why| not_started(command, &why))?;
    let (sender, lines) = mpsc::channel();
    let out = child.stdout.take().map(|pipe| forward(pipe, Stream::Out, sender.clone()));
    let err = child.stderr.take().map(|pipe| forward(pipe, Stream::Err, sender));
    for (stream, line) in lines {
        match stream {
            Stream::Out => println!("{line}"),
            Stream::Err => eprintln!("{line}"),
        }
        see(&line);
    }
    for reader in [out, err].into_iter().flatten() {
        // A reader only ends; it has nothing to say beyond the lines it sent.
        let _ended = reader.join();
    }
    let status = child.wait().map_err(|why| not_started(command, &why))?;
    check(command, status)
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

fn forward(
    pipe: impl Read + Send + 'static,
    stream: Stream,
    sender: mpsc::Sender<(Stream, String)>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        // Output need not be UTF-8, and a stray byte must not end the reading.
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            if sender.send((stream, line)).is_err() {
                break;
            }
        }
    })
}

fn check(command: &Command, status: ExitStatus) -> Outcome {
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", shown(command))) }
}

fn not_started(command: &Command, why: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    match why.kind() {
        ErrorKind::NotFound => format!("`{program}` was not found: is it installed and on the PATH?"),
        _ => format!("`{program}` could not be started: {why}"),
    }
}

/// The command as a person would type it, the program without its directory.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}
