//! One of several equal jobs of an instance does the work.
//!
//! A future of one request must not wait for a waker that another one fires: the host knows nothing of it and traps the instance. So a job that is not
//! the first looks again and again, between naps on the host's clock, whether the result is there.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Clock, SingleFlight};
use futures_util::FutureExt;

use crate::Spin;
use crate::body::wait;

/// How old work may be that somebody still waits for. Its request may have been taken away without a word; and errands have shorter deadlines.
const OLDEST: Duration = Duration::from_secs(10);
/// The first nap, which doubles up to the longest: a key server answers in some milliseconds or in many.
const FIRST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(16);

/// Work that is under way.
struct Flight {
    since: Duration,
    result: RefCell<Option<Bytes>>,
    ended: Cell<bool>,
}

thread_local! {
    static FLIGHTS: RefCell<BTreeMap<String, Rc<Flight>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Ends its flight however the work ends: the host may drop a request with all that it spawned.
struct Landing {
    key: String,
    flight: Rc<Flight>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flight.ended.set(true);
        FLIGHTS.with_borrow_mut(|flights| {
            if flights.get(&self.key).is_some_and(|flight| Rc::ptr_eq(flight, &self.flight)) {
                flights.remove(&self.key);
            }
        });
    }
}

impl SingleFlight for Spin {
    async fn single_flight(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes> {
        let now = self.monotonic();
        let under_way = FLIGHTS.with_borrow(|flights| flights.get(key).cloned());
        match under_way.filter(|flight| now.saturating_sub(flight.since) < OLDEST) {
            Some(flight) => follow(&flight).await,
            None => Some(lead(key, now, work).await),
        }
    }
}

/// Does the work as a task of its own, beside the request that began it and beyond its answer.
async fn lead(key: &str, since: Duration, work: impl Future<Output = Bytes> + 'static) -> Bytes {
    let flight = Rc::new(Flight { since, result: RefCell::default(), ended: Cell::new(false) });
    FLIGHTS.with_borrow_mut(|flights| flights.insert(key.to_owned(), Rc::clone(&flight)));
    let landing = Landing { key: key.to_owned(), flight };
    // Both ends of it belong to this request, so one may wake the other.
    let work = work.shared();
    let own = work.clone();
    spin_sdk::wasip3::spawn(async move {
        let result = own.await;
        landing.flight.result.replace(Some(result));
    });
    work.await
}

async fn follow(flight: &Flight) -> Option<Bytes> {
    let (mut waited, mut nap) = (Duration::ZERO, FIRST_NAP);
    loop {
        if let Some(result) = &*flight.result.borrow() {
            return Some(result.clone());
        }
        if flight.ended.get() || waited >= OLDEST {
            return None;
        }
        wait(nap).await;
        waited += nap;
        nap = (nap * 2).min(LONGEST_NAP);
    }
}
