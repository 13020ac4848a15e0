//! The atomic store: Durable Objects of the class `TidegateAtomic`, bound as `TIDEGATE_ATOMIC`.

mod object;

use edge::platform::{Atomic, AtomicFailure};
use router_core::atomic::{Outcome, Transition};
use router_core::authenticate::jose::Digest;
use wasm_bindgen::JsValue;

use crate::js;
use crate::platform::Workers;

const BINDING: &str = "TIDEGATE_ATOMIC";

/// How many objects share the keys. One object decides about a thousand times a second, and decisions on different keys have nothing to do with each
/// other, so keys are spread by their hash: 32 objects carry what a large site asks. More would each be asked less often, and an object that was not
/// asked for ten seconds has to be started again. Another number here would let every nonce of the time of deployment be used once more.
const OBJECTS: u8 = 32;

/// How long a decision may take, in milliseconds. An object far away that has to be started takes some hundreds.
const PATIENCE_MS: f64 = 3000.0;

impl Atomic for Workers {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let objects = js::objects(&self.env, BINDING).map_err(|thrown| failed(&thrown))?;
        if objects.is_undefined() {
            return Err(AtomicFailure::Absent);
        }
        // An overloaded object, and one that is being moved, throws; whether it had decided is then not known, so it is not asked again.
        let answer = js::decide(&objects, &name(key), &question(key, &transition), PATIENCE_MS).await;
        let answer = answer.map_err(|thrown| failed(&thrown))?.as_string().unwrap_or_default();
        outcome(&answer).ok_or(AtomicFailure::Failed(answer))
    }
}

/// The object that decides on `key`.
fn name(key: &str) -> String {
    let first = Digest::Sha256.of(key.as_bytes()).first().copied().unwrap_or_default();
    format!("atomic-{}", first % OBJECTS)
}

fn failed(thrown: &JsValue) -> AtomicFailure {
    AtomicFailure::Failed(js::thrown(thrown))
}

/// A question as it is put to an object: lines, of which the key is the last, whatever stands in it.
fn question(key: &str, transition: &Transition) -> String {
    match transition {
        Transition::Claim { lifetime_ms } => format!("claim\n{lifetime_ms}\n{key}"),
    }
}

/// Reads a question: the key, and what is to be decided on it.
fn read(question: &str) -> Option<(&str, Transition)> {
    let (word, rest) = question.split_once('\n')?;
    match word {
        "claim" => {
            let (lifetime_ms, key) = rest.split_once('\n')?;
            Some((key, Transition::Claim { lifetime_ms: lifetime_ms.parse().ok()? }))
        }
        _ => None,
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Claimed => "claimed",
        Outcome::Taken => "taken",
    }
}

fn outcome(answer: &str) -> Option<Outcome> {
    [Outcome::Claimed, Outcome::Taken].into_iter().find(|outcome| word(*outcome) == answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_as_it_was_put_whatever_its_key() {
        for key in ["", "a", "a\nb", "\n\n", "é?&#"] {
            let claim = Transition::Claim { lifetime_ms: u64::MAX };
            assert_eq!(read(&question(key, &claim)), Some((key, claim)));
        }
        assert_eq!(read("claim\nmany\nk"), None);
        assert_eq!(read("charge\n1\nk"), None);
    }

    #[test]
    fn an_outcome_is_told_by_one_word() {
        for told in [Outcome::Claimed, Outcome::Taken] {
            assert_eq!(outcome(word(told)), Some(told));
        }
        assert_eq!(outcome(""), None);
    }
}
