//! Who was refused lately, so that a flood of refused requests costs next to nothing.

use super::key::{LocalKey, Spread};
use super::verdict::Standing;
use crate::recent::Recent;

/// The longest time for which a refusal is repeated without asking where the count lives, in milliseconds: a reset by an operator, a refund or a higher
/// plan is noticed after that.
const LONGEST_MS: u64 = 10_000;

/// Refusals by key. Each is repeated until the time that it named, never longer.
#[derive(Debug)]
pub struct Denied {
    refusals: Recent<LocalKey, Refusal, Spread>,
}

#[derive(Clone, Copy, Debug)]
struct Refusal {
    /// On the instance's own time line.
    since_ms: u64,
    retry_ms: u64,
    cost: u64,
    standing: Standing,
}

impl Denied {
    /// An empty one for about `most_keys`.
    #[must_use]
    pub fn new(most_keys: usize) -> Self {
        Self { refusals: Recent::new(most_keys) }
    }

    /// Remembers that `cost` units could not be had at `monotonic_ms`, and can be had `retry_ms` later.
    pub fn remember(&mut self, key: LocalKey, cost: u64, retry_ms: u64, standing: Standing, monotonic_ms: u64) {
        self.refusals.insert(key, Refusal { since_ms: monotonic_ms, retry_ms, cost, standing });
    }

    /// In how many milliseconds `cost` units can be had, as far as it was said: `None` where it has to be asked.
    pub fn find(&mut self, key: &LocalKey, cost: u64, monotonic_ms: u64) -> Option<(u64, Standing)> {
        let refusal = *self.refusals.peek(key)?;
        let since = monotonic_ms.saturating_sub(refusal.since_ms);
        if since >= refusal.retry_ms.min(LONGEST_MS) {
            self.refusals.remove(key);
            return None;
        }
        let Refusal { retry_ms, standing, .. } = refusal;
        let standing = Standing {
            next_ms: standing.next_ms.saturating_sub(since),
            full_ms: standing.full_ms.saturating_sub(since),
            ..standing
        };
        // What costs less may be had sooner.
        (cost >= refusal.cost).then(|| (retry_ms - since, standing))
    }

    /// Forgets a refusal.
    pub fn forget(&mut self, key: &LocalKey) {
        self.refusals.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::key::{Partition, Seed};

    #[test]
    fn a_refusal_is_repeated_until_its_time_and_for_no_smaller_cost() {
        let key = Partition::default().local(&Seed([0; 16]), 1);
        let mut denied = Denied::new(10);
        let standing = Standing { remaining: 1, next_ms: 500, full_ms: 2000 };
        denied.remember(key, 2, 500, standing, 1000);
        assert_eq!(denied.find(&key, 1, 1000), None);
        assert_eq!(denied.find(&key, 2, 1100), Some((400, Standing { next_ms: 400, full_ms: 1900, ..standing })));
        assert_eq!(denied.find(&key, 3, 1499).map(|(retry_ms, _)| retry_ms), Some(1));
        assert_eq!(denied.find(&key, 2, 1500), None);
        assert_eq!(denied.find(&key, 2, 1400), None, "it is forgotten then");
    }

    #[test]
    fn a_long_refusal_is_asked_about_again_after_ten_seconds() {
        let key = Partition::default().local(&Seed([0; 16]), 1);
        let mut denied = Denied::new(10);
        denied.remember(key, 1, 86_400_000, Standing::default(), 0);
        assert_eq!(denied.find(&key, 1, 9_999).map(|(retry_ms, _)| retry_ms), Some(86_390_001));
        assert_eq!(denied.find(&key, 1, 10_000), None);
    }
}
