//! Connections of a thread that wait for the next request.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;

use super::OutBody;

/// How long a connection waits. Below the 75 s and 60 s after which common servers close, so that the gateway closes first and no request runs into a
/// connection that is being closed.
const IDLE: Duration = Duration::from_secs(50);
/// How many connections to one target wait at most, in each thread.
const MOST: usize = 128;

/// Names a target of a configuration: connections of an older configuration, with other certificates perhaps, are never used for a newer one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) generation: u64,
    pub(crate) place: Place,
}

/// Where connections lead, and who may use them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// A target of an upstream, by their indexes.
    Target { upstream: usize, target: usize },
    /// A server that the gateway asks on its own behalf, by scheme and authority.
    Errands(Rc<str>),
}

/// A way to send requests.
pub(crate) enum Sender {
    Http1(http1::SendRequest<OutBody>),
    Http2(http2::SendRequest<OutBody>),
}

/// The connections of a thread.
#[derive(Default)]
pub(crate) struct Pools {
    targets: FxHashMap<Key, Waiting>,
    /// The newest configuration that was asked for.
    generation: u64,
    sweeping: bool,
    /// Connections that are being opened in advance.
    warming: FxHashSet<Key>,
}

#[derive(Default)]
struct Waiting {
    /// The one that was used last is used first: the others may grow old and go.
    http1: Vec<(http1::SendRequest<OutBody>, Instant)>,
    /// One connection serves all requests.
    http2: Option<(http2::SendRequest<OutBody>, Instant)>,
}

impl Pools {
    /// A connection that waits and has not been closed.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Sender> {
        if key.generation > self.generation {
            self.generation = key.generation;
            self.targets.retain(|waiting, _| waiting.generation >= key.generation);
        }
        let waiting = self.targets.get_mut(key)?;
        if let Some((sender, used)) = &mut waiting.http2 {
            if sender.is_closed() {
                waiting.http2 = None;
            } else {
                *used = Instant::now();
                return Some(Sender::Http2(sender.clone()));
            }
        }
        while let Some((sender, _)) = waiting.http1.pop() {
            if !sender.is_closed() {
                return Some(Sender::Http1(sender));
            }
        }
        None
    }

    /// Whether a connection to `key` should be opened in advance: none waits, and none is being opened so. The caller then opens one and says
    /// [`Pools::warmed`].
    pub(crate) fn is_cold(&mut self, key: &Key) -> bool {
        !self.waits(key) && self.warming.insert(key.clone())
    }

    /// Whether a connection to `key` waits.
    pub(super) fn waits(&self, key: &Key) -> bool {
        self.targets.get(key).is_some_and(|waiting| {
            waiting.http1.iter().any(|(sender, _)| !sender.is_closed())
                || waiting.http2.as_ref().is_some_and(|(sender, _)| !sender.is_closed())
        })
    }

    /// Opening in advance has ended, one way or the other.
    pub(crate) fn warmed(&mut self, key: &Key) {
        self.warming.remove(key);
    }

    /// Lets others use `sender` as well.
    pub(crate) fn share(pools: &Rc<RefCell<Self>>, key: Key, sender: http2::SendRequest<OutBody>) {
        pools.borrow_mut().targets.entry(key).or_default().http2 = Some((sender, Instant::now()));
        Self::sweep_later(pools);
    }

    /// The shared connection takes no requests any more.
    pub(crate) fn forget(&mut self, key: &Key) {
        if let Some(waiting) = self.targets.get_mut(key) {
            waiting.http2 = None;
        }
    }

    fn put(pools: &Rc<RefCell<Self>>, key: Key, sender: http1::SendRequest<OutBody>) {
        {
            let mut this = pools.borrow_mut();
            if key.generation < this.generation || sender.is_closed() {
                return;
            }
            let waiting = &mut this.targets.entry(key).or_default().http1;
            if waiting.len() < MOST {
                waiting.push((sender, Instant::now()));
            }
        }
        Self::sweep_later(pools);
    }

    /// Starts the task that closes what has waited too long. It ends when nothing waits.
    fn sweep_later(pools: &Rc<RefCell<Self>>) {
        if std::mem::replace(&mut pools.borrow_mut().sweeping, true) {
            return;
        }
        let pools = Rc::downgrade(pools);
        tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(IDLE / 2).await;
                let Some(pools) = pools.upgrade() else { return };
                if pools.borrow_mut().sweep(Instant::now()) {
                    return;
                }
            }
        });
    }

    /// Whether nothing waits any more.
    fn sweep(&mut self, now: Instant) -> bool {
        let fresh = |used: &Instant| now.saturating_duration_since(*used) < IDLE;
        self.targets.retain(|_, waiting| {
            waiting.http1.retain(|(sender, used)| fresh(used) && !sender.is_closed());
            waiting.http2.take_if(|(sender, used)| !fresh(used) || sender.is_closed());
            !waiting.http1.is_empty() || waiting.http2.is_some()
        });
        self.sweeping = !self.targets.is_empty();
        !self.sweeping
    }
}

/// A connection that is lent for one exchange and goes back when the answer has been read to its end.
pub(crate) struct Lease {
    sender: http1::SendRequest<OutBody>,
    key: Key,
    pools: Rc<RefCell<Pools>>,
}

impl Lease {
    pub(crate) fn new(sender: http1::SendRequest<OutBody>, key: Key, pools: Rc<RefCell<Pools>>) -> Self {
        Self { sender, key, pools }
    }

    /// Gives it back, now or when the rest of the request has been sent.
    pub(crate) fn give_back(mut self) {
        match self.sender.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Pools::put(&self.pools, self.key, self.sender),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                tokio::task::spawn_local(async move {
                    if self.sender.ready().await.is_ok() {
                        Pools::put(&self.pools, self.key, self.sender);
                    }
                });
            }
        }
    }
}
