//! A gateway on a free port, raw connections on both sides of it, and its log.

pub mod http2;
pub mod tls;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use router_core::config::{Gateway, NoVariables, Purpose, compile_value};
use serde_json::{Value, json};
use tidegate_native::{ConfigSource, LogSink, Options, Server, start};

/// A test that waits longer has failed. No test passes because of it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running gateway.
pub struct Tide {
    pub server: Server,
    pub log: Receiver<String>,
}

/// Compiles `document` with listeners and admin on free ports and one thread, unless it says otherwise.
pub fn gateway(mut document: Value) -> Gateway {
    let native = document.as_object_mut().unwrap().entry("native").or_insert_with(|| json!({}));
    let native = native.as_object_mut().unwrap();
    native.entry("listeners").or_insert_with(|| json!([{"address": "127.0.0.1:0"}]));
    native.entry("admin").or_insert_with(|| json!("127.0.0.1:0"));
    native.entry("threads").or_insert_with(|| json!(1));
    let checked = compile_value(&document, &NoVariables, Purpose::Run);
    checked.gateway.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// A document that sends everything to `target`.
pub fn to(target: SocketAddr) -> Value {
    json!({
        "upstreams": {"up": {"targets": [{"url": format!("http://{target}")}]}},
        "routes": [{"name": "all", "to": {"upstream": "up"}}],
    })
}

/// A document that answers everything with `hello`.
pub fn hello() -> Value {
    json!({"routes": [{"name": "all", "to": {"respond": {"status": 200, "body": "hello"}}}]})
}

impl Tide {
    pub fn new(document: Value) -> Self {
        Self::with(ConfigSource::Gateway(Arc::new(gateway(document))), |options| options)
    }

    pub fn with(config: ConfigSource, adapt: impl FnOnce(Options) -> Options) -> Self {
        let (lines, log) = channel();
        let options = adapt(Options::new(config).with_log(LogSink::Lines(lines)));
        let server = start(options).unwrap_or_else(|why| panic!("{why}"));
        Self { server, log }
    }

    pub fn connect(&self) -> Wire {
        Wire::connect(self.server.addresses[0])
    }

    pub fn admin(&self, path: &str) -> String {
        let mut wire = Wire::connect(self.server.admin);
        wire.send(&format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n"));
        wire.rest()
    }

    /// The next log line that is an event of this name.
    pub fn event(&self, name: &str) -> Value {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no event `{name}`"));
            let line: Value = serde_json::from_str(&line).unwrap();
            if line["event"] == name {
                return line;
            }
        }
    }

    /// The next line of the access log.
    pub fn access(&self) -> Value {
        loop {
            let line: Value =
                serde_json::from_str(&self.log.recv_timeout(PATIENCE).expect("no access-log line")).unwrap();
            if line.get("status").is_some() {
                return line;
            }
        }
    }

    /// Ends the gateway and waits until it has.
    pub fn stop(self) {
        self.server.shutdown();
        self.server.join();
    }
}

/// An upstream that the test plays itself.
pub struct Upstream {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Upstream {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // Holds for accepting as well.
        socket2::SockRef::from(&listener).set_read_timeout(Some(PATIENCE)).unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    pub fn accept(&self) -> Wire {
        Wire::new(self.listener.accept().unwrap().0)
    }

    /// Whether a connection waits to be accepted.
    pub fn is_called(&self) -> bool {
        self.listener.set_nonblocking(true).unwrap();
        let called = self.listener.accept().is_ok();
        self.listener.set_nonblocking(false).unwrap();
        called
    }
}

/// A connection, byte for byte.
pub struct Wire {
    pub stream: BufReader<TcpStream>,
}

impl Wire {
    pub fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).unwrap())
    }

    fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    pub fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: gate.test\r\n\r\n"));
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// A head, up to and with its empty line.
    pub fn head(&mut self) -> String {
        let mut head = String::new();
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "closed within a head: {head:?}");
            head.push_str(&line);
            if line == "\r\n" {
                return head;
            }
        }
    }

    pub fn bytes(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// One chunk of a chunked body; empty for the last one.
    pub fn chunk(&mut self) -> String {
        let size = usize::from_str_radix(self.line().trim(), 16).unwrap();
        let chunk = self.bytes(size);
        assert_eq!(self.line(), "\r\n");
        chunk
    }

    /// An answer with `Content-Length`: head and body.
    pub fn answer(&mut self) -> (String, String) {
        let head = self.head();
        let length = field(&head, "content-length").unwrap_or_else(|| panic!("no length: {head}")).parse().unwrap();
        (head, self.bytes(length))
    }

    /// All until the other side closes.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        String::from_utf8(rest).unwrap()
    }

    /// Waits until the other side is gone, whatever it still sends.
    pub fn gone(mut self) {
        let mut sink = Vec::new();
        if let Err(why) = self.stream.read_to_end(&mut sink) {
            assert_eq!(why.kind(), std::io::ErrorKind::ConnectionReset, "{why}");
        }
    }

    /// Closes with a reset instead of an end.
    pub fn reset(self) {
        let stream = self.stream.into_inner();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// The value of a field in a head.
pub fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The status of a head.
pub fn status(head: &str) -> u16 {
    head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {head:?}"))
}

/// The code of a problem.
pub fn problem(answer: &(String, String)) -> (u16, String) {
    assert_eq!(field(&answer.0, "content-type").as_deref(), Some("application/problem+json"), "{answer:?}");
    let problem: Value = serde_json::from_str(&answer.1).unwrap();
    let kind = problem["type"].as_str().unwrap();
    (status(&answer.0), kind.strip_prefix("urn:tidegate:problem:").unwrap().to_owned())
}
