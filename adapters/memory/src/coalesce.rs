//! Requests that wait for another one give it turns. When these are used up, it waits for something that will not come, and their patience passes.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use edge::AtEnd;
use edge::platform::{Coalesce, Sleep};
use router_core::cache::Key;

use crate::Memory;
use crate::executor::turn;

/// How often the others get a turn: nothing here needs more than a few.
const TURNS: usize = 64;

/// The keys that somebody leads for.
#[derive(Default)]
pub(crate) struct Leads(Rc<RefCell<HashSet<Key>>>);

impl Coalesce for Memory {
    fn lead(&self, key: &Key) -> Option<AtEnd> {
        let (leads, key) = (Rc::clone(&self.state.leads.0), *key);
        let is_first = leads.borrow_mut().insert(key);
        is_first.then(|| {
            AtEnd::new(move || {
                leads.borrow_mut().remove(&key);
            })
        })
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        for _ in 0..TURNS {
            if !self.state.leads.0.borrow().contains(key) {
                return;
            }
            turn().await;
        }
        self.sleep(patience).await;
    }
}

#[cfg(test)]
mod tests {
    use edge::platform::Clock;
    use futures_util::future::join;

    use super::*;
    use crate::executor::run;

    const KEY: Key = Key([7; 32]);
    const PATIENCE: Duration = Duration::from_secs(1);

    #[test]
    fn one_leads_at_a_time_and_a_follower_waits_for_it() {
        let memory = Memory::default();
        let lead = memory.lead(&KEY).unwrap();
        assert!(memory.lead(&KEY).is_none());
        assert!(memory.lead(&Key([8; 32])).is_some());
        let work = async {
            turn().await;
            turn().await;
            drop(lead);
        };
        run(join(memory.follow(&KEY, PATIENCE), work)).unwrap();
        assert_eq!(memory.monotonic(), Duration::ZERO);
        assert!(memory.lead(&KEY).is_some());
    }

    #[test]
    fn no_wait_is_without_an_end() {
        let memory = Memory::default();
        let _lead = memory.lead(&KEY);
        run(memory.follow(&KEY, PATIENCE)).unwrap();
        assert_eq!(memory.monotonic(), PATIENCE);
    }
}
