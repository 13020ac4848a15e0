//! The decision on one or several keys at once.

use std::borrow::Cow;

use super::ask::{Ask, OnOver, Operation, Said, Settlement};
use super::count::Count;
use super::state::State;
use crate::limit::algorithm::LARGEST;
use crate::limit::rule::Rule;
use crate::limit::verdict::{Standing, Verdict};

/// What is decided on one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What is said to whom asked.
    pub said: Said,
    /// What the state has become; `None`: it is as it was.
    pub next: Option<State>,
}

/// Decides on several keys at once, all or nothing: where one refuses, none takes anything. What holders say of their leases counts all the same.
/// `now_ms` is the owner's clock. Each question comes with the state of its key.
#[must_use]
pub fn decide(asked: Vec<(Ask, State)>, now_ms: u64) -> Vec<Decided> {
    let steps: Vec<(Ask, Step)> = asked.into_iter().map(|(ask, state)| (ask, step(&ask, state, now_ms))).collect();
    let refused = |(ask, step): &(Ask, Step)| ask.operation.can_be_refused() && !step.verdict.admits();
    let any_refused = steps.iter().any(refused);
    steps
        .into_iter()
        .map(|(ask, step)| {
            let undone = any_refused && ask.operation.can_be_refused();
            let (state, changed) = if undone { (step.before, step.settled) } else { (step.after, true) };
            let changed = changed && ask.operation != Operation::Look;
            let (granted, until_ms) = if undone { (0, 0) } else { step.granted };
            let standing = standing(&state, &ask.rule, step.now_ms);
            let said = Said { verdict: step.verdict, standing, granted, until_ms, now_ms: step.now_ms };
            Decided { said, next: changed.then_some(state) }
        })
        .collect()
}

/// What one question comes to by itself.
struct Step {
    verdict: Verdict,
    /// With what holders told, but nothing taken.
    before: State,
    /// Whether they told something.
    settled: bool,
    after: State,
    granted: (u64, u64),
    now_ms: u64,
}

fn step(ask: &Ask, mut state: State, now_ms: u64) -> Step {
    let rule = &ask.rule;
    let now_ms = now_ms.min(LARGEST).max(state.count.latest_ms());
    let ended = end_leases(&mut state, rule, now_ms);
    let settled = match &ask.operation {
        Operation::Lease { settle, .. } | Operation::Settle(settle) => settle_lease(&mut state, rule, *settle, now_ms),
        _ => false,
    };
    let before = state.clone();
    let mut granted = (0, 0);
    let mut verdict = Verdict::Admitted { delay_ms: 0 };
    match ask.operation {
        Operation::Charge { cost, on_over } => match (rule, state.count) {
            (Rule::Concurrency(concurrency), Count::Slots(slots)) => {
                let (decision, slot, slots) = concurrency.acquire(slots, now_ms);
                (verdict, granted) = (decision.verdict, (slot.unwrap_or(0), 0));
                state.count = Count::Slots(slots);
            }
            (_, count) => {
                state.count = count;
                verdict = charge(&mut state, rule, cost, on_over, now_ms);
            }
        },
        Operation::Lease { cost, want, ttl_ms, share, .. } => {
            let room = room(&state, rule, now_ms);
            if room < cost {
                verdict = Verdict::Refused { retry_ms: wait_for(&state, rule, cost, now_ms) };
            } else {
                let tokens = want.min(room / share.max(1)).max(cost);
                if tokens > 0 {
                    granted = (tokens, state.held.lend(tokens, ttl_ms, now_ms));
                }
            }
        }
        Operation::GiveBack { units, taken_ms } => {
            state.count = state.count.give_back(rule, units, taken_ms, now_ms);
        }
        Operation::Take { units } => state.count = state.count.take(rule, units, now_ms),
        Operation::Release { slot } => {
            if let (Rule::Concurrency(concurrency), Count::Slots(slots)) = (rule, state.count) {
                state.count = Count::Slots(concurrency.release(slots, slot, now_ms));
            } else {
                state = before.clone();
            }
        }
        Operation::Settle(_) | Operation::Look => {}
        Operation::Reset => state = state.reset(rule),
    }
    Step { verdict, before, settled: settled || ended, after: state, granted, now_ms }
}

/// Units that can be had: what is out on leases cannot.
fn room(state: &State, rule: &Rule, now_ms: u64) -> u64 {
    state.count.remaining(rule, now_ms).saturating_sub(state.held.tokens())
}

fn charge(state: &mut State, rule: &Rule, cost: u64, on_over: OnOver, now_ms: u64) -> Verdict {
    let wait = wait_for(state, rule, cost, now_ms);
    let verdict = match (wait, on_over) {
        (Some(0), _) => Verdict::Admitted { delay_ms: state.count.delay_ms(rule, now_ms) },
        (_, OnOver::Meter) => Verdict::Over { units: cost.saturating_sub(room(state, rule, now_ms)) },
        (retry_ms, OnOver::Refuse) => return Verdict::Refused { retry_ms },
    };
    take(state, rule, cost, now_ms);
    verdict
}

fn take(state: &mut State, rule: &Rule, units: u64, now_ms: u64) {
    let count = std::mem::replace(&mut state.count, Count::none(rule));
    state.count = count.take(rule, units, now_ms);
}

/// After how many milliseconds `units` can be had whatever the holders of leases do: the first moment at which they can although all is used, as late as
/// can be. Whoever tells earlier makes it no later.
fn wait_for(state: &State, rule: &Rule, units: u64, now_ms: u64) -> Option<u64> {
    // More than there ever is cannot be had with or without leases.
    let alone = state.count.wait_for(rule, units, now_ms)?;
    if state.held.tokens() == 0 {
        return Some(alone.min(LARGEST));
    }
    let (mut state, mut from_ms) = (Cow::Borrowed(state), now_ms);
    loop {
        let beside = state.count.wait_for(rule, units.saturating_add(state.held.tokens()), from_ms);
        let then = beside.map(|wait| from_ms.saturating_add(wait));
        match (then, state.held.first_end()) {
            (Some(then), first) if first.is_none_or(|first| then <= first) => {
                // Is told to every kind of store.
                return Some(then.saturating_sub(now_ms).min(LARGEST));
            }
            (_, Some(first)) => {
                end_leases(state.to_mut(), rule, first);
                from_ms = from_ms.max(first);
            }
            (_, None) => return None,
        }
    }
}

fn standing(state: &State, rule: &Rule, now_ms: u64) -> Standing {
    if state.held.tokens() == 0 {
        let standing = state.count.standing(rule, now_ms);
        return Standing { next_ms: standing.next_ms.min(LARGEST), ..standing };
    }
    let remaining = room(state, rule, now_ms);
    let full_ms = state.ends_ms(rule, now_ms).saturating_sub(now_ms).min(LARGEST);
    let next = wait_for(state, rule, remaining.saturating_add(1), now_ms);
    Standing { remaining, next_ms: next.unwrap_or(full_ms), full_ms }
}

/// What was out on leases that have ended counts as used at their end.
fn end_leases(state: &mut State, rule: &Rule, now_ms: u64) -> bool {
    let mut ended = false;
    while let Some((end, tokens)) = state.held.ended(now_ms) {
        let at_ms = end.max(state.count.latest_ms());
        take(state, rule, tokens, at_ms);
        ended = true;
    }
    ended
}

/// What was used of a lease counts as used now, and what was not is free. One that has ended is settled already.
fn settle_lease(state: &mut State, rule: &Rule, settle: Settlement, now_ms: u64) -> bool {
    if settle.granted == 0 || !state.held.settle(settle.until_ms, settle.granted) {
        return false;
    }
    take(state, rule, settle.used.min(settle.granted), now_ms);
    true
}
