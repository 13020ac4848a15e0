//! What the adapters that decide in Redis have in common: the scripts, what they are told, and what is read of their answers. Nothing of a client.

use router_core::atomic::{Outcome, Transition};
use router_core::limit::owner::{Ask, SAID_NUMBERS, Said};

/// Before every key of a claim, so that the database may hold other things.
const CLAIMS: &str = "tidegate:atomic:";

/// Before every key of a count.
const COUNTS: &str = "tidegate:count:";

/// The longest lifetime that is told to Redis, which adds its own time to it and holds both in 64 bits: a hundred years.
const LONGEST_MS: u64 = 100 * 366 * 24 * 3600 * 1000;

/// A script, and the hash by which a server that has seen it knows it.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) text: &'static str,
    pub(crate) sha1: &'static str,
}

/// Takes a key for a time.
pub(crate) const CLAIM: Script =
    Script { text: include_str!("claim.lua"), sha1: "d7d1500e188bcee1a23022ff9773297e249df8ac" };

/// Decides on counts. It is one script: the parts share their local names.
pub(crate) const LIMIT: Script = Script {
    text: concat!(
        include_str!("limit/numbers.lua"),
        include_str!("limit/meter.lua"),
        include_str!("limit/windows.lua"),
        include_str!("limit/log.lua"),
        include_str!("limit/slots.lua"),
        include_str!("limit/state.lua"),
        include_str!("limit/held.lua"),
        include_str!("limit/decide.lua"),
    ),
    sha1: "ebcfdc4658dcf427f7714cc765892197fea167e8",
};

/// A call of a script.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) script: &'static Script,
    pub(crate) keys: Vec<String>,
    pub(crate) arguments: Vec<u64>,
}

/// Why an answer is not understood; for the log.
fn strange(numbers: &[i64]) -> String {
    format!("Redis answered {numbers:?} to a script that does not")
}

/// Asks for a transition.
pub(crate) fn transition(key: &str, transition: &Transition) -> Call {
    let Transition::Claim { lifetime_ms } = transition;
    Call { script: &CLAIM, keys: vec![[CLAIMS, key].concat()], arguments: vec![(*lifetime_ms).min(LONGEST_MS)] }
}

/// What came of it.
pub(crate) fn outcome(numbers: &[i64]) -> Result<Outcome, String> {
    match numbers {
        [1] => Ok(Outcome::Claimed),
        [0] => Ok(Outcome::Taken),
        other => Err(strange(other)),
    }
}

/// Asks for counts, by the server's clock.
pub(crate) fn count(asked: &[(String, Ask)]) -> Call {
    let numbers = asked.iter().flat_map(|(_, ask)| ask.numbers());
    Call {
        script: &LIMIT,
        keys: asked.iter().map(|(key, _)| [COUNTS, key].concat()).collect(),
        arguments: std::iter::once(0).chain(numbers).collect(),
    }
}

/// What is said of `keys` counts.
pub(crate) fn said(numbers: &[i64], keys: usize) -> Result<Vec<Said>, String> {
    let read = |numbers: &[i64]| {
        let numbers: Option<Vec<u64>> = numbers.iter().map(|number| u64::try_from(*number).ok()).collect();
        Said::from_numbers(&numbers?)
    };
    let said: Option<Vec<Said>> = numbers.chunks(SAID_NUMBERS).map(read).collect();
    said.filter(|said| said.len() == keys).ok_or_else(|| strange(numbers))
}
