//! Builds the component, starts apps, and speaks HTTP/1.1 to them in the open.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use spin_host::{App, Host, Output, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Builds the test component (a moment, when it is up to date) and names its file.
pub(crate) fn component() -> PathBuf {
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let target = crate_dir.join("../../target/spin-component");
    let build = Command::new(env!("CARGO"))
        .args(["build", "--release", "--target", "wasm32-wasip2", "--target-dir"])
        .arg(&target)
        .current_dir(crate_dir.join("tests/component"))
        // Flags meant for the host's own build would change, or break, the component's.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo starts");
    assert!(build.status.success(), "building the component failed:\n{}", String::from_utf8_lossy(&build.stderr));
    target.join("wasm32-wasip2/release/spin_host_test_component.wasm")
}

/// An app that may call anything on 127.0.0.1 in addition to `settings`.
pub(crate) async fn start(settings: Settings) -> App {
    start_with_output(settings).await.0
}

/// An app and the JSON lines it writes.
pub(crate) async fn start_with_output(settings: Settings) -> (App, Receiver<Option<String>>) {
    let (lines, output) = channel();
    let settings = Settings { allow_outbound: vec!["http://127.0.0.1:*".into()], ..settings };
    let host = Host::compile(&component()).expect("a component");
    let app = host.start(settings, Output::Json { id: "app".into(), lines }, "127.0.0.1:0").await.expect("an app");
    (app, output)
}

/// Sends `GET path` with more header lines.
pub(crate) async fn get(app: &App, path: &str, headers: &[&str]) -> Answer {
    send(app.address(), "GET", path, headers, b"").await
}

/// Sends a request on a connection of its own.
pub(crate) async fn send(to: SocketAddr, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\n").into_bytes();
    if !body.is_empty() {
        request.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    for header in headers {
        request.extend_from_slice(header.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    if !headers.iter().any(|header| header.starts_with("connection:")) {
        request.extend_from_slice(b"connection: close\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(body);
    Answer::parse(&raw(to, &request).await)
}

/// Sends bytes and reads until the other side closes.
pub(crate) async fn raw(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.expect("a connection");
    stream.write_all(request).await.expect("a written request");
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Chunks are joined.
    pub(crate) body: Vec<u8>,
    /// What follows the last chunk.
    pub(crate) trailers: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = find(bytes, b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut rest = &bytes[end + 4..];
        let (mut body, mut trailers) = (Vec::new(), String::new());
        if head.contains("transfer-encoding: chunked") {
            while let Some(line) = find(rest, b"\r\n") {
                let size = std::str::from_utf8(&rest[..line]).expect("a chunk size");
                let size = usize::from_str_radix(size, 16).expect("a chunk size");
                rest = &rest[line + 2..];
                if size == 0 {
                    trailers = String::from_utf8_lossy(rest).trim().to_owned();
                    break;
                }
                body.extend_from_slice(&rest[..size]);
                rest = &rest[size + 2..];
            }
        } else {
            body.extend_from_slice(rest);
        }
        Self { status, body, trailers }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn has_line(&self, line: &str) -> bool {
        self.text().lines().any(|seen| seen == line)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// An upstream that answers each connection's requests with the same bytes, and counts connections.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    pub(crate) connections: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Upstream {
    /// `None` never answers; an empty answer closes the connection.
    pub(crate) async fn answering(answer: Option<&'static [u8]>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut seen = Vec::new();
                    let mut buffer = [0; 4096];
                    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                        seen.extend_from_slice(&buffer[..read]);
                        if let (Some(end), Some(answer)) = (find(&seen, b"\r\n\r\n"), answer) {
                            seen.drain(..end + 4);
                            if answer.is_empty() || stream.write_all(answer).await.is_err() {
                                return;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }
}
