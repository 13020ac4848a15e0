//! The upstreams of a case: servers on this machine that play a script and record what they see.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, spawn_local};

use super::message::{self, declared};
use super::play::{Next, play};
use super::progress::Progress;
use super::reader::{Framing, Reader};
use crate::case::Texts;
use crate::case::exchange::Upstream;
use crate::observed::Seen;

/// The running upstreams of one case. Dropping them ends everything.
pub struct Upstreams {
    shared: Rc<Shared>,
    texts: Texts,
    /// Bound, but not listening: the port stays taken, and every connection to it is refused.
    _refusing: TcpSocket,
    accepting: Vec<AbortHandle>,
}

/// What the servers share.
pub(super) struct Shared {
    script: RefCell<VecDeque<Upstream>>,
    pub(super) seen: RefCell<Vec<Seen>>,
    pub(super) changed: watch::Sender<()>,
    pub(super) progress: Progress,
    connections: RefCell<Vec<AbortHandle>>,
}

impl Drop for Upstreams {
    fn drop(&mut self) {
        self.accepting.iter().for_each(AbortHandle::abort);
        self.shared.connections.borrow().iter().for_each(AbortHandle::abort);
    }
}

impl Upstreams {
    /// Starts them on ports of the system's choice.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> io::Result<Self> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let refusing = TcpSocket::new_v4()?;
        refusing.bind(any)?;
        let listeners = [TcpListener::bind(any).await?, TcpListener::bind(any).await?];
        let addresses = [listeners[0].local_addr()?.to_string(), listeners[1].local_addr()?.to_string()];
        let texts = Texts {
            upstream: addresses[0].clone(),
            second: addresses[1].clone(),
            refused: refusing.local_addr()?.to_string(),
        };
        let shared = Rc::new(Shared {
            script: RefCell::default(),
            seen: RefCell::default(),
            changed: watch::Sender::new(()),
            progress: Progress::default(),
            connections: RefCell::default(),
        });
        let accepting = listeners
            .into_iter()
            .zip([false, true])
            .map(|(listener, second)| spawn_local(accept(listener, second, Rc::clone(&shared))).abort_handle())
            .collect();
        Ok(Self { shared, texts, _refusing: refusing, accepting })
    }

    /// Their addresses.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// How far the bodies of the step are.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Begins a step. The first answer is held back until it is released.
    pub fn expect(&self, script: &[Upstream]) {
        self.shared.progress.reset();
        self.shared.seen.borrow_mut().clear();
        self.shared.script.replace(script.iter().cloned().collect());
    }

    /// What was seen, once `enough` says that nothing is missing.
    pub async fn seen(&self, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        let mut changed = self.shared.changed.subscribe();
        while !enough(&self.shared.seen.borrow()) {
            if changed.changed().await.is_err() {
                break;
            }
        }
        self.shared.seen.borrow().clone()
    }
}

async fn accept(listener: TcpListener, second: bool, shared: Rc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = spawn_local(serve(stream, second, Rc::clone(&shared)));
        shared.connections.borrow_mut().push(connection.abort_handle());
    }
}

/// Serves one connection until it ends or the script breaks it.
async fn serve(stream: TcpStream, second: bool, shared: Rc<Shared>) {
    drop(stream.set_nodelay(true));
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    while let Ok(head) = reader.head().await {
        let Some((at, method)) = record(&head, second, &shared, &mut reader).await else { return };
        let scripted = shared.script.borrow_mut().pop_front();
        if play(scripted, at, &method, &mut reader, &mut write, &shared).await == Next::Close {
            return;
        }
    }
}

/// Records a request. `None` where it did not come whole.
async fn record(head: &[u8], second: bool, shared: &Shared, reader: &mut Reader) -> Option<(usize, String)> {
    let parsed = message::request(head);
    let framing = parsed.as_ref().map_err(Clone::clone).and_then(|head| declared(&head.headers));
    let mut seen = Seen { at_second: second, ..Seen::default() };
    match parsed {
        Ok(head) => (seen.method, seen.target, seen.headers) = (head.method, head.target, head.headers),
        Err(why) => seen.cut_off = Some(why),
    }
    let method = seen.method.clone();
    let at = {
        let mut all = shared.seen.borrow_mut();
        all.push(seen);
        all.len() - 1
    };
    shared.changed.send_replace(());
    shared.progress.upstream_asked();
    let mut body = Vec::new();
    let read = match framing {
        Ok(framing) => {
            let framing = framing.unwrap_or(Framing::Length(0));
            reader.body(framing, &mut body, &mut |bytes| shared.progress.upstream_has(bytes)).await
        }
        Err(why) => Err(why),
    };
    let whole = read.is_ok();
    shared.amend(at, |seen| {
        seen.body = body;
        seen.whole = whole;
        seen.left |= !whole;
        seen.cut_off = read.err();
    });
    whole.then_some((at, method))
}

impl Shared {
    /// Changes what is known of a request. A step that has ended took its requests with it.
    pub(super) fn amend(&self, at: usize, change: impl FnOnce(&mut Seen)) {
        if let Some(seen) = self.seen.borrow_mut().get_mut(at) {
            change(seen);
        }
        self.changed.send_replace(());
    }
}
