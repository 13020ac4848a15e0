//! Where the component's standard output goes: this program's own, or JSON lines that name the app.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use bytes::Bytes;
use serde_json::json;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// A permit larger than anything the standard library writes at once.
const PERMIT: usize = 1024 * 1024;

/// A thread that writes whole lines to standard output, so that a slow reader never holds up a request.
#[derive(Debug)]
pub struct Lines {
    sender: Sender<Option<String>>,
    writer: JoinHandle<()>,
}

impl Lines {
    /// Starts the thread.
    #[must_use]
    pub fn to_stdout() -> Self {
        let (sender, lines) = channel::<Option<String>>();
        let writer = std::thread::spawn(move || {
            let mut stdout = io::stdout().lock();
            while let Ok(Some(line)) = lines.recv() {
                if writeln!(stdout, "{line}").and_then(|()| stdout.flush()).is_err() {
                    return;
                }
            }
        });
        Self { sender, writer }
    }

    /// An output that writes to these lines as the app `id`.
    #[must_use]
    pub fn output(&self, id: &str) -> Output {
        Output::Json { id: id.into(), lines: self.sender.clone() }
    }

    /// Where whole lines go, for a thread of its own.
    pub(crate) fn sender(&self) -> Sender<Option<String>> {
        self.sender.clone()
    }

    /// Writes one message.
    pub fn write(&self, message: &serde_json::Value) {
        // The writer is gone only if the reader is: nobody is left to tell.
        let _ = self.sender.send(Some(message.to_string()));
    }

    /// Waits until everything is written.
    pub fn close(self) {
        let _ = self.sender.send(None);
        let _ = self.writer.join();
    }
}

/// Where an app's output goes.
#[derive(Clone, Debug)]
pub enum Output {
    /// To the standard output and standard error of this program.
    Inherit,
    /// To standard output as JSON lines: `{"id":"case-1","stdout":"…"}`.
    Json {
        /// The app.
        id: Arc<str>,
        /// The writer.
        lines: Sender<Option<String>>,
    },
}

/// Which stream a line came from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Stdout,
    Stderr,
    /// The host's own words about the app, such as a trap.
    Host,
}

impl Output {
    pub(crate) fn line(&self, source: Source, line: &str) {
        match self {
            Self::Inherit => {
                let _ = match source {
                    Source::Stdout => writeln!(io::stdout(), "{line}"),
                    Source::Stderr | Source::Host => writeln!(io::stderr(), "{line}"),
                };
            }
            Self::Json { id, lines } => {
                let source = match source {
                    Source::Stdout => "stdout",
                    Source::Stderr => "stderr",
                    Source::Host => "host",
                };
                let _ = lines.send(Some(json!({ "id": &**id, source: line }).to_string()));
            }
        }
    }

    /// One stream of one instance.
    pub(crate) fn stream(&self, source: Source) -> LineStream {
        LineStream(Arc::new(Mutex::new(Partial { output: self.clone(), source, line: Vec::new() })))
    }
}

#[derive(Debug)]
struct Partial {
    output: Output,
    source: Source,
    line: Vec<u8>,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.output.line(self.source, &String::from_utf8_lossy(&self.line));
        }
    }
}

/// Splits what an instance writes into lines. It takes everything at once, so the component never waits for it.
#[derive(Clone, Debug)]
pub(crate) struct LineStream(Arc<Mutex<Partial>>);

impl LineStream {
    fn take(&self, bytes: &[u8]) {
        let mut partial = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    partial.line.extend_from_slice(end);
                    let line = std::mem::take(&mut partial.line);
                    partial.output.line(partial.source, &String::from_utf8_lossy(&line));
                }
                None => partial.line.extend_from_slice(piece),
            }
        }
    }
}

impl IsTerminal for LineStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LineStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for LineStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LineStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
