//! What a refusal says is true: whoever waits for the time that it names is admitted by the limits that refused, if nobody else comes meanwhile. Of others
//! that were not asked, as one refusal is enough, it says nothing.

use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, executor};

fn limit() -> impl Strategy<Value = Value> {
    let algorithm = prop::sample::select(vec!["gcra", "token_bucket", "fixed_window", "sliding_window", "sliding_log"]);
    let accuracy = prop::sample::select(vec!["exact", "leased", "local"]);
    let key = prop::sample::select(vec![json!([]), json!([{"header": "x-who"}])]);
    (algorithm, accuracy, key, 1_u64..40, 1_u64..100_000, 1_u64..4).prop_map(
        |(algorithm, accuracy, key, quota, window_ms, cost)| {
            json!({
                "algorithm": algorithm, "accuracy": accuracy, "key": key, "quota": quota.max(cost),
                "window": format!("{window_ms}ms"), "cost": cost,
            })
        },
    )
}

fn answer(memory: &Memory, current: &Rc<Current>, who: u8) -> Outgoing {
    let incoming = Incoming::get("/").with("x-who", who.to_string());
    let outgoing = executor::run(memory.answer(current, incoming)).unwrap();
    executor::run(memory.run_background()).unwrap();
    outgoing
}

/// The limits that refused.
fn violated(outgoing: &Outgoing) -> Vec<String> {
    if outgoing.status == 200 {
        return Vec::new();
    }
    assert_eq!(outgoing.status, 429);
    let problem: Value = serde_json::from_slice(&outgoing.body()).unwrap();
    problem["violated-policies"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn whoever_waits_for_the_time_that_a_refusal_names_is_admitted(
        limits in prop::collection::vec(limit(), 1..4),
        steps in prop::collection::vec((0_u8..3, 0_u64..3000), 1..60),
    ) {
        let memory = Memory::default();
        let names: Vec<String> = (0..limits.len()).map(|index| format!("l{index}")).collect();
        let declared: serde_json::Map<String, Value> = names.iter().cloned().zip(limits).collect();
        let document = json!({
            "limit": {"limits": declared, "default": names.clone()},
            "routes": [{"name": "a", "to": {"respond": {"body": "in"}}}],
            "reload": {"interval": "0s"},
        });
        let current = memory.start(document).unwrap();
        for (who, wait_ms) in steps {
            memory.clock().forward(Duration::from_millis(wait_ms));
            let outgoing = answer(&memory, &current, who);
            if outgoing.status == 200 {
                continue;
            }
            let named: u64 = outgoing.headers["retry-after"].to_str().unwrap().parse().unwrap();
            prop_assert!(named >= 1);
            let refused = violated(&outgoing);
            prop_assert!(!refused.is_empty());
            memory.clock().forward(Duration::from_secs(named));
            let again = answer(&memory, &current, who);
            let still: Vec<String> = violated(&again).into_iter().filter(|name| refused.contains(name)).collect();
            prop_assert!(still.is_empty(), "after {} s {:?} refuse again", named, still);
            prop_assert!(names.len() > 1 || again.status == 200);
        }
    }
}
