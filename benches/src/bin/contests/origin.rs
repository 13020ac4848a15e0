//! The server behind the caches: one thread a connection, answers that may be stored for an hour.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An origin that runs until the program ends.
pub(crate) struct Origin {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU64>,
}

impl Origin {
    /// `/SIZE/anything` is answered with so many bytes, after `delay`.
    pub(crate) fn start(delay: Duration) -> Result<Self, String> {
        let failed = |why: std::io::Error| format!("the origin cannot listen: {why}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                std::thread::spawn(move || answer(&stream, &count, delay));
            }
        });
        Ok(Self { address, asked })
    }

    /// How many requests it got.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Answers one connection until it ends.
fn answer(stream: &TcpStream, count: &AtomicU64, delay: Duration) {
    let _quick = stream.set_nodelay(true);
    let mut lines = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    loop {
        line.clear();
        if !lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            return;
        }
        let size = line.split('/').nth(1).and_then(|size| size.parse::<usize>().ok()).unwrap_or(0);
        while line.trim_end() != "" {
            line.clear();
            if !lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                return;
            }
        }
        count.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(delay);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=3600\r\nContent-Length: {size}\r\n\r\n"
        );
        let mut answer = head.into_bytes();
        answer.resize(answer.len() + size, b'x');
        if writer.write_all(&answer).is_err() {
            return;
        }
    }
}
