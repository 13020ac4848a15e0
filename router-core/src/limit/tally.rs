//! All limits of a request together: all or nothing.
//!
//! What an instance can decide by itself is decided first and costs nothing. What has to be asked elsewhere is asked in one go. Where one limit refuses,
//! what the others took is given back, so that a refusal takes nothing anywhere.

use std::time::Duration;

use super::lease::LeaseName;
use super::limits::{Accuracy, Limit, OnError};
use super::memory::Memory;
use super::owner::{Ask, OnOver, Operation, Said};
use super::rule::Rule;
use super::verdict::{Standing, Verdict};
use super::wanted::Wanted;
use crate::rejection::{Exceeded, Rejection};

/// The clocks of an instance: milliseconds since 1970, and on a time line that only goes forward.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Since 1970.
    pub unix_ms: u64,
    /// Since some moment of the instance.
    pub monotonic_ms: u64,
}

/// The limits of a request while they are asked.
#[derive(Debug)]
pub struct Tally<'g> {
    items: Vec<Item<'g>>,
    began: Now,
}

/// One limit of a request.
#[derive(Debug)]
pub struct Item<'g> {
    /// What is wanted.
    pub wanted: Wanted<'g>,
    /// What came of it so far.
    pub state: Progress,
    /// What has been taken for it.
    pub taken: Taken,
}

/// How far a limit has been asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has to be asked where its count lives.
    Owed(Operation),
    /// The platform's own limiter has to be asked.
    Bound,
    /// It has been decided.
    Decided(Verdict, Standing),
    /// It could not be asked, and lets the request through.
    Unknown,
    /// It could not be asked, and so the request is refused.
    Undecided,
}

/// What has been taken for a request, so that it can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing that could be given back.
    Nothing,
    /// In the instance's own count.
    Here {
        /// When, in milliseconds since 1970.
        taken_ms: u64,
        /// The number of the slot, for concurrency.
        slot: Option<u64>,
    },
    /// A token of a lease.
    Lease(LeaseName),
    /// Where the count lives: when by the clock there, and the number of the slot.
    Owner {
        /// In milliseconds since 1970.
        taken_ms: u64,
        /// 0 for none.
        slot: u64,
    },
}

impl<'g> Tally<'g> {
    /// Decides what can be decided here.
    #[must_use]
    pub fn begin(memory: &mut Memory, wanted: Vec<Wanted<'g>>, now: Now) -> Self {
        let mut items = Vec::with_capacity(wanted.len());
        let mut refused = false;
        for wanted in wanted {
            let (state, taken) = first(memory, &wanted, now);
            refused |= matches!(state, Progress::Decided(verdict, _) if !verdict.admits());
            items.push(Item { wanted, state, taken });
        }
        let mut tally = Self { items, began: now };
        if refused {
            tally.undo(memory, now);
        }
        tally
    }

    /// Whether a limit has refused: nothing more has to be asked then.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.items.iter().any(Item::refuses)
    }

    /// The bindings that have to be asked, and with which key.
    #[must_use]
    pub fn bindings(&self) -> Vec<(usize, &'g str, String)> {
        let asked = self.items.iter().enumerate().filter(|(_, item)| item.state == Progress::Bound);
        asked
            .filter_map(|(index, item)| match &item.wanted.limit.accuracy {
                Accuracy::Binding(binding) => Some((index, binding.as_str(), item.store_key())),
                _ => None,
            })
            .collect()
    }

    /// Takes in what the platform's own limiter says; `None`: it could not be asked. What it counted cannot be given back.
    pub fn bound(&mut self, memory: &mut Memory, index: usize, within: Option<bool>, now: Now) {
        let Some(item) = self.items.get_mut(index) else { return };
        let window_ms = item.wanted.quota.window_s.unwrap_or(1).saturating_mul(1000);
        // It tells neither what is left nor when: a whole window is always enough.
        let standing = |remaining| Standing { remaining, next_ms: window_ms, full_ms: window_ms };
        match within {
            Some(true) => {
                let verdict = Verdict::Admitted { delay_ms: 0 };
                item.state = Progress::Decided(verdict, standing(1));
            }
            Some(false) => {
                let verdict = Verdict::Refused { retry_ms: Some(window_ms) };
                item.state = Progress::Decided(verdict, standing(0));
            }
            None => item.fall_back(memory, now),
        }
        if self.is_refused() {
            self.undo(memory, now);
        }
    }

    /// What has to be asked where counts live. Empty if nothing has.
    #[must_use]
    pub fn asks(&self) -> Vec<(String, Ask)> {
        let owed = |item: &Item<'_>| match item.state {
            Progress::Owed(operation) => Some((item.store_key(), Ask { rule: item.wanted.rule, operation })),
            _ => None,
        };
        self.items.iter().filter_map(owed).collect()
    }

    /// Takes in what was said, in the order of [`Tally::asks`].
    pub fn answered(&mut self, memory: &mut Memory, said: &[Said], now: Now) {
        let began = self.began;
        let any_refused = said.iter().any(|said| !said.verdict.admits());
        let owed = self.items.iter_mut().filter(|item| matches!(item.state, Progress::Owed(_)));
        for (item, said) in owed.zip(said) {
            item.take_in(memory, said, any_refused, began, now);
        }
        // Fewer answers than questions: what was not answered is not known.
        for item in self.items.iter_mut().filter(|item| matches!(item.state, Progress::Owed(_))) {
            item.fall_back(memory, now);
        }
        if self.is_refused() {
            self.undo(memory, now);
        }
    }

    /// Takes in that the store could not be asked.
    pub fn failed(&mut self, memory: &mut Memory, now: Now) {
        for item in self.items.iter_mut().filter(|item| matches!(item.state, Progress::Owed(_))) {
            item.fall_back(memory, now);
        }
        if self.is_refused() {
            self.undo(memory, now);
        }
    }

    /// Why the request is refused, if it is. With the limits' names, and a time after which it would be admitted.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        let refusing = || self.items.iter().filter(|item| item.refuses());
        refusing().next()?;
        let names = refusing().map(|item| item.wanted.limit.name.clone()).collect();
        let undecided = refusing().any(|item| item.state == Progress::Undecided);
        let lowered = refusing().any(|item| item.wanted.limit.lowered);
        let times: Option<Vec<u64>> = refusing().map(Item::retry_ms).collect();
        Some(Rejection::LimitExceeded(Box::new(Exceeded {
            violated: names,
            retry_after: times.and_then(|times| times.into_iter().max()).map(Duration::from_millis),
            reduced_capacity: undecided || lowered,
        })))
    }

    /// How long the request waits for its turn.
    #[must_use]
    pub fn delay(&self) -> Duration {
        let delays = self.items.iter().map(|item| match item.state {
            Progress::Decided(Verdict::Admitted { delay_ms }, _) => delay_ms,
            _ => 0,
        });
        Duration::from_millis(delays.max().unwrap_or(0))
    }

    /// What was asked, limit by limit.
    #[must_use]
    pub fn items(&self) -> &[Item<'g>] {
        &self.items
    }

    /// The same, for what comes after the answer.
    #[must_use]
    pub fn into_items(self) -> Vec<Item<'g>> {
        self.items
    }

    /// What owners have to be told of a request that is refused although they admitted it, as where another limit could not be asked. Once.
    #[must_use]
    pub fn owed_back(&mut self) -> Vec<(String, Ask)> {
        let mut owed = Vec::new();
        for item in &mut self.items {
            if let Taken::Owner { taken_ms, slot } = item.taken {
                let operation = match item.wanted.rule {
                    Rule::Concurrency(_) => Operation::Release { slot },
                    _ => Operation::GiveBack { units: item.wanted.cost, taken_ms },
                };
                owed.push((item.store_key(), Ask { rule: item.wanted.rule, operation }));
                item.taken = Taken::Nothing;
            }
        }
        owed
    }

    /// Gives back what was taken here.
    fn undo(&mut self, memory: &mut Memory, now: Now) {
        for item in self.items.iter_mut().filter(|item| !item.refuses()) {
            item.give_back_here(memory, now);
            if !matches!(item.taken, Taken::Owner { .. }) {
                item.taken = Taken::Nothing;
            }
        }
    }
}

impl Item<'_> {
    /// The limit.
    #[must_use]
    pub fn limit(&self) -> &Limit {
        self.wanted.limit
    }

    /// The key in a store.
    #[must_use]
    pub fn store_key(&self) -> String {
        self.wanted.partition.hash().store_key(&self.wanted.limit.name)
    }

    fn refuses(&self) -> bool {
        match self.state {
            Progress::Decided(verdict, _) => !verdict.admits(),
            Progress::Undecided => true,
            Progress::Owed(_) | Progress::Bound | Progress::Unknown => false,
        }
    }

    /// After which time it would be admitted; `None`: never.
    fn retry_ms(&self) -> Option<u64> {
        match self.state {
            Progress::Decided(Verdict::Refused { retry_ms }, _) => retry_ms,
            // When the store is back is not known. It is left alone for a second at first.
            _ => Some(1000),
        }
    }

    fn take_in(&mut self, memory: &mut Memory, said: &Said, any_refused: bool, began: Now, now: Now) {
        let Wanted { limit, local, cost, .. } = &self.wanted;
        let mut standing = said.standing;
        if matches!(limit.accuracy, Accuracy::Leased(_)) {
            memory.leases.heard(local, said, began.monotonic_ms);
        }
        match (&limit.accuracy, said.verdict) {
            (_, Verdict::Refused { retry_ms }) => {
                // When a place becomes free nobody knows.
                let known = !matches!(self.wanted.rule, Rule::Concurrency(_));
                if let Some(retry_ms) = retry_ms.filter(|_| known) {
                    memory.denied.remember(*local, *cost, retry_ms, standing, now.monotonic_ms);
                }
            }
            (Accuracy::Leased(rules), _) if !any_refused && said.granted > 0 => {
                let asked_ms = began.monotonic_ms;
                let (name, left) = memory.leases.granted(*local, said, *cost, rules.ttl_ms, asked_ms);
                standing = left;
                self.taken = Taken::Lease(name);
            }
            _ if !any_refused => self.taken = Taken::Owner { taken_ms: said.now_ms, slot: said.granted },
            _ => {}
        }
        self.state = Progress::Decided(said.verdict, standing);
    }

    /// What happens where its count cannot be asked.
    fn fall_back(&mut self, memory: &mut Memory, now: Now) {
        match self.wanted.limit.on_error {
            OnError::Allow => self.state = Progress::Unknown,
            OnError::Deny => self.state = Progress::Undecided,
            OnError::Local => (self.state, self.taken) = here(memory, &self.wanted, 0, now),
        }
    }

    /// Gives back what was taken in this instance.
    pub fn give_back_here(&self, memory: &mut Memory, now: Now) {
        let Wanted { limit, quota, partition, local, rule, cost } = &self.wanted;
        match self.taken {
            Taken::Here { slot: Some(slot), .. } => memory.local.release(*local, rule, slot, now.unix_ms),
            Taken::Here { taken_ms, slot: None } => {
                memory.local.give_back(*local, rule, *cost, taken_ms, now.unix_ms);
                if limit.accuracy == Accuracy::LocalKv {
                    memory.neighbours.gave_back(partition.hash(), quota.mark, rule, *cost, now.unix_ms);
                }
            }
            Taken::Lease(name) => memory.leases.put_back(local, name, *cost),
            Taken::Owner { .. } | Taken::Nothing => {}
        }
    }
}

/// What can be decided of a limit without asking anybody.
fn first(memory: &mut Memory, wanted: &Wanted<'_>, now: Now) -> (Progress, Taken) {
    let Wanted { limit, quota, rule, local, cost, .. } = wanted;
    match &limit.accuracy {
        Accuracy::Local => here(memory, wanted, 0, now),
        Accuracy::LocalKv => {
            let elsewhere = memory.neighbours.taken_elsewhere(&wanted.partition.hash(), quota.mark, rule, now.unix_ms);
            let decided = here(memory, wanted, elsewhere, now);
            if decided.1 != Taken::Nothing {
                memory.neighbours.took(wanted.partition.hash(), quota.mark, rule, *cost, now.unix_ms);
            }
            decided
        }
        Accuracy::Binding(_) => (Progress::Bound, Taken::Nothing),
        Accuracy::Leased(rules) => {
            if let Some((name, standing)) = memory.leases.take(local, *cost, now.monotonic_ms) {
                let verdict = Verdict::Admitted { delay_ms: 0 };
                return (Progress::Decided(verdict, standing), Taken::Lease(name));
            }
            let owed = |memory: &mut Memory| memory.leases.ask(*local, *cost, rules, now.monotonic_ms);
            remembered(memory, wanted, now).unwrap_or_else(|| (Progress::Owed(owed(memory)), Taken::Nothing))
        }
        Accuracy::Exact => {
            let owed = Progress::Owed(Operation::Charge { cost: *cost, on_over: quota.on_over });
            // What is metered is never refused.
            let known = if quota.on_over == OnOver::Meter { None } else { remembered(memory, wanted, now) };
            known.unwrap_or((owed, Taken::Nothing))
        }
    }
}

fn remembered(memory: &mut Memory, wanted: &Wanted<'_>, now: Now) -> Option<(Progress, Taken)> {
    let (retry_ms, standing) = memory.denied.find(&wanted.local, wanted.cost, now.monotonic_ms)?;
    let verdict = Verdict::Refused { retry_ms: Some(retry_ms) };
    Some((Progress::Decided(verdict, standing), Taken::Nothing))
}

fn here(memory: &mut Memory, wanted: &Wanted<'_>, elsewhere: u64, now: Now) -> (Progress, Taken) {
    let Wanted { quota, rule, local, cost, .. } = wanted;
    let decided = memory.local.charge(*local, rule, *cost, quota.on_over, elsewhere, now.unix_ms);
    let here = Taken::Here { taken_ms: now.unix_ms, slot: decided.slot };
    let taken = if decided.decision.verdict.admits() { here } else { Taken::Nothing };
    (Progress::Decided(decided.decision.verdict, decided.decision.standing), taken)
}
