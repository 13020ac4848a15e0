//! Which object is asked for which counts, and what undoes what they took.

use router_core::limit::owner::{Ask, Operation, Said, Settlement};
use router_core::limit::rule::Rule;

use super::{object_of, wire};

/// What one object is asked.
pub(super) struct Share {
    object: u8,
    /// The place of each question among all that a request asks.
    places: Vec<usize>,
    asked: Vec<(String, Ask)>,
}

/// The questions by the object that they fall to.
pub(super) fn part(asked: &[(String, Ask)]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for (place, (key, ask)) in asked.iter().enumerate() {
        let object = object_of(partition(key));
        match shares.iter_mut().find(|share| share.object == object) {
            Some(share) => share.push(place, key, *ask),
            None => {
                let mut share = Share::none(object);
                share.push(place, key, *ask);
                shares.push(share);
            }
        }
    }
    shares
}

/// The part of a key by which its object is found: the last. Limits that count by the same thing meet in one object, and are decided on in one go.
fn partition(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, last)| last)
}

impl Share {
    fn none(object: u8) -> Self {
        Self { object, places: Vec::new(), asked: Vec::new() }
    }

    fn push(&mut self, place: usize, key: &str, ask: Ask) {
        self.places.push(place);
        self.asked.push((key.to_owned(), ask));
    }

    /// The name of the object. Counts have objects of their own, so that they neither slow down claims nor take their room.
    pub(super) fn object(&self) -> String {
        format!("counts-{}", self.object)
    }

    /// What it is asked.
    pub(super) fn question(&self) -> String {
        wire::count(self.asked.iter().map(|(key, ask)| (key.as_str(), *ask)))
    }

    /// How many answers there will be.
    pub(super) fn len(&self) -> usize {
        self.asked.len()
    }

    /// The places of the questions among all.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().copied()
    }

    /// What undoes what an object took that said so; `None` if it took nothing.
    pub(super) fn undoing(&self, said: &[Said]) -> Option<Self> {
        if said.iter().any(|said| !said.verdict.admits()) {
            return None;
        }
        let mut undoing = Self::none(self.object);
        for ((place, (key, ask)), said) in self.places().zip(&self.asked).zip(said) {
            if let Some(operation) = undo(ask, said) {
                undoing.push(place, key, Ask { rule: ask.rule, operation });
            }
        }
        (undoing.len() > 0).then_some(undoing)
    }
}

/// What undoes a charge or a lease. What holders told of theirs is a fact, and stays.
fn undo(ask: &Ask, said: &Said) -> Option<Operation> {
    match ask.operation {
        Operation::Charge { cost, .. } => Some(match ask.rule {
            Rule::Concurrency(_) => Operation::Release { slot: said.granted },
            _ => Operation::GiveBack { units: cost, taken_ms: said.now_ms },
        }),
        Operation::Lease { .. } => {
            Some(Operation::Settle(Settlement { until_ms: said.until_ms, granted: said.granted, used: 0 }))
        }
        Operation::Settle(_)
        | Operation::GiveBack { .. }
        | Operation::Take { .. }
        | Operation::Release { .. }
        | Operation::Look
        | Operation::Reset => None,
    }
}

#[cfg(test)]
mod tests {
    use router_core::limit::algorithm::{Concurrency, FixedWindow};
    use router_core::limit::owner::{self, OnOver, State};
    use router_core::limit::verdict::Verdict;

    use super::*;

    const NOW_MS: u64 = 1_900_000_000_000;

    fn rules() -> [Rule; 2] {
        let window = FixedWindow::new(10, FixedWindow::bounds_every(60_000, NOW_MS)).unwrap();
        [Rule::FixedWindow(window), Rule::Concurrency(Concurrency::new(2, 60_000).unwrap())]
    }

    fn charge(rule: Rule, cost: u64) -> Ask {
        Ask { rule, operation: Operation::Charge { cost, on_over: OnOver::Refuse } }
    }

    #[test]
    fn limits_that_count_by_the_same_thing_meet_in_one_object() {
        let [window, slots] = rules();
        let key = |name: &str, partition: &str| format!("limit/{name}/{partition}");
        let asked = [(key("a", "1"), charge(window, 1)), (key("b", "1"), charge(slots, 1))];
        assert_eq!(part(&asked).len(), 1);
        let spread: Vec<_> = (0..100).map(|n| (key("a", &n.to_string()), charge(window, 1))).collect();
        let shares = part(&spread);
        assert!(shares.len() > 20, "{} of 32", shares.len());
        let mut places: Vec<usize> = shares.iter().flat_map(Share::places).collect();
        places.sort_unstable();
        assert_eq!(places, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_taken_is_undone_and_nothing_else() {
        let [window, slots] = rules();
        let lease = Operation::Lease { cost: 1, want: 5, ttl_ms: 1000, share: 2, settle: Settlement::default() };
        let asks = [
            charge(window, 3),
            charge(slots, 1),
            Ask { rule: window, operation: lease },
            Ask { rule: window, operation: Operation::Take { units: 2 } },
            Ask { rule: window, operation: Operation::Look },
        ];
        let asked: Vec<_> = asks.iter().map(|ask| ("k".to_owned(), *ask)).collect();
        let share = part(&asked).pop().unwrap();
        let none = asks.iter().map(|ask| (*ask, State::none(&ask.rule))).collect();
        let decided = owner::decide(none, NOW_MS);
        let said: Vec<_> = decided.iter().map(|decided| decided.said).collect();
        let undoing = share.undoing(&said).unwrap();
        assert_eq!(undoing.places, [0, 1, 2]);
        for (place, (_, ask)) in undoing.places().zip(&undoing.asked) {
            let state = decided[place].next.clone().unwrap();
            let undone = owner::decide(vec![(*ask, state)], NOW_MS);
            let remaining = owner::decide(vec![(*ask, State::none(&ask.rule))], NOW_MS)[0].said.standing.remaining;
            assert_eq!(undone[0].said.standing.remaining, remaining, "{ask:?}");
        }
    }

    #[test]
    fn an_object_that_refused_took_nothing() {
        let [window, _] = rules();
        let share = part(&[("k".into(), charge(window, 1)), ("l/k".into(), charge(window, 11))]).pop().unwrap();
        let mut said = owner::decide(share.asked.iter().map(|(_, ask)| (*ask, State::none(&window))).collect(), NOW_MS);
        let said: Vec<_> = said.drain(..).map(|decided| decided.said).collect();
        assert_eq!(said[1].verdict, Verdict::Refused { retry_ms: None });
        assert!(share.undoing(&said).is_none());
    }
}
