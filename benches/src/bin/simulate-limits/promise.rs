//! What a limit promises (`limit/bound.rs`), in numbers, and whether it was kept.

use router_core::limit::Limit;
use router_core::limit::limits::{Accuracy, OnError};

use crate::world::Outcome;

/// Of what is allowed, leases may leave so much unused where everybody wants more.
const MOST_UNUSED: f64 = 0.03;

/// A refusal is repeated until the time that it names, counted from when the answer came: later than the owner counts, by the answer's way. What nobody
/// takes for that reason is no more than this of what is allowed.
const MOST_OVERSLEPT: f64 = 0.001;

/// Of a limit that lets each instance count by itself when the owner cannot be asked, nothing is promised for that time.
pub(crate) const UNPROMISED: &str = "nothing while answers are lost";

/// How many too many, and how many too few.
pub(crate) fn text(limit: &Limit) -> String {
    let quota = limit.quota.units;
    match (&limit.accuracy, limit.on_error) {
        (Accuracy::Exact, OnError::Deny) => "0 / 0".to_owned(),
        (Accuracy::Leased(rules), OnError::Deny) => format!("0 / {} each", rules.most),
        (Accuracy::Local | Accuracy::LocalKv, _) => format!("{quota} each / 0"),
        _ => UNPROMISED.to_owned(),
    }
}

/// What was not kept. `is_full`: whether everybody wants more than there is.
pub(crate) fn broken(limit: &Limit, is_full: bool, outcome: &Outcome) -> Vec<String> {
    let sums = &outcome.sums;
    let mut broken = Vec::new();
    let mut check = |kept: bool, what: String| {
        if !kept {
            broken.push(what);
        }
    };
    let part = |units: u64| units as f64 / sums.allowed.max(1) as f64;
    match (&limit.accuracy, limit.on_error) {
        (Accuracy::Exact, OnError::Deny) => {
            check(sums.too_many == 0, format!("admitted {} too many", sums.too_many));
            check(part(sums.too_few) <= MOST_OVERSLEPT, format!("admitted {} too few", sums.too_few));
        }
        (Accuracy::Leased(rules), OnError::Deny) => {
            check(sums.too_many == 0, format!("admitted {} too many", sums.too_many));
            let most = rules.most * outcome.lives;
            check(sums.too_few_of_one <= most, format!("admitted {} too few of one key", sums.too_few_of_one));
            let goal = !is_full || part(sums.too_few) <= MOST_UNUSED;
            check(goal, format!("left {:.1} % unused", 100.0 * part(sums.too_few)));
        }
        (Accuracy::Local | Accuracy::LocalKv, _) => {
            check(sums.own_too_many == 0, format!("one instance admitted {} too many", sums.own_too_many));
            check(sums.too_few == 0, format!("admitted {} too few", sums.too_few));
        }
        _ => {}
    }
    broken
}
