//! Log lines: which are waited for, and what stands in them.
//!
//! Hosts write their lines when they like, so a line is waited for as such, never for some time. The line that is meant is found by the request id
//! of the answer; one that tells of an event, by the event's name.

use serde_json::{Map, Value};

use super::Mismatch;
use super::answer::{has, pretty};
use crate::case::Texts;
use crate::case::exchange::Step;
use crate::observed::{Got, Observed, field};

/// Whether there is more to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// All lines are there.
    Done,
    /// At least one is missing.
    More,
}

/// Whether `lines` hold every line that `step` speaks of.
#[must_use]
pub fn wait(step: &Step, got: &Got, lines: &[Value]) -> Wait {
    // Every answer of a gateway has an id; one without it comes from the host, and no line will ever tell of it.
    let foreign = matches!(got, Got::Answer(answer) if field(&answer.headers, "x-request-id").is_none());
    let comes = |expected: &Map<String, Value>| !foreign || expected.contains_key("event");
    let missing = step.log.as_slice().iter().any(|expected| comes(expected) && meant(expected, got, lines).is_none());
    if missing { Wait::More } else { Wait::Done }
}

/// The line that `expected` is about.
fn meant<'l>(expected: &Map<String, Value>, got: &Got, lines: &'l [Value]) -> Option<&'l Value> {
    if let Some(event) = expected.get("event") {
        return lines.iter().find(|line| line.get("event") == Some(event));
    }
    let id = match got {
        Got::Answer(answer) => field(&answer.headers, "x-request-id"),
        Got::Left | Got::Nothing(_) => None,
    };
    let is_access = |line: &&Value| line.get("duration_us").is_some();
    let mut access = lines.iter().filter(is_access);
    match id {
        Some(id) => {
            let id = String::from_utf8_lossy(&id).into_owned();
            access.find(|line| line.get("request_id").and_then(Value::as_str) == Some(id.as_str()))
        }
        None => access.next(),
    }
}

pub(super) fn judge(step: &Step, observed: &Observed, texts: &Texts, wrong: &mut Vec<Mismatch>) {
    for expected in step.log.as_slice() {
        let wanted = texts.put_into(&Value::Object(expected.clone()));
        match meant(expected, &observed.got, &observed.lines) {
            Some(line) if has(line, &wanted) => {}
            Some(line) => wrong.push(Mismatch::new("the log line", pretty(&wanted), pretty(line))),
            None => wrong.push(Mismatch::new("the log line", pretty(&wanted), "no such line")),
        }
    }
}
