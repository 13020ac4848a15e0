//! What a request wants of each limit that holds for it.

use super::key::{LocalKey, Partition, Seed};
use super::limits::{Limit, Limits, Missing, Unit, bytes};
use super::part::Seen;
use super::quota::Quota;
use super::rule::Rule;
use crate::authenticate::authorize::Asked;
use crate::receive::BodyLength;
use crate::rejection::Rejection;

/// What a request wants of one limit.
#[derive(Clone, Debug)]
pub struct Wanted<'g> {
    /// The limit.
    pub limit: &'g Limit,
    /// The quota that holds.
    pub quota: &'g Quota,
    /// Its rule at this moment.
    pub rule: Rule,
    /// Of whom it is counted.
    pub partition: Partition,
    /// The key of the count in this instance.
    pub local: LocalKey,
    /// How many units.
    pub cost: u64,
}

/// What a request wants of all of them, and what could not be told, for the log.
#[derive(Clone, Debug, Default)]
pub struct Wants<'g> {
    /// Of each limit that holds.
    pub wanted: Vec<Wanted<'g>>,
    /// Why a cost is a guess.
    pub doubts: Vec<String>,
}

impl<'g> Wants<'g> {
    /// What the request that `asked` describes wants of the limits at `indices`. `body`: what is known of its length.
    ///
    /// # Errors
    /// [`Rejection::LimitKeyMissing`] where it lacks a part of a key that it must have.
    pub fn of(
        limits: &'g Limits,
        indices: &[usize],
        asked: &Asked<'_>,
        body: BodyLength,
        seed: &Seed,
    ) -> Result<Self, Rejection> {
        let mut wants = Self::default();
        let plan = asked.identity.consumer().and_then(|consumer| consumer.plan.as_deref());
        let seen = Seen { identity: asked.identity, head: asked.head, facts: asked.facts, route: &asked.route.name };
        for limit in indices.iter().filter_map(|index| limits.limits.get(*index)) {
            let Some(quota) = limit.quota(plan) else { continue };
            let partition = match (Partition::of(&limit.key, &seen, limit.missing == Missing::Share), limit.missing) {
                (Ok(partition), _) => partition,
                (Err(part), Missing::Refuse) if limit.mode == crate::filter::Mode::Enforce => {
                    return Err(Rejection::LimitKeyMissing { part: part.name().into_owned() });
                }
                (Err(_), _) => continue,
            };
            let (cost, doubt) = if limit.unit == Unit::Bytes { (bytes(body), None) } else { limit.cost(asked) };
            wants.doubts.extend(doubt);
            // A checked configuration has none without a rule.
            let Ok(rule) = quota.rule(asked.now_ms) else { continue };
            let local = partition.local(seed, quota.mark);
            wants.wanted.push(Wanted { limit, quota, rule, partition, local, cost });
        }
        Ok(wants)
    }
}
