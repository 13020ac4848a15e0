//! The steps of a case, the same on every platform.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::case::exchange::{ClockStep, Crowd, Step, StoreStep, Upstream};
use crate::case::{Case, Texts};
use crate::judge::{Mismatch, judge};
use crate::observed::{Got, Observed, Seen};
use crate::signed::{Makes, replaced};

/// What came of a case.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed(Failed),
}

/// The first step that failed.
#[derive(Clone, Debug, Default)]
pub struct Failed {
    /// Which step, counted from 1; 0 before the first.
    pub step: usize,
    /// What was not as expected.
    pub wrong: Vec<Mismatch>,
    /// All that was observed.
    pub observed: Option<Box<Observed>>,
}

impl Outcome {
    /// A case that could not even be run.
    pub(crate) fn broken(step: usize, why: impl Into<String>) -> Self {
        let wrong = vec![Mismatch::new("the case", "it can be run", why)];
        Self::Failed(Failed { step, wrong, observed: None })
    }
}

/// What a case waits for, so that one that hangs can say so.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Rc<Cell<(usize, &'static str)>>);

impl Waiting {
    fn step(&self, number: usize) {
        self.0.set((number, "the platform"));
    }

    pub(crate) fn for_(&self, what: &'static str) {
        self.0.set((self.0.get().0, what));
    }

    /// The step, and what it waits for.
    #[must_use]
    pub fn now(&self) -> (usize, &'static str) {
        self.0.get()
    }
}

/// A gateway that serves one case.
pub(crate) trait Session {
    /// Where the upstreams of the case are.
    fn texts(&self) -> &Texts;

    /// The time by the gateway's clock, in seconds since 1970.
    fn now(&self) -> u64;

    /// Sends a request and observes what happens.
    async fn ask(&mut self, step: &Step) -> Observed;

    /// Waits for the next log line, where the platform finds a newer document by itself. `None`: it must be asked for something first.
    async fn next_line(&mut self) -> Option<Value>;

    /// Puts a newer document where the platform finds it.
    async fn store(&mut self, document: String) -> Result<(), String>;

    /// Moves the clock, where there is one to move.
    async fn clock(&mut self, step: &ClockStep);

    /// Sends so many requests of a crowd, and says what came of each.
    async fn crowd(&mut self, crowd: &Crowd, script: &[Upstream], requests: usize) -> (Vec<Got>, Vec<Seen>);
}

/// Takes a case through its steps, up to the first that fails.
pub(crate) async fn steps(case: &Case, session: &mut impl Session, waiting: &Waiting) -> Outcome {
    let makes = Makes::new(&case.exchange, session.now(), session.texts().clone());
    for (index, step) in case.exchange.steps.iter().enumerate() {
        let number = index + 1;
        waiting.step(number);
        let step = &match replaced(step, &makes) {
            Ok(step) => step,
            Err(why) => return Outcome::broken(number, why),
        };
        if let Some(clock) = &step.clock {
            session.clock(clock).await;
        } else if let Some(crowd) = &step.crowd {
            let wrong = all_of_a_crowd(crowd, step.upstream.as_slice(), session).await;
            if !wrong.is_empty() {
                return Outcome::Failed(Failed { step: number, wrong, observed: None });
            }
        } else if let Some(store) = &step.store {
            let document = match store {
                StoreStep::Document(document) => session.texts().put_into(&Value::Object(document.clone())).to_string(),
                StoreStep::Text(text) => session.texts().replace(text),
            };
            if let Err(why) = session.store(document).await {
                return Outcome::broken(number, why);
            }
        } else if let Some(until) = &step.until {
            ask_until(step, until, session).await;
        } else {
            let observed = session.ask(step).await;
            let wrong = judge(step, &observed, session.texts());
            if !wrong.is_empty() {
                return Outcome::Failed(Failed { step: number, wrong, observed: Some(Box::new(observed)) });
            }
        }
    }
    Outcome::Passed
}

async fn all_of_a_crowd(crowd: &Crowd, script: &[Upstream], session: &mut impl Session) -> Vec<Mismatch> {
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let (got, seen) = session.crowd(crowd, script, crowd.requests()).await;
    if seen.len() != script.len() {
        wrong.push(Mismatch::new("the requests to upstreams", script.len().to_string(), seen.len().to_string()));
    }
    for got in got {
        match got {
            Got::Answer(answer) => *statuses.entry(answer.status).or_default() += 1,
            Got::Nothing(why) => wrong.push(Mismatch::new("an answer of the crowd", "an answer", why)),
            Got::Left => wrong.push(Mismatch::new("an answer of the crowd", "an answer", "the client left")),
        }
    }
    let expected = crowd.statuses();
    if statuses != expected {
        wrong.push(Mismatch::new("the answers of the crowd", format!("{expected:?}"), format!("{statuses:?}")));
    }
    wrong
}

async fn ask_until(step: &Step, until: &Map<String, Value>, session: &mut impl Session) {
    let is_meant = |line: &Value| until.iter().all(|(key, value)| line.get(key) == Some(value));
    loop {
        let observed = session.ask(step).await;
        if observed.lines.iter().any(is_meant) {
            return;
        }
        while let Some(line) = session.next_line().await {
            if is_meant(&line) {
                return;
            }
        }
    }
}
