//! The run: requests, questions under way and what goes wrong, one event after the other on the true time line.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use router_core::limit::Limit;
use router_core::limit::key::Partition;
use router_core::limit::limits::{Accuracy, OnError};
use router_core::limit::owner::{Ask, Said};
use router_core::limit::spread::Neighbours;
use router_core::limit::tally::{Progress, Tally};
use router_core::limit::wanted::Wanted;

use crate::account::{Account, Decision, Sums};
use crate::crowd::Crowd;
use crate::instance::{BEGIN_MS, Instance};
use crate::owner::{Honesty, Owner};
use crate::random::Random;
use crate::scenario::Scenario;
use crate::store::Store;

/// The way to the owner takes so long, and so does the way back.
const WAY_US: (u64, u64) = (5_000, 300_000);

/// How long an instance waits for an answer: longer than any that is not lost takes.
const PATIENCE_US: u64 = 1_000_000;

/// Of a million questions so many never come, and of a million answers.
const LOST: u64 = 10_000;

/// Between two steps back of a clock, on average.
const SET_BACK_US: f64 = 60_000_000.0;

/// Reading and writing the key-value store takes so long.
const EXCHANGE_US: (u64, u64) = (50_000, 500_000);

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    pub(crate) questions: u64,
    /// Instances, each counted as often as it lived.
    pub(crate) lives: u64,
    pub(crate) sums: Sums,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Request,
    /// A question comes to the owner.
    Asked(usize),
    /// An answer comes to the instance, or it waits no longer.
    Ended(usize),
    Restart(usize),
    SetBack(usize),
    /// What was read of the key-value store is taken in, and something is written.
    Exchanged(usize, u32, Vec<(String, Vec<u8>)>),
}

/// A request that waits for the owner.
struct Waiting<'g> {
    request: Request,
    tally: Tally<'g>,
    asks: Vec<(String, Ask)>,
    answer: Answer,
}

enum Answer {
    Comes(Vec<Said>),
    Lost,
}

#[derive(Clone, Copy)]
struct Request {
    key: usize,
    cost: u64,
    instance: usize,
    life: u32,
}

pub(crate) struct World<'g> {
    scenario: &'g Scenario,
    limit: &'g Limit,
    random: Random,
    partitions: Vec<Partition>,
    keys: Crowd,
    instances: Vec<Instance>,
    owner: Owner,
    store: Store,
    account: Account<'g>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    waiting: Vec<Option<Waiting<'g>>>,
    free: Vec<usize>,
    at_us: u64,
    events_made: u64,
    outcome: Outcome,
}

/// Runs a scenario.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn run(
    scenario: &Scenario,
    limit: &Limit,
    most_keys: usize,
    seed: u64,
    honesty: Honesty,
) -> Result<Outcome, String> {
    let part = limit.key.first().ok_or("the limit has no key")?;
    let partition = |number: usize| Partition::written(&[(part, Some(&number.to_string()))]);
    let partitions: Vec<Partition> = (0..scenario.keys).map(partition).collect();
    let account = Account::new(limit, &partitions).ok_or("the limit cannot be judged")?;
    let mut random = Random::new(seed);
    let instances: Vec<Instance> =
        (0..scenario.instances).map(|_| Instance::new(0, 0, most_keys, &mut random)).collect();
    let outcome = Outcome { requests: 0, questions: 0, lives: instances.len() as u64, sums: Sums::default() };
    let world = World {
        scenario,
        limit,
        random,
        partitions,
        keys: Crowd::new(scenario.keys, scenario.key_skew),
        instances,
        owner: Owner::new(honesty),
        store: Store::default(),
        account,
        events: BinaryHeap::new(),
        waiting: Vec::new(),
        free: Vec::new(),
        at_us: 0,
        events_made: 0,
        outcome,
    };
    Ok(world.run(most_keys))
}

impl<'g> World<'g> {
    fn run(mut self, most_keys: usize) -> Outcome {
        let end_us = self.scenario.seconds * 1_000_000;
        self.after(0, Event::Request);
        for instance in 0..self.instances.len() {
            let (restart, set_back) = (self.lifetime_us(), self.random.wait(SET_BACK_US));
            self.after(restart, Event::Restart(instance));
            self.after(set_back, Event::SetBack(instance));
        }
        while let Some(Reverse((at_us, _, event))) = self.events.pop() {
            self.at_us = at_us;
            let over = at_us >= end_us;
            match event {
                Event::Asked(id) => self.asked(id),
                Event::Ended(id) => self.ended(id),
                // What is under way when the run ends is brought to its end, and nothing more begins.
                _ if over => {}
                Event::Request => self.request(),
                Event::Exchanged(instance, life, values) => self.exchanged(instance, life, &values),
                Event::Restart(index) => {
                    if let Some(instance) = self.instances.get_mut(index) {
                        *instance = Instance::new(instance.life + 1, at_us, most_keys, &mut self.random);
                        self.outcome.lives += 1;
                    }
                    let wait = self.lifetime_us();
                    self.after(wait, Event::Restart(index));
                }
                Event::SetBack(index) => {
                    if let Some(instance) = self.instances.get_mut(index) {
                        instance.set_back(&mut self.random);
                    }
                    let wait = self.random.wait(SET_BACK_US);
                    self.after(wait, Event::SetBack(index));
                }
            }
        }
        self.outcome.sums = self.account.sums();
        self.outcome
    }

    fn lifetime_us(&mut self) -> u64 {
        self.random.wait(self.scenario.life_s as f64 * 1_000_000.0)
    }

    fn after(&mut self, wait_us: u64, event: Event) {
        self.events_made += 1;
        self.events.push(Reverse((self.at_us + wait_us, self.events_made, event)));
    }

    fn request(&mut self) {
        let mean_us = 1_000_000.0 / (self.scenario.rate * self.scenario.shape.factor(self.at_us));
        let wait = self.random.wait(mean_us);
        self.after(wait, Event::Request);
        self.outcome.requests += 1;
        let index = usize::try_from(self.random.next()).unwrap_or_default() % self.instances.len();
        let key = self.keys.draw(&mut self.random);
        let cost = self.random.between(1, self.scenario.most_cost);
        let (Some(instance), Some(partition)) = (self.instances.get_mut(index), self.partitions.get(key)) else {
            return;
        };
        let request = Request { key, cost, instance: index, life: instance.life };
        let now = instance.now(self.at_us);
        let Ok(rule) = self.limit.quota.rule(now.unix_ms) else { return };
        let local = partition.local(&instance.memory.seed, self.limit.quota.mark);
        let wanted =
            Wanted { limit: self.limit, quota: &self.limit.quota, rule, partition: partition.clone(), local, cost };
        let tally = Tally::begin(&mut instance.memory, vec![wanted], now);
        let asks = tally.asks();
        if asks.is_empty() {
            self.decided(request, !tally.is_refused());
            self.share(index);
        } else {
            self.ask(request, tally, asks);
        }
    }

    fn ask(&mut self, request: Request, tally: Tally<'g>, asks: Vec<(String, Ask)>) {
        self.outcome.questions += 1;
        let waiting = Some(Waiting { request, tally, asks, answer: Answer::Lost });
        let id = self.free.pop().unwrap_or(self.waiting.len());
        match self.waiting.get_mut(id) {
            Some(place) => *place = waiting,
            None => self.waiting.push(waiting),
        }
        if self.random.happens(LOST) {
            self.after(PATIENCE_US, Event::Ended(id));
        } else {
            let way = self.random.between(WAY_US.0, WAY_US.1);
            self.after(way, Event::Asked(id));
        }
    }

    fn asked(&mut self, id: usize) {
        let Some(Some(waiting)) = self.waiting.get_mut(id) else { return };
        let said = self.owner.decide(&waiting.asks, BEGIN_MS + self.at_us / 1000);
        let request = waiting.request;
        let admits = said.iter().all(|said| said.verdict.admits());
        let way = self.random.between(WAY_US.0, WAY_US.1);
        let way = if self.random.happens(LOST) {
            PATIENCE_US
        } else {
            waiting.answer = Answer::Comes(said);
            way
        };
        self.after(way, Event::Ended(id));
        if self.is_decided_by_owner() {
            self.decided(request, admits);
        }
    }

    /// Whether decisions count where the owner makes them: nobody sees a difference but for those that nobody learns of.
    fn is_decided_by_owner(&self) -> bool {
        matches!(self.limit.accuracy, Accuracy::Exact | Accuracy::Leased(_)) && self.limit.on_error == OnError::Deny
    }

    fn ended(&mut self, id: usize) {
        let Some(mut waiting) = self.waiting.get_mut(id).and_then(Option::take) else { return };
        self.free.push(id);
        let request = waiting.request;
        let Some(instance) = self.instances.get_mut(request.instance) else { return };
        if instance.life != request.life {
            return;
        }
        let now = instance.now(self.at_us);
        match waiting.answer {
            Answer::Comes(said) => waiting.tally.answered(&mut instance.memory, &said, now),
            Answer::Lost => waiting.tally.failed(&mut instance.memory, now),
        }
        let unknown = waiting.tally.items().iter().any(|item| item.state == Progress::Undecided);
        if !unknown && !self.is_decided_by_owner() {
            self.decided(request, !waiting.tally.is_refused());
        }
    }

    fn decided(&mut self, request: Request, admitted: bool) {
        let Request { key, cost, instance, life } = request;
        let Some(now) = self.instances.get(instance).map(|instance| instance.now(self.at_us)) else { return };
        self.account.decided(&Decision { key, cost, instance, life, now, at_us: self.at_us, admitted });
    }

    /// Reads what others wrote, where it is time.
    fn share(&mut self, index: usize) {
        let Some(instance) = self.instances.get_mut(index) else { return };
        let now = instance.now(self.at_us);
        if self.limit.accuracy != Accuracy::LocalKv || !instance.memory.neighbours.is_due(now.monotonic_ms) {
            return;
        }
        let (place, life) = (instance.place, instance.life);
        let read = |key: String| Some((key.clone(), self.store.read(place, &key, self.at_us)?));
        let values = Neighbours::keys().filter_map(read).collect();
        let wait = self.random.between(EXCHANGE_US.0, EXCHANGE_US.1);
        self.after(wait, Event::Exchanged(index, life, values));
    }

    fn exchanged(&mut self, index: usize, life: u32, values: &[(String, Vec<u8>)]) {
        let Some(instance) = self.instances.get_mut(index).filter(|instance| instance.life == life) else { return };
        let now = instance.now(self.at_us);
        let told = instance.memory.neighbours.exchange(values, now.unix_ms);
        if let Some(value) = told {
            self.store.write(instance.place, &instance.memory.neighbours.own_key(), value, self.at_us);
        }
    }
}
