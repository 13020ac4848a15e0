//! The runs that are made.

use serde_json::{Value, json};

use crate::scenario::{LIFE_S, Scenario, Shape};

/// Longer than any run.
const LASTING_S: u64 = 1_000_000;

const ALGORITHMS: [&str; 4] = ["gcra", "fixed_window", "sliding_window", "sliding_log"];

/// All of them.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for algorithm in ALGORITHMS {
        all.extend(usual("exact", algorithm));
        all.extend(hard("exact", algorithm));
    }
    for algorithm in ALGORITHMS {
        all.extend(usual("leased", algorithm));
        all.extend(hard("leased", algorithm));
    }
    for algorithm in ALGORITHMS {
        all.extend(usual("local", algorithm));
    }
    all.extend(told());
    all.push(unanswered());
    all
}

fn limit(accuracy: &str, algorithm: &str, quota: u64, window: &str) -> Value {
    json!({
        "algorithm": algorithm, "quota": quota, "window": window, "accuracy": accuracy, "key": [{"header": "x-key"}], "on_error": "deny",
    })
}

fn full(accuracy: &str, algorithm: &str) -> Scenario {
    Scenario {
        load: "full, 100",
        limit: limit(accuracy, algorithm, 600, "60s"),
        instances: 100,
        life_s: LIFE_S,
        keys: 5,
        key_skew: 1.0,
        rate: 300.0,
        shape: Shape::Even,
        seconds: 180,
        most_cost: 1,
        is_full: true,
    }
}

/// What every accuracy has to cope with.
fn usual(accuracy: &str, algorithm: &str) -> [Scenario; 3] {
    let full = full(accuracy, algorithm);
    [
        full.clone(),
        Scenario { load: "full, 2000", instances: 2000, ..full.clone() },
        Scenario { load: "light, 2000", instances: 2000, keys: 1000, rate: 60.0, is_full: false, ..full },
    ]
}

/// What is hard for leases, and for windows that are shorter than clocks differ.
fn hard(accuracy: &str, algorithm: &str) -> Vec<Scenario> {
    let full = full(accuracy, algorithm);
    let limit = |quota, window| limit(accuracy, algorithm, quota, window);
    let short = Scenario { load: "short window", limit: limit(100, "1s"), rate: 1000.0, seconds: 60, ..full.clone() };
    if accuracy != "leased" {
        return vec![short];
    }
    vec![
        Scenario { load: "high quota", limit: limit(4000, "60s"), rate: 1200.0, seconds: 120, ..full.clone() },
        Scenario { load: "low quota", limit: limit(5, "10s"), rate: 100.0, ..full.clone() },
        Scenario { load: "just full", rate: 60.0, seconds: 600, is_full: false, ..full.clone() },
        Scenario { load: "surges", shape: Shape::Surges, is_full: false, ..full.clone() },
        Scenario { load: "costs", most_cost: 5, ..full.clone() },
        Scenario {
            load: "few",
            instances: 10,
            limit: limit(4000, "60s"),
            keys: 2,
            rate: 90.0,
            is_full: false,
            ..full.clone()
        },
        short,
    ]
}

/// Instances that tell each other through the key-value store.
fn told() -> [Scenario; 4] {
    let limit = |quota, window| limit("local_kv", "fixed_window", quota, window);
    let full = full("local_kv", "fixed_window");
    let hour =
        Scenario { load: "an hour, 100", limit: limit(12_000, "1h"), keys: 2, rate: 15.0, seconds: 7200, ..full };
    [
        Scenario { load: "an hour, 4 lasting", instances: 4, life_s: LASTING_S, ..hour.clone() },
        Scenario { load: "an hour, 20 lasting", instances: 20, life_s: LASTING_S, ..hour.clone() },
        hour.clone(),
        Scenario { load: "ten minutes, 100", limit: limit(3000, "10m"), rate: 20.0, seconds: 1800, ..hour },
    ]
}

/// The default of `on_error`: who cannot ask counts by itself.
fn unanswered() -> Scenario {
    let mut unanswered = full("exact", "gcra");
    if let Some(on_error) = unanswered.limit.get_mut("on_error") {
        *on_error = json!("local");
    }
    unanswered
}
