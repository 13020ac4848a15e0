//! One of several equal jobs does the work: whoever waits for it drives it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use edge::platform::SingleFlight;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

use crate::Memory;

/// The work that is under way.
#[derive(Default)]
pub(crate) struct Flights(RefCell<BTreeMap<String, Shared<LocalBoxFuture<'static, Bytes>>>>);

impl SingleFlight for Memory {
    async fn single_flight(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes> {
        let flights = &self.state.flights.0;
        let flight = flights.borrow_mut().entry(key.to_owned()).or_insert_with(|| work.boxed_local().shared()).clone();
        let result = flight.await;
        flights.borrow_mut().remove(key);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures_util::future::join;

    use super::*;
    use crate::executor::run;

    #[test]
    fn equal_jobs_are_done_once_at_a_time() {
        let memory = Memory::default();
        let done = Rc::new(Cell::new(0));
        let work = || {
            let done = Rc::clone(&done);
            let mut asleep = true;
            let nap = std::future::poll_fn(move |context| {
                context.waker().wake_by_ref();
                if std::mem::take(&mut asleep) { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
            });
            async move {
                nap.await;
                done.set(done.get() + 1);
                Bytes::from_static(b"x")
            }
        };
        let both = join(memory.single_flight("k", work()), memory.single_flight("k", work()));
        assert_eq!(run(both).unwrap(), (Some("x".into()), Some("x".into())));
        assert_eq!(done.get(), 1);
        run(memory.single_flight("k", work())).unwrap();
        assert_eq!(done.get(), 2);
    }
}
