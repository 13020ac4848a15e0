//! Runs futures that need no reactor.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A future that waits, while nothing is left that could wake it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck;

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it waits, and nothing can wake it: an upstream stalls and no deadline holds for it")
    }
}

impl std::error::Error for Stuck {}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls `future` for as long as it wakes itself.
///
/// # Errors
/// [`Stuck`] where it waits for ever.
pub fn run<F: Future>(future: F) -> Result<F::Output, Stuck> {
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    while flag.0.swap(false, Ordering::Relaxed) {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
    }
    Err(Stuck)
}

/// Lets every other future that could go on do so first.
pub(crate) async fn turn() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_waiting_for_ever_from_waiting_a_moment() {
        let once = async {
            turn().await;
            7
        };
        assert_eq!(run(once), Ok(7));
        assert_eq!(run(std::future::pending::<()>()), Err(Stuck));
    }
}
