//! A Redis server on a port of its own, which keeps nothing: where the Spin component decides on shared state. Each case has a database of its own.

use std::cell::Cell;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::places;

/// How many ports are tried: between a port's being free and Redis' taking it another program may take it.
const TRIES: usize = 5;

/// More than there will be cases. One that is empty takes no memory to speak of.
const DATABASES: u32 = 10_000;

/// The server. It ends when this is dropped.
pub(super) struct Redis {
    _child: Child,
    address: String,
    given: Cell<u32>,
}

impl Redis {
    pub(super) async fn start() -> Result<Self, String> {
        let program = places::redis_server()?;
        for _ in 0..TRIES {
            if let Some(redis) = Self::attempt(&program).await? {
                return Ok(redis);
            }
        }
        Err(format!("{} does not start", program.display()))
    }

    async fn attempt(program: &Path) -> Result<Option<Self>, String> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|why| why.to_string())?.port().to_string();
        let mut command = Command::new(program);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]);
        command.args(["--databases", &DATABASES.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|why| format!("{} cannot be started: {why}", program.display()))?;
        let output = child.stdout.take().ok_or("the output of Redis is read once")?;
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line.contains("Ready to accept connections") {
                // What else it says is thrown away, and must not fill the pipe.
                tokio::task::spawn_local(async move { lines.into_inner().read_to_end(&mut Vec::new()).await });
                let address = format!("redis://127.0.0.1:{port}");
                return Ok(Some(Self { _child: child, address, given: Cell::new(0) }));
            }
        }
        Ok(None)
    }

    /// The address of a database that nobody has used, as the component wants it.
    pub(super) fn database(&self) -> String {
        let number = self.given.get();
        self.given.set(number + 1);
        format!("{}/{number}", self.address)
    }
}
