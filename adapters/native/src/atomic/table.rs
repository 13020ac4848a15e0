//! The table of counts that holds on every platform (`tests/platform-traits`).

use router_core::limit::Verdict;
use router_core::limit::owner::{Ask, Said};
use serde_json::Value;

/// A step of it.
pub(super) struct Step {
    pub(super) key: String,
    pub(super) ask: Ask,
    expected: Value,
}

pub(super) fn steps() -> Vec<Step> {
    let table = include_str!("../../../../tests/platform-traits/counts.json");
    let steps: Vec<Value> = serde_json::from_str(table).unwrap();
    let step = |expected: Value| {
        let numbers: Vec<u64> =
            expected["ask"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect();
        Step { key: expected["key"].as_str().unwrap().into(), ask: Ask::from_numbers(&numbers).unwrap(), expected }
    };
    steps.into_iter().map(step).collect()
}

impl Step {
    /// Fails unless this was said.
    pub(super) fn check(&self, said: &Said) {
        let verdict = match said.verdict {
            Verdict::Admitted { .. } => "admitted",
            Verdict::Over { .. } => "over",
            Verdict::Refused { retry_ms: Some(_) } => "refused",
            Verdict::Refused { retry_ms: None } => "never",
        };
        let Step { expected, .. } = self;
        assert_eq!(verdict, expected["verdict"], "{expected} but {said:?}");
        assert_eq!(said.standing.remaining, expected["remaining"], "{expected} but {said:?}");
        if let Some(granted) = expected.get("granted") {
            assert_eq!(said.granted, *granted, "{expected} but {said:?}");
        }
    }
}
