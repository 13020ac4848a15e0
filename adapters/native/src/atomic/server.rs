//! A Redis server of a test, on a port of its own, which keeps nothing.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use router_core::config::RedisAddress;

/// How many ports are tried: between a port's being free and Redis' taking it another program may take it.
const TRIES: usize = 5;

/// The server. It ends when this is dropped.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::with(&[])
    }

    /// A server with more options.
    pub(super) fn with(options: &[&str]) -> Self {
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        (0..TRIES).find_map(|_| Self::at(free(), options)).expect("the Redis server does not start")
    }

    /// A server at this port, unless that is taken.
    #[expect(clippy::disallowed_methods, reason = "where the test finds its server")]
    pub(super) fn at(port: u16, options: &[&str]) -> Option<Self> {
        let program = std::env::var("TIDEGATE_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
        let mut command = Command::new(&program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(options).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|why| {
            panic!("`{program}` cannot be started: {why}; `cargo xtask test` brings a Redis server and names it in TIDEGATE_REDIS_SERVER")
        });
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if line.contains("Ready to accept connections") {
                // What else it says is thrown away, and must not fill the pipe.
                std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
                return Some(Self { child, port });
            }
            line.clear();
        }
        child.wait().unwrap();
        None
    }

    pub(super) fn address(&self, database: u32) -> RedisAddress {
        RedisAddress::parse(&format!("redis://127.0.0.1:{}/{database}", self.port)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, perhaps.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
