//! Log lines: a bounded queue and a thread that writes.
//!
//! A request never waits for a terminal or a pipe. When the queue is full its line is dropped and counted, and the count is logged once there is room.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;

use edge::platform::Log;

use crate::options::LogSink;
use crate::platform::Native;

/// Lines that wait at most: a second or so at full load, about 10 MB.
const QUEUE: usize = 32_768;

enum Entry {
    Line(String),
    End,
}

/// Takes lines from any thread.
#[derive(Clone)]
pub(crate) struct Logger(Way);

#[derive(Clone)]
enum Way {
    Queue { queue: SyncSender<Entry>, dropped: Arc<AtomicU64> },
    Lines(mpsc::Sender<String>),
}

/// The thread that writes, until [`Writer::finish`].
pub(crate) struct Writer {
    end: Option<(SyncSender<Entry>, JoinHandle<()>)>,
}

impl Logger {
    /// Opens the way to `sink`.
    pub(crate) fn open(sink: LogSink) -> io::Result<(Self, Writer)> {
        match sink {
            LogSink::Lines(lines) => Ok((Self(Way::Lines(lines)), Writer { end: None })),
            LogSink::Stdout => Self::queued(io::stdout(), QUEUE),
        }
    }

    fn queued(out: impl Write + Send + 'static, length: usize) -> io::Result<(Self, Writer)> {
        let (queue, entries) = mpsc::sync_channel(length);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        let thread = std::thread::Builder::new()
            .name("tidegate-log".into())
            .spawn(move || write_all(&entries, BufWriter::with_capacity(64 * 1024, out), &counted))?;
        Ok((Self(Way::Queue { queue: queue.clone(), dropped }), Writer { end: Some((queue, thread)) }))
    }

    /// Takes one line. Never waits.
    pub(crate) fn line(&self, line: String) {
        match &self.0 {
            // A receiver that has gone does not want the line.
            Way::Lines(lines) => drop(lines.send(line)),
            Way::Queue { queue, dropped } => {
                if let Err(TrySendError::Full(_)) = queue.try_send(Entry::Line(line)) {
                    dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

impl Writer {
    /// Writes what waits and ends the thread.
    pub(crate) fn finish(self) {
        if let Some((queue, thread)) = self.end
            && queue.send(Entry::End).is_ok()
        {
            // It cannot have panicked: all it does is write, and errors of that are ignored.
            drop(thread.join());
        }
    }
}

/// A closed pipe is no reason to stop serving, so errors of writing are ignored.
fn write_all(entries: &Receiver<Entry>, mut out: impl Write, dropped: &AtomicU64) {
    while let Ok(first) = entries.recv() {
        let mut next = Some(first);
        while let Some(entry) = next {
            match entry {
                Entry::Line(line) => drop(out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"))),
                Entry::End => return drop(out.flush()),
            }
            next = entries.try_recv().ok();
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            drop(writeln!(out, r#"{{"event":"log_dropped","lines":{lost}}}"#));
        }
        drop(out.flush());
    }
}

impl Log for Native {
    fn log(&self, line: String) {
        self.thread.logger.line(line);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Writes into memory once the gate is open.
    struct Gated(Arc<Mutex<()>>, Arc<Mutex<Vec<u8>>>);

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.0.lock().unwrap());
            self.1.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_out_in_order_and_all_before_the_end() {
        let out = Arc::new(Mutex::new(Vec::new()));
        let (logger, writer) = Logger::queued(Gated(Arc::default(), Arc::clone(&out)), 100).unwrap();
        for number in 0..50 {
            logger.line(number.to_string());
        }
        writer.finish();
        let expected: String = (0..50).map(|number| format!("{number}\n")).collect();
        assert_eq!(String::from_utf8(out.lock().unwrap().clone()).unwrap(), expected);
    }

    #[test]
    fn a_full_queue_drops_lines_and_says_how_many() {
        let (gate, out) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(Vec::new())));
        let (logger, writer) = Logger::queued(Gated(Arc::clone(&gate), Arc::clone(&out)), 10).unwrap();
        let closed = gate.lock().unwrap();
        // The writer can hold what it took out and its buffer beside the queue: far less than this.
        let line = "x".repeat(1024);
        for _ in 0..10_000 {
            logger.line(line.clone());
        }
        drop(closed);
        writer.finish();
        let text = String::from_utf8(out.lock().unwrap().clone()).unwrap();
        let kept = text.lines().filter(|kept| **kept == line).count();
        let lost: usize = text
            .lines()
            .filter_map(|line| line.strip_prefix(r#"{"event":"log_dropped","lines":"#)?.strip_suffix('}'))
            .map(|number| number.parse::<usize>().unwrap())
            .sum();
        assert!(lost > 0);
        assert!(kept + lost <= 10_000);
        assert!(kept >= 10);
    }
}
