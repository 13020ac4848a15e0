//! Panics end the request they happen in, and no other.
//!
//! The worker is built to unwind. A panic that left the future of a request would still reset nothing, but its client would get the host's own
//! error; caught here, it becomes a problem like every other. A build that aborts has nothing to catch.

#[cfg(panic = "unwind")]
use std::any::Any;
#[cfg(panic = "unwind")]
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(panic = "unwind")]
use std::{future::poll_fn, pin::pin, task::Poll};

/// Runs `future`; `Err` with the message if it panics.
#[cfg(panic = "unwind")]
pub(crate) async fn contained<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    // A future that panicked is never polled again, and what requests share is replaced whole: nothing half-done can be seen.
    poll_fn(|task| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task))) {
        Ok(poll) => poll.map(Ok),
        Err(payload) => Poll::Ready(Err(message(payload.as_ref()))),
    })
    .await
}

/// Runs `future`.
#[cfg(not(panic = "unwind"))]
pub(crate) async fn contained<F: Future>(future: F) -> Result<F::Output, String> {
    Ok(future.await)
}

#[cfg(panic = "unwind")]
fn message(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        (None, None) => "a panic without a message".to_owned(),
    }
}

#[cfg(all(test, panic = "unwind"))]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn outcome<F: Future>(future: F) -> Poll<Result<F::Output, String>> {
        pin!(contained(future)).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(outcome(async { 1 }), Poll::Ready(Ok(1)));
        assert_eq!(outcome(async { panic!("one {}", 1) }), Poll::<Result<(), _>>::Ready(Err("one 1".into())));
        assert_eq!(outcome(std::future::pending::<()>()), Poll::Pending);
    }
}
