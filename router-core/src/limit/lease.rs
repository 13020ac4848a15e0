//! The holder's side of leases: tokens that an owner has lent, with which an instance decides by itself.
//!
//! A lease ends for its holder before it ends for its owner: its time is counted from when it was asked for, by a clock that only goes forward, so that
//! clocks that differ do no harm (Gray and Cheriton, "Leases", 1989). What became of a lease is told once or never: told twice it could be taken for
//! another one's.
//!
//! Tokens that nobody uses are lost to everybody until their lease ends, so few are asked for: as many as will be used soon, and near the limit none beside
//! those that a request takes itself; then it is decided where the count is, as without leases. `cargo xtask simulate limits` shows what is lost all the same.

use smallvec::SmallVec;

use super::key::{LocalKey, Spread};
use super::limits::LeaseRules;
use super::owner::{OnOver, Operation, Said, Settlement};
use super::verdict::Standing;
use crate::recent::Recent;

/// A lease ends so many milliseconds early for its holder: as long as one request's work may take while the clock of a host stands still.
const GUARD_MS: u64 = 20;

/// More leases of one key at a time than there are, as only one question at a time asks for more than its request takes. What comes beyond is not used.
const MOST_LEASES: usize = 8;

/// Twice as many tokens are asked for when the last ones were used within this part of a lease's time: an eighth.
const SOON: u64 = 8;

/// Half as many when they lasted longer than this part of it: a quarter. Requests come by chance, and of tokens that last for a quarter of the time on average
/// hardly any is left at its end.
const LATE: u64 = 4;

/// The tokens of an instance, by key.
#[derive(Debug)]
pub struct Leases {
    holders: Recent<LocalKey, Holder, Spread>,
}

/// The tokens of one key.
#[derive(Clone, Debug, Default)]
struct Holder {
    leases: SmallVec<[Lease; 1]>,
    /// How many tokens would be welcome next time.
    want: u64,
    /// The last question for so many.
    asked: Option<Asked>,
    /// How the count stood at the owner.
    standing: Standing,
}

/// Which lease tokens are of: tokens of one can never become those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseName {
    until_ms: u64,
    asked_ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Lease {
    granted: u64,
    left: u64,
    /// The owner's name for its end.
    until_ms: u64,
    /// On the holder's own time line.
    asked_ms: u64,
    ends_ms: u64,
}

/// A question for more tokens than one request needs.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// On the holder's own time line.
    at_ms: u64,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Awaited,
    Known,
}

impl Leases {
    /// None, with room for about `most_keys`.
    #[must_use]
    pub fn new(most_keys: usize) -> Self {
        Self { holders: Recent::new(most_keys) }
    }

    /// Takes `cost` tokens if there are so many on one lease. Of which, and how the count stands with them.
    pub fn take(&mut self, key: &LocalKey, cost: u64, monotonic_ms: u64) -> Option<(LeaseName, Standing)> {
        let holder = self.holders.get(key)?;
        let lease = holder.leases.iter_mut().find(|lease| lease.left >= cost && lease.ends_ms > monotonic_ms)?;
        lease.left -= cost;
        let name = lease.name();
        Some((name, holder.standing(monotonic_ms)))
    }

    /// Puts tokens back that a request took and did not need after all. They are lost if their lease is over, or was told of.
    pub fn put_back(&mut self, key: &LocalKey, name: LeaseName, cost: u64) {
        if let Some(holder) = self.holders.get(key)
            && let Some(lease) = holder.leases.iter_mut().find(|lease| lease.name() == name)
        {
            lease.left = lease.left.saturating_add(cost).min(lease.granted);
        }
    }

    /// What the owner is asked when there are not enough. It tells what became of a lease, which may have too few left or may have ended: as long as it
    /// has not for the owner too, what was not used of it is free again.
    pub fn ask(&mut self, key: LocalKey, cost: u64, rules: &LeaseRules, monotonic_ms: u64) -> Operation {
        let holder = self.holders.entry(key, Holder::default);
        let want = holder.want(cost, rules, monotonic_ms);
        let settle = if holder.leases.is_empty() { None } else { Some(holder.leases.remove(0).settlement()) };
        if want <= cost && settle.is_none() {
            return Operation::Charge { cost, on_over: OnOver::Refuse };
        }
        let settle = settle.unwrap_or_default();
        Operation::Lease { cost, want, ttl_ms: rules.ttl_ms, share: LeaseRules::SHARE, settle }
    }

    /// Takes in how the count stands, as the owner said to who asked at `asked_ms`.
    pub fn heard(&mut self, key: &LocalKey, said: &Said, asked_ms: u64) {
        let Some(holder) = self.holders.get(key) else { return };
        holder.standing = said.standing;
        if let Some(asked) = holder.asked.as_mut().filter(|asked| asked.at_ms == asked_ms) {
            asked.answer = Answer::Known;
        }
    }

    /// Takes in what the owner granted to who asked at `asked_ms`, and takes `cost` tokens of it at once.
    pub fn granted(
        &mut self,
        key: LocalKey,
        said: &Said,
        cost: u64,
        ttl_ms: u64,
        asked_ms: u64,
    ) -> (LeaseName, Standing) {
        let holder = self.holders.entry(key, Holder::default);
        let lease = Lease {
            granted: said.granted,
            left: said.granted.saturating_sub(cost),
            until_ms: said.until_ms,
            asked_ms,
            ends_ms: asked_ms.saturating_add(ttl_ms).saturating_sub(GUARD_MS),
        };
        // Telling that nothing is left of one that had no more from the start would take another lease to tell it with.
        if lease.left > 0 && holder.leases.len() < MOST_LEASES {
            holder.leases.push(lease);
        }
        (lease.name(), holder.standing(asked_ms))
    }
}

impl Holder {
    /// How many tokens to ask for.
    fn want(&mut self, cost: u64, rules: &LeaseRules, monotonic_ms: u64) -> u64 {
        let since_ms = self.asked.map(|asked| monotonic_ms.saturating_sub(asked.at_ms));
        let awaited = self.asked.is_some_and(|asked| asked.answer == Answer::Awaited);
        // Whoever comes while tokens are under way asks for its own only.
        if awaited && since_ms.is_some_and(|since| since < rules.ttl_ms) {
            return cost;
        }
        let want = match since_ms {
            Some(since) if since.saturating_mul(SOON) < rules.ttl_ms => self.want.saturating_mul(2),
            Some(since) if since.saturating_mul(LATE) < rules.ttl_ms => self.want,
            _ => self.want / 2,
        };
        self.want = want.clamp(cost.max(1), rules.most.max(cost).max(1));
        self.asked = Some(Asked { at_ms: monotonic_ms, answer: Answer::Awaited });
        self.want.min(self.standing.remaining / LeaseRules::SHARE).max(cost)
    }

    fn standing(&self, monotonic_ms: u64) -> Standing {
        let live = self.leases.iter().filter(|lease| lease.ends_ms > monotonic_ms);
        let own = live.fold(0, |sum: u64, lease| sum.saturating_add(lease.left));
        Standing { remaining: self.standing.remaining.saturating_add(own), ..self.standing }
    }
}

impl Lease {
    fn name(&self) -> LeaseName {
        LeaseName { until_ms: self.until_ms, asked_ms: self.asked_ms }
    }

    fn settlement(&self) -> Settlement {
        Settlement { until_ms: self.until_ms, granted: self.granted, used: self.granted - self.left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::key::{Partition, Seed};
    use crate::limit::verdict::Verdict;

    const RULES: LeaseRules = LeaseRules { ttl_ms: 8000, most: 100 };

    fn key() -> LocalKey {
        Partition::default().local(&Seed([0; 16]), 1)
    }

    /// Asks at a time for one token; the answer comes at once. What was asked for.
    fn asked(leases: &mut Leases, remaining: u64, at_ms: u64) -> Operation {
        let operation = leases.ask(key(), 1, &RULES, at_ms);
        let granted = match operation {
            Operation::Lease { want, .. } => want.min(remaining / LeaseRules::SHARE).max(1),
            _ => 0,
        };
        let standing = Standing { remaining: remaining - granted.max(1), ..Standing::default() };
        let verdict = Verdict::Admitted { delay_ms: 0 };
        let said = Said { verdict, standing, granted, until_ms: at_ms + 10_000, now_ms: at_ms };
        leases.heard(&key(), &said, at_ms);
        if granted > 0 {
            leases.granted(key(), &said, 1, RULES.ttl_ms, at_ms);
        }
        operation
    }

    fn want(operation: Operation) -> u64 {
        match operation {
            Operation::Lease { want, .. } => want,
            _ => 0,
        }
    }

    fn used_up(leases: &mut Leases, at_ms: u64) {
        while leases.take(&key(), 1, at_ms).is_some() {}
    }

    #[test]
    fn more_is_asked_for_while_it_is_used_soon_and_less_when_it_lasts() {
        let mut leases = Leases::new(10);
        let mut wants = Vec::new();
        for at_ms in [0, 900, 1800, 2700, 3600, 4700, 7000, 15_000] {
            wants.push(want(asked(&mut leases, 10_000, at_ms)));
            used_up(&mut leases, at_ms);
        }
        assert_eq!(wants, [0, 2, 4, 8, 16, 16, 8, 4]);
    }

    #[test]
    fn near_the_limit_and_while_tokens_are_under_way_a_request_asks_for_its_own_only() {
        let mut leases = Leases::new(10);
        asked(&mut leases, 10_000, 0);
        let charge = |cost| Operation::Charge { cost, on_over: OnOver::Refuse };
        assert_eq!(want(leases.ask(key(), 1, &RULES, 1)), 2);
        assert_eq!(leases.ask(key(), 1, &RULES, 2), charge(1));
        assert_eq!(leases.ask(key(), 7, &RULES, 7999), charge(7));
        assert_eq!(
            leases.ask(key(), 1, &RULES, 8001),
            charge(1),
            "that answer does not come, and nobody was in a hurry"
        );
        asked(&mut leases, 10, 8002);
        assert_eq!(asked(&mut leases, 10, 8003), charge(1));
    }

    #[test]
    fn what_became_of_a_lease_is_told_once_and_what_ends_is_no_longer_used() {
        let mut leases = Leases::new(10);
        for at_ms in [0, 1, 2] {
            asked(&mut leases, 10_000, at_ms);
            assert_eq!(leases.take(&key(), 5, at_ms), None);
        }
        // Of four tokens one was used at once, and two are used until the end.
        assert!(leases.take(&key(), 2, 2 + RULES.ttl_ms - GUARD_MS - 1).is_some());
        assert_eq!(leases.take(&key(), 1, 2 + RULES.ttl_ms - GUARD_MS), None);
        let told = Settlement { until_ms: 10_002, granted: 4, used: 3 };
        let Operation::Lease { settle, .. } = leases.ask(key(), 1, &RULES, 9000) else { panic!("a lease") };
        assert_eq!(settle, told);
        assert_eq!(leases.ask(key(), 1, &RULES, 9001), Operation::Charge { cost: 1, on_over: OnOver::Refuse });
    }
}
