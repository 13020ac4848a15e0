//! Requests of this instance that wait for one of them.
//!
//! As in `single_flight.rs`, none may be woken by another: whoever waits looks again and again, between naps on the host's clock.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use edge::AtEnd;
use edge::platform::{Clock, Coalesce};
use router_core::cache::Key;

use crate::Spin;
use crate::body::wait;

/// How long somebody may lead. The host may have taken the request away without a word; and a body that takes longer is not worth waiting for.
const LONGEST: Duration = Duration::from_secs(10);
/// The first nap, which doubles up to the longest.
const FIRST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(16);

/// One that leads, since when.
type Lead = Rc<Duration>;

thread_local! {
    static LEADS: RefCell<HashMap<Key, Lead>> = RefCell::default();
}

impl Coalesce for Spin {
    fn lead(&self, key: &Key) -> Option<AtEnd> {
        let (key, now) = (*key, self.monotonic());
        let lead = Rc::new(now);
        LEADS.with_borrow_mut(|leads| {
            leads.retain(|_, lead| leads_still(lead, now));
            (!leads.contains_key(&key)).then(|| leads.insert(key, Rc::clone(&lead)))
        })?;
        Some(AtEnd::new(move || {
            LEADS.with_borrow_mut(|leads| {
                // Another may have followed after the longest time.
                if leads.get(&key).is_some_and(|current| Rc::ptr_eq(current, &lead)) {
                    leads.remove(&key);
                }
            });
        }))
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        let Some(lead) = LEADS.with_borrow(|leads| leads.get(key).cloned()) else { return };
        let (mut waited, mut nap) = (Duration::ZERO, FIRST_NAP);
        while waited < patience && leads_still(&lead, self.monotonic()) {
            let current = LEADS.with_borrow(|leads| leads.get(key).is_some_and(|current| Rc::ptr_eq(current, &lead)));
            if !current {
                return;
            }
            let rest = nap.min(patience.saturating_sub(waited));
            wait(rest).await;
            waited += rest;
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }
}

fn leads_still(lead: &Lead, now: Duration) -> bool {
    now.saturating_sub(**lead) < LONGEST
}
