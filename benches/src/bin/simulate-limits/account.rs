//! What was asked, admitted and allowed, key by key.

use std::collections::HashMap;

use router_core::limit::key::{LocalKey, Partition, Seed};
use router_core::limit::limits::Accuracy;
use router_core::limit::local::Local;
use router_core::limit::owner::OnOver;
use router_core::limit::{Limit, Now, Rule};

use crate::instance::BEGIN_MS;
use crate::judge::Judge;

/// A decision on a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub(crate) key: usize,
    pub(crate) cost: u64,
    pub(crate) instance: usize,
    pub(crate) life: u32,
    /// The instance's clocks.
    pub(crate) now: Now,
    /// The true time.
    pub(crate) at_us: u64,
    pub(crate) admitted: bool,
}

#[derive(Debug)]
pub(crate) struct Account<'g> {
    limit: &'g Limit,
    /// One place that would see all requests at the time they are decided.
    reference: Local,
    keys: Vec<Key>,
    /// Of instances that count for themselves: by instance, life and key.
    own: HashMap<(usize, u32, usize), Own>,
}

#[derive(Debug)]
struct Key {
    local: LocalKey,
    judge: Judge,
    requests: u64,
    allowed: u64,
    admitted: u64,
}

#[derive(Debug)]
struct Own {
    judge: Judge,
    /// Its clock, where it is not set back.
    clock_ms: u64,
}

/// Sums of all keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) decided: u64,
    pub(crate) allowed: u64,
    pub(crate) admitted: u64,
    /// What the worst interval of the worst key had too much.
    pub(crate) too_many: u64,
    /// What was allowed and not admitted.
    pub(crate) too_few: u64,
    /// The same of the worst key.
    pub(crate) too_few_of_one: u64,
    /// What the worst instance had too much by its own clock.
    pub(crate) own_too_many: u64,
}

impl<'g> Account<'g> {
    /// `None` for a limit that cannot be judged.
    pub(crate) fn new(limit: &'g Limit, partitions: &[Partition]) -> Option<Self> {
        let rule = rule(limit, BEGIN_MS)?;
        let key = |partition: &Partition| {
            Some(Key {
                local: partition.local(&Seed([7; 16]), limit.quota.mark),
                judge: Judge::new(&rule)?,
                requests: 0,
                allowed: 0,
                admitted: 0,
            })
        };
        let keys = partitions.iter().map(key).collect::<Option<Vec<_>>>()?;
        Some(Self { limit, reference: Local::new(2 * keys.len()), keys, own: HashMap::new() })
    }

    pub(crate) fn decided(&mut self, decision: &Decision) {
        let true_ms = BEGIN_MS + decision.at_us / 1000;
        let Decision { cost, now, .. } = *decision;
        let (Some(rule), Some(key)) = (rule(self.limit, true_ms), self.keys.get_mut(decision.key)) else { return };
        key.requests += cost;
        let alone = self.reference.charge(key.local, &rule, cost, OnOver::Refuse, 0, true_ms);
        key.allowed += if alone.decision.verdict.admits() { cost } else { 0 };
        if !decision.admitted {
            return;
        }
        key.admitted += cost;
        let by_itself = matches!(self.limit.accuracy, Accuracy::Local | Accuracy::LocalKv);
        // Windows are those of whoever counts.
        let windows = by_itself && matches!(rule, Rule::FixedWindow(_));
        key.judge.admitted(cost, if windows { now.unix_ms } else { true_ms });
        if by_itself {
            let whose = (decision.instance, decision.life, decision.key);
            if let Some(judge) = Judge::new(&rule) {
                let own = self.own.entry(whose).or_insert(Own { judge, clock_ms: 0 });
                own.clock_ms = own.clock_ms.max(now.unix_ms);
                own.judge.admitted(cost, own.clock_ms);
            }
        }
    }

    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for key in &self.keys {
            let too_few = key.allowed.saturating_sub(key.admitted);
            sums.decided += key.requests;
            sums.allowed += key.allowed;
            sums.admitted += key.admitted;
            sums.too_many = sums.too_many.max(key.judge.worst());
            sums.too_few += too_few;
            sums.too_few_of_one = sums.too_few_of_one.max(too_few);
        }
        sums.own_too_many = self.own.values().map(|own| own.judge.worst()).max().unwrap_or_default();
        sums
    }
}

fn rule(limit: &Limit, now_ms: u64) -> Option<Rule> {
    limit.quota.rule(now_ms).ok()
}
