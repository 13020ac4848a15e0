//! Requests for the same wait for one of them, whichever thread has it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use edge::AtEnd;
use edge::platform::Coalesce;
use router_core::cache::Key;
use tokio::sync::watch;

use crate::platform::Native;

/// The keys that somebody leads for, in all threads: never more than there are requests under way. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Leads(Arc<Mutex<HashMap<Key, watch::Receiver<()>>>>);

/// Takes its key off the list however the lead ends.
struct Lead {
    leads: Leads,
    key: Key,
    /// Dropped after the key is off the list: whoever is woken finds nobody that leads.
    _alive: watch::Sender<()>,
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.leads.table().remove(&self.key);
    }
}

impl Leads {
    /// Held for a look or a change only. A panic in between leaves the table as good as it was.
    fn table(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lead(&self, key: Key) -> Option<AtEnd> {
        let alive = match self.table().entry(key) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(place) => {
                let (alive, follower) = watch::channel(());
                place.insert(follower);
                alive
            }
        };
        let lead = Lead { leads: self.clone(), key, _alive: alive };
        Some(AtEnd::new(move || drop(lead)))
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        let leading = self.table().get(key).cloned();
        if let Some(mut leading) = leading {
            // Nothing is ever sent. That nobody is left to send is told also to those who ask later.
            drop(tokio::time::timeout(patience, leading.changed()).await);
        }
    }
}

impl Coalesce for Native {
    fn lead(&self, key: &Key) -> Option<AtEnd> {
        self.thread.leads.lead(*key)
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        self.thread.leads.follow(key, patience).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3600);

    fn key(number: u8) -> Key {
        Key([number; 32])
    }

    #[tokio::test(start_paused = true)]
    async fn one_leads_until_it_ends_and_then_the_next_may() {
        let leads = Leads::default();
        let lead = leads.lead(key(1)).unwrap();
        assert!(leads.lead(key(1)).is_none());
        let other = leads.lead(key(2)).unwrap();
        drop(lead);
        assert_eq!(leads.table().len(), 1);
        drop((leads.lead(key(1)).unwrap(), other));
        assert!(leads.table().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_nobody() {
        let begun = tokio::time::Instant::now();
        Leads::default().follow(&key(1), PATIENCE).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    /// The clock goes on by itself when everybody waits.
    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let leads = Leads::default();
        let _lead = leads.lead(key(1));
        let begun = tokio::time::Instant::now();
        leads.follow(&key(1), PATIENCE).await;
        assert!(begun.elapsed() >= PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_wait_are_woken_and_find_that_nobody_leads() {
        let leads = Leads::default();
        let lead = leads.lead(key(1)).unwrap();
        let begun = tokio::time::Instant::now();
        let follower = async || {
            leads.follow(&key(1), PATIENCE).await;
            assert!(leads.table().is_empty());
        };
        let end = async {
            tokio::task::yield_now().await;
            drop(lead);
        };
        tokio::join!(follower(), follower(), follower(), end);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_between_the_look_and_the_wait_is_not_missed() {
        let leads = Leads::default();
        let lead = leads.lead(key(1)).unwrap();
        let key = key(1);
        let mut follower = Box::pin(leads.follow(&key, PATIENCE));
        assert!(follower.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(lead);
        // Somebody else leads already: that is not what was waited for.
        let _next = leads.lead(key);
        let begun = tokio::time::Instant::now();
        follower.await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[test]
    fn followers_on_other_threads_are_woken() {
        let leads = Leads::default();
        let lead = leads.lead(key(1)).unwrap();
        let (waits, waiting) = channel();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (leads, waits) = (leads.clone(), waits.clone());
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                    runtime.block_on(async {
                        let (key, begun) = (key(1), tokio::time::Instant::now());
                        let mut follower = Box::pin(leads.follow(&key, PATIENCE));
                        let first =
                            std::future::poll_fn(|context| std::task::Poll::Ready(follower.as_mut().poll(context)));
                        assert!(first.await.is_pending());
                        waits.send(()).unwrap();
                        follower.await;
                        assert!(begun.elapsed() < PATIENCE);
                    });
                });
            }
            (0..4).for_each(|_| waiting.recv().unwrap());
            drop(lead);
        });
        assert!(leads.table().is_empty());
    }

    #[test]
    fn threads_that_lead_and_follow_in_turn_never_lead_together() {
        let leads = Leads::default();
        let leading = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                    runtime.block_on(async {
                        let mut led = 0;
                        while led < 500 {
                            match leads.lead(key(1)) {
                                Some(lead) => {
                                    led += 1;
                                    use std::sync::atomic::Ordering::SeqCst;
                                    assert_eq!(leading.fetch_add(1, SeqCst), 0);
                                    leading.fetch_sub(1, SeqCst);
                                    drop(lead);
                                }
                                None => leads.follow(&key(1), PATIENCE).await,
                            }
                        }
                    });
                });
            }
        });
        assert!(leads.table().is_empty());
    }
}
