//! Sockets that listen: one for every thread on the same address, so that the kernel spreads connections (`SO_REUSEPORT`).

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that wait to be accepted. What the kernel allows may be less.
const BACKLOG: i32 = 4096;

/// How many sockets may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// This one only: a second program on the same address is refused.
    Alone,
    /// One for every thread.
    Threads,
}

/// Listens on `address` without blocking. Port 0 asks the system for a free one.
pub(crate) fn listen(address: SocketAddr, share: Share) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Else a restart would have to wait until connections of the last run are forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    if share == Share::Threads {
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() && address.ip().is_unspecified() {
        // `[::]` serves IPv4 too, whatever the system's default is.
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// One socket on `address` for each of `threads`, all on the same port.
pub(crate) fn listen_for(address: SocketAddr, threads: usize) -> io::Result<Vec<TcpListener>> {
    // With SO_REUSEPORT a second gateway of the same user would silently take a part of the connections. So see first whether the address is free.
    let share = Share::Threads;
    if address.port() != 0 {
        drop(listen(address, Share::Alone)?);
    }
    let first = listen(address, share)?;
    let address = first.local_addr()?;
    let mut sockets = vec![first];
    while sockets.len() < threads {
        sockets.push(listen(address, share)?);
    }
    Ok(sockets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_get_the_port_that_the_first_was_given() {
        let sockets = listen_for("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let ports: Vec<u16> = sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect();
        assert_eq!(ports.len(), 3);
        assert!(ports.iter().all(|port| *port == ports[0] && *port != 0));
    }

    #[test]
    fn an_address_that_another_gateway_has_is_refused() {
        let first = listen_for("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        let taken = first[0].local_addr().unwrap();
        assert_eq!(listen_for(taken, 2).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
