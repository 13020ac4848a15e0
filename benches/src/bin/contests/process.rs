//! The programs of a contest: started on a core of their own, stopped when dropped.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks whether it listens.
const PAUSE: Duration = Duration::from_millis(20);

/// The core of the servers, and that of who asks them.
pub(crate) const SERVER: &str = "0";
/// See [`SERVER`].
pub(crate) const LOAD: &str = "1";

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `program` on the servers' core and waits until it listens at `address`.
    pub(crate) fn start(program: &str, arguments: &[&str], address: SocketAddr) -> Result<Self, String> {
        let mut command = pinned(SERVER, program, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().map_err(|why| format!("`{program}` could not be started: {why}"))?;
        let mut server = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("`{program}` ended before it listened: {status}"));
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("`{program}` does not listen at {address} after {} s", PATIENCE.as_secs()));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(server)
    }

    /// The memory that it and its children hold, in KiB.
    pub(crate) fn resident(&self) -> u64 {
        let parent = self.child.id();
        let own = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
        };
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        own(parent) + children.split_whitespace().filter_map(|pid| pid.parse().ok()).map(own).sum::<u64>()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first: a server with children of its own ends them then.
        let _asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
        }
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A command that stays on one core.
pub(crate) fn pinned(core: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]).args(arguments);
    command
}

/// An address of this machine that nobody listens at.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|why| format!("no port is to be had: {why}"))
}
