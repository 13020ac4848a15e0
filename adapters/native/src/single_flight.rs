//! One of several equal jobs of a thread does the work, as a task of its own.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use edge::platform::SingleFlight;
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use crate::platform::Native;

/// The work of a thread that is under way. Keys are made by the stages, of names and hashes.
#[derive(Clone, Default)]
pub(crate) struct Flights(Rc<RefCell<FxHashMap<String, watch::Receiver<Option<Bytes>>>>>);

/// Takes its flight off the list however it ends, by a panic for example.
struct Landing {
    flights: Flights,
    key: String,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.0.borrow_mut().remove(&self.key);
    }
}

impl Flights {
    async fn join(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes> {
        let under_way = self.0.borrow().get(key).cloned();
        let mut result = under_way.unwrap_or_else(|| self.begin(key, work));
        // An error: the work ended without a result.
        let landed = result.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }

    fn begin(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> watch::Receiver<Option<Bytes>> {
        let (sender, receiver) = watch::channel(None);
        self.0.borrow_mut().insert(key.to_owned(), receiver.clone());
        let landing = Landing { flights: self.clone(), key: key.to_owned() };
        tokio::task::spawn_local(async move {
            let result = work.await;
            // First off the list, then told: whoever comes after the result begins anew.
            drop(landing);
            sender.send_replace(Some(result));
        });
        receiver
    }
}

impl SingleFlight for Native {
    async fn single_flight(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes> {
        self.thread.flights.join(key, work).await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;
    use tokio::task::LocalSet;

    use super::*;

    struct Bench {
        flights: Flights,
        done: Rc<Cell<u32>>,
        go: Rc<Notify>,
    }

    impl Bench {
        fn new() -> Self {
            Self { flights: Flights::default(), done: Rc::default(), go: Rc::default() }
        }

        fn job(&self) -> impl Future<Output = Option<Bytes>> + 'static {
            let (flights, done, go) = (self.flights.clone(), Rc::clone(&self.done), Rc::clone(&self.go));
            async move {
                let work = async move {
                    go.notified().await;
                    done.set(done.get() + 1);
                    Bytes::from_static(b"x")
                };
                flights.join("k", work).await
            }
        }
    }

    #[tokio::test]
    async fn equal_jobs_are_done_once_at_a_time() {
        let bench = Bench::new();
        LocalSet::new()
            .run_until(async {
                let (first, second) = (bench.job(), bench.job());
                bench.go.notify_one();
                assert_eq!(tokio::join!(first, second), (Some("x".into()), Some("x".into())));
                assert_eq!(bench.done.get(), 1);
                bench.go.notify_one();
                assert_eq!(bench.job().await, Some("x".into()));
                assert_eq!(bench.done.get(), 2);
                assert!(bench.flights.0.borrow().is_empty());
            })
            .await;
    }

    #[tokio::test]
    async fn whoever_begins_may_go_away_and_the_others_still_get_the_result() {
        let bench = Bench::new();
        LocalSet::new()
            .run_until(async {
                let leader = tokio::task::spawn_local(bench.job());
                tokio::task::yield_now().await;
                let follower = tokio::task::spawn_local(bench.job());
                tokio::task::yield_now().await;
                leader.abort();
                assert!(leader.await.unwrap_err().is_cancelled());
                bench.go.notify_one();
                assert_eq!(follower.await.unwrap(), Some("x".into()));
                assert_eq!(bench.done.get(), 1);
            })
            .await;
    }

    #[tokio::test]
    async fn work_that_panics_is_told_as_no_result_and_does_not_stay_in_the_way() {
        let bench = Bench::new();
        LocalSet::new()
            .run_until(async {
                assert_eq!(bench.flights.join("k", async { panic!("asked for") }).await, None);
                bench.go.notify_one();
                assert_eq!(bench.job().await, Some("x".into()));
            })
            .await;
    }
}
