//! How long a client connection may do nothing, told from what it is at.
//!
//! hyper has one deadline for reading a head, which also runs while a connection idles between requests. Here the two are kept apart, a client that
//! does not take its answer is noticed too, and it costs one timer per connection, not one per request.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

/// How long a client may take no byte of what is sent to it: as long as a stalled upstream is waited for.
const WRITE_STALL: Duration = Duration::from_secs(60);
/// How long a connection has to close once it was told to.
const CLOSING: Duration = Duration::from_secs(5);

/// What a connection waits for, shared by its socket, its requests and its watchman. All of them are on one thread; atomics because hyper wants the
/// socket of a connection that may be upgraded to be `Send`.
#[derive(Debug)]
pub(crate) struct Patience {
    origin: Instant,
    /// Requests that have begun and whose answers are not complete.
    open: AtomicU32,
    /// Milliseconds since `origin` of the last change between idle, head and open.
    since: AtomicU64,
    /// Whether bytes of a head have come while no request is open.
    heading: AtomicBool,
    /// Bytes that have come since then.
    head_bytes: AtomicU64,
    /// HTTP/2 reads frames all the time, so only its requests count.
    framed: AtomicBool,
    /// Since when the client takes nothing; 0: it does.
    stalled: AtomicU64,
    /// Since when the connection is being closed; 0: it is not.
    closing: AtomicU64,
    /// The connection has become a tunnel.
    tunnel: AtomicBool,
}

/// The deadlines of a configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) head: Duration,
    pub(crate) keep_alive: Duration,
}

/// What the watchman does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again then.
    Wait(Instant),
    /// Let the connection end by itself: it idles.
    Close,
    /// Drop it.
    Drop,
}

impl Patience {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            origin: now,
            open: AtomicU32::new(0),
            since: AtomicU64::new(0),
            // A fresh connection owes a head.
            heading: AtomicBool::new(true),
            head_bytes: AtomicU64::new(0),
            framed: AtomicBool::new(false),
            stalled: AtomicU64::new(0),
            closing: AtomicU64::new(0),
            tunnel: AtomicBool::new(false),
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Never 0, which means "not".
    fn moment(&self) -> u64 {
        self.elapsed().max(1)
    }

    /// Bytes have come.
    pub(crate) fn read(&self, bytes: usize) {
        if self.open.load(Relaxed) == 0 {
            if !self.heading.swap(true, Relaxed) {
                self.since.store(self.elapsed(), Relaxed);
            }
            self.head_bytes.fetch_add(bytes as u64, Relaxed);
        }
    }

    /// The client took bytes.
    pub(crate) fn wrote(&self) {
        self.stalled.store(0, Relaxed);
    }

    /// The client took none.
    pub(crate) fn stall(&self) {
        if self.stalled.load(Relaxed) == 0 {
            self.stalled.store(self.moment(), Relaxed);
        }
    }

    /// The connection has become a tunnel and obeys other rules.
    pub(crate) fn become_tunnel(&self) {
        self.tunnel.store(true, Relaxed);
    }

    pub(crate) fn is_tunnel(&self) -> bool {
        self.tunnel.load(Relaxed)
    }

    /// Whether a request is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Relaxed) > 0
    }

    /// Bytes that have come since the last request.
    pub(crate) fn head_bytes(&self) -> u64 {
        self.head_bytes.load(Relaxed)
    }

    /// A request has begun; `framed` if it came over HTTP/2.
    pub(crate) fn begin(&self, framed: bool) {
        self.open.fetch_add(1, Relaxed);
        self.heading.store(false, Relaxed);
        self.head_bytes.store(0, Relaxed);
        self.framed.store(framed, Relaxed);
    }

    /// An answer is complete, or was given up.
    pub(crate) fn end(&self) {
        self.open.fetch_sub(1, Relaxed);
        self.since.store(self.elapsed(), Relaxed);
    }

    /// The connection was told to end.
    pub(crate) fn close(&self) {
        if self.closing.load(Relaxed) == 0 {
            self.closing.store(self.moment(), Relaxed);
        }
    }

    /// What to do now.
    pub(crate) fn verdict(&self, now: Instant, limits: &Limits) -> Verdict {
        let after = |since: u64, patience: Duration| self.origin + Duration::from_millis(since) + patience;
        let drop_at = |at: Instant| if now >= at { Verdict::Drop } else { Verdict::Wait(at) };
        if let stalled @ 1.. = self.stalled.load(Relaxed) {
            return drop_at(after(stalled, WRITE_STALL));
        }
        let since = self.since.load(Relaxed);
        if self.is_open() {
            // Whoever asked an upstream keeps the deadlines now. A stall is noticed a moment late, which does no harm.
            return Verdict::Wait(now + limits.keep_alive.min(WRITE_STALL));
        }
        if let closing @ 1.. = self.closing.load(Relaxed) {
            return drop_at(after(closing.max(since), CLOSING));
        }
        if self.heading.load(Relaxed) && !self.framed.load(Relaxed) {
            return drop_at(after(since, limits.head));
        }
        let at = after(since, limits.keep_alive);
        if now >= at { Verdict::Close } else { Verdict::Wait(at.min(now + limits.head)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { head: Duration::from_secs(10), keep_alive: Duration::from_secs(75) };

    async fn advance(seconds: u64) -> Instant {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        Instant::now()
    }

    #[tokio::test(start_paused = true)]
    async fn a_fresh_connection_has_as_long_as_a_head_may_take() {
        let patience = Patience::new(Instant::now());
        patience.read(10);
        let now = advance(9).await;
        assert_eq!(patience.verdict(now, &LIMITS), Verdict::Wait(now + Duration::from_secs(1)));
        // More bytes of the same head do not prolong it.
        patience.read(10);
        assert_eq!(patience.verdict(advance(1).await, &LIMITS), Verdict::Drop);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed_and_one_in_a_head_is_dropped() {
        let patience = Patience::new(Instant::now());
        patience.begin(false);
        patience.end();
        let now = advance(74).await;
        assert_eq!(patience.verdict(now, &LIMITS), Verdict::Wait(now + Duration::from_secs(1)));
        assert_eq!(patience.verdict(advance(2).await, &LIMITS), Verdict::Close);
        patience.begin(false);
        patience.end();
        advance(60).await;
        patience.read(1);
        assert!(matches!(patience.verdict(advance(9).await, &LIMITS), Verdict::Wait(_)));
        assert_eq!(patience.verdict(advance(2).await, &LIMITS), Verdict::Drop);
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_request_may_take_as_long_as_its_upstream_but_not_stall_its_client() {
        let patience = Patience::new(Instant::now());
        patience.begin(false);
        assert!(matches!(patience.verdict(advance(3600).await, &LIMITS), Verdict::Wait(_)));
        patience.stall();
        patience.stall();
        assert!(matches!(patience.verdict(advance(59).await, &LIMITS), Verdict::Wait(_)));
        patience.wrote();
        patience.stall();
        assert!(matches!(patience.verdict(advance(59).await, &LIMITS), Verdict::Wait(_)));
        assert_eq!(patience.verdict(advance(2).await, &LIMITS), Verdict::Drop);
    }

    #[tokio::test(start_paused = true)]
    async fn frames_of_an_idle_http2_connection_are_no_head() {
        let patience = Patience::new(Instant::now());
        patience.begin(true);
        patience.end();
        patience.read(17);
        assert!(matches!(patience.verdict(advance(60).await, &LIMITS), Verdict::Wait(_)));
        assert_eq!(patience.verdict(advance(20).await, &LIMITS), Verdict::Close);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_told_to_end_does_not_stay() {
        let patience = Patience::new(Instant::now());
        patience.begin(true);
        patience.end();
        patience.close();
        assert!(matches!(patience.verdict(advance(4).await, &LIMITS), Verdict::Wait(_)));
        assert_eq!(patience.verdict(advance(2).await, &LIMITS), Verdict::Drop);
    }
}
