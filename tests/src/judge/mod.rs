//! Holds what was observed against what the case expects.

mod answer;
mod conversation;
mod log;
pub(crate) mod text;
mod upstream;

use crate::case::Texts;
use crate::case::exchange::{Gets, Step};
use crate::observed::{Got, Observed};

pub use log::{Wait, wait};

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What it is about.
    pub what: String,
    /// What the case says.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Mismatch {
    pub(crate) fn new(what: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), expected: expected.into(), found: found.into() }
    }
}

/// All that is not as `step` expects.
#[must_use]
pub fn judge(step: &Step, observed: &Observed, texts: &Texts) -> Vec<Mismatch> {
    if step.until.is_some() {
        return Vec::new();
    }
    let mut wrong = answers(step, &observed.got, &observed.aside, texts);
    upstream::judge(step.upstream.as_slice(), &observed.seen, texts, &mut wrong);
    log::judge(step, observed, texts, &mut wrong);
    wrong
}

/// All that is not as `step` expects of what clients get.
#[must_use]
pub fn answers(step: &Step, own: &Got, aside: &[Got], texts: &Texts) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    let nothing = Gets::default();
    let leaves = step.client.as_ref().is_some_and(|client| client.leaves.is_some());
    got(step.gets.as_ref().unwrap_or(&nothing), own, leaves, texts, &mut wrong);
    let missing = Got::Nothing("it was not done when the request of the step itself ended".to_owned());
    for (index, expected) in step.meanwhile.as_slice().iter().enumerate() {
        let mut found = Vec::new();
        let found_there = aside.get(index).unwrap_or(&missing);
        got(expected.gets.as_ref().unwrap_or(&nothing), found_there, false, texts, &mut found);
        wrong.extend(found.into_iter().map(|one| Mismatch { what: format!("meanwhile, {}", one.what), ..one }));
    }
    wrong
}

fn got(gets: &Gets, got: &Got, leaves: bool, texts: &Texts, wrong: &mut Vec<Mismatch>) {
    match got {
        Got::Left => {}
        Got::Answer(_) if leaves => {
            wrong.push(Mismatch::new("the answer", "the client leaves before it is complete", "it is complete"));
        }
        Got::Nothing(_) if gets.nothing => {}
        Got::Nothing(why) => wrong.push(Mismatch::new("the answer", "an answer", format!("none: {why}"))),
        Got::Answer(answer) if gets.nothing => {
            wrong.push(Mismatch::new("the answer", "none", format!("status {}", answer.status)));
        }
        Got::Answer(answer) => answer::judge(gets, answer, texts, wrong),
    }
}
