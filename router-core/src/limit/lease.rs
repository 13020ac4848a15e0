//! The holder's side of leases: tokens that an owner has lent, with which an instance decides by itself.
//!
//! A lease ends for its holder before it ends for its owner: its time is counted from when it was asked for, by a clock that only goes forward, so that
//! clocks that differ do no harm (Gray and Cheriton, "Leases", 1989). What became of a lease is told once or never: told twice it could be taken for
//! another one's.

use smallvec::SmallVec;

use super::key::{LocalKey, Spread};
use super::limits::LeaseRules;
use super::owner::{Operation, Said, Settlement};
use super::verdict::Standing;
use crate::recent::Recent;

/// A lease ends so many milliseconds early for its holder: as long as one request's work may take while the clock of a host stands still.
const GUARD_MS: u64 = 20;

/// More leases of one key at a time than requests that find none left at once. What comes beyond is not used.
const MOST_LEASES: usize = 8;

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

impl Leases {
    /// None, with room for about `most_keys`.
    #[must_use]
    pub fn new(most_keys: usize) -> Self {
        Self { holders: Recent::new(most_keys) }
    }

    /// Takes `cost` tokens if there are so many on one lease. Of which, and how the count stands with them.
    pub fn take(&mut self, key: &LocalKey, cost: u64, monotonic_ms: u64) -> Option<(LeaseName, Standing)> {
        let holder = self.holders.get(key)?;
        holder.drop_ended(monotonic_ms);
        let lease = holder.leases.iter_mut().find(|lease| lease.left >= cost)?;
        lease.left -= cost;
        let name = lease.name();
        Some((name, holder.standing()))
    }

    /// Puts tokens back that a request took and did not need after all. They are lost if their lease is over, or was told of as used up.
    pub fn put_back(&mut self, key: &LocalKey, name: LeaseName, cost: u64) {
        if let Some(holder) = self.holders.get(key)
            && let Some(lease) = holder.leases.iter_mut().find(|lease| lease.name() == name)
        {
            lease.left = lease.left.saturating_add(cost).min(lease.granted);
        }
    }

    /// What the owner is asked for when there are not enough. It tells what became of a lease that is used up.
    pub fn ask(&mut self, key: LocalKey, cost: u64, rules: &LeaseRules, monotonic_ms: u64) -> Operation {
        let holder = self.holders.entry(key, Holder::default);
        let most = rules.most.max(cost);
        holder.want = holder.want.clamp(cost.max(1), most);
        let done = holder.leases.iter().position(|lease| lease.left == 0 && lease.ends_ms > monotonic_ms);
        let settle = done.map(|index| holder.leases.remove(index)).map(|lease| {
            // Whoever has used all of it before half of its time is over can do with more.
            if monotonic_ms.saturating_sub(lease.asked_ms) * 2 < rules.ttl_ms {
                holder.want = holder.want.saturating_mul(2).min(most);
            }
            lease.settlement()
        });
        holder.drop_ended(monotonic_ms);
        let settle = settle.unwrap_or_default();
        Operation::Lease { cost, want: holder.want, ttl_ms: rules.ttl_ms, share: LeaseRules::SHARE, settle }
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
        holder.standing = said.standing;
        let lease = Lease {
            granted: said.granted,
            left: said.granted.saturating_sub(cost),
            until_ms: said.until_ms,
            asked_ms,
            ends_ms: asked_ms.saturating_add(ttl_ms).saturating_sub(GUARD_MS),
        };
        if holder.leases.len() < MOST_LEASES {
            holder.leases.push(lease);
        }
        (lease.name(), holder.standing())
    }
}

impl Holder {
    fn drop_ended(&mut self, monotonic_ms: u64) {
        let ended = |lease: &Lease| lease.ends_ms <= monotonic_ms;
        for lease in self.leases.iter().filter(|lease| ended(lease)) {
            // More than half of it was of no use.
            if lease.left * 2 > lease.granted {
                self.want = (self.want / 2).max(1);
            }
        }
        self.leases.retain(|lease| !ended(lease));
    }

    fn standing(&self) -> Standing {
        let own = self.leases.iter().fold(0, |sum: u64, lease| sum.saturating_add(lease.left));
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
