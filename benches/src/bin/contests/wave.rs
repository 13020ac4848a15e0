//! Many equal requests at once, each over a connection of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Sends all, then reads all. Each must be a 200.
pub(crate) fn run(address: SocketAddr, path: &str, requests: usize) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("{address} does not answer all {requests} requests: {why}");
    let mut streams = Vec::with_capacity(requests);
    for _ in 0..requests {
        streams.push(TcpStream::connect(address).map_err(failed)?);
    }
    for stream in &mut streams {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").map_err(failed)?;
    }
    for stream in &mut streams {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(failed)?;
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("expected 200, found {}", String::from_utf8_lossy(&answer[..answer.len().min(80)])));
        }
    }
    Ok(())
}
