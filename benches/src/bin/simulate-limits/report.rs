//! The table.

use std::fmt::Write;

use router_core::config::PlatformName;
use router_core::limit::Limit;
use router_core::limit::bound::Bound;
use router_core::limit::limits::LimitsPlace;

use crate::promise;
use crate::scenario::Scenario;
use crate::world::Outcome;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    cells: Vec<String>,
    accuracy: String,
    bound: String,
    pub(crate) broken: Vec<String>,
}

impl Row {
    pub(crate) fn new(scenario: &Scenario, limit: &Limit, outcome: &Outcome) -> Self {
        let broken = promise::broken(limit, scenario.is_full, outcome);
        let word =
            |name: &str| scenario.limit.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let accuracy = match word("on_error").as_str() {
            "deny" => word("accuracy"),
            on_error => format!("{}, on_error: {on_error}", word("accuracy")),
        };
        let sums = &outcome.sums;
        let percent = |part: u64| format!("{:.2} %", 100.0 * part as f64 / sums.allowed.max(1) as f64);
        let cells = vec![
            accuracy.clone(),
            word("algorithm"),
            scenario.load.to_owned(),
            outcome.requests.to_string(),
            sums.allowed.to_string(),
            sums.admitted.to_string(),
            sums.too_many.to_string(),
            percent(sums.admitted.saturating_sub(sums.allowed)),
            percent(sums.too_few),
            format!("{:.3}", outcome.questions as f64 / outcome.requests.max(1) as f64),
            promise::text(limit),
            match broken.as_slice() {
                [] if promise::text(limit) == promise::UNPROMISED => "–".to_owned(),
                [] => "yes".to_owned(),
                broken => format!("**no: {}**", broken.join(", ")),
            },
        ];
        let bound = Bound::of(limit, PlatformName::Workers, LimitsPlace::Process).to_string();
        Self { cells, accuracy, bound, broken }
    }
}

const HEAD: [&str; 12] = [
    "accuracy",
    "algorithm",
    "load",
    "requests",
    "allowed",
    "admitted",
    "worst",
    "too many",
    "too few",
    "questions",
    "promised",
    "kept",
];

/// All rows as Markdown, with what they mean.
pub(crate) fn markdown(rows: &[Row], scenarios: &[Scenario], seed: u64) -> String {
    let mut text = format!("{}\n", TOP.replace("SEED", &seed.to_string()));
    line(&mut text, HEAD.iter().copied());
    line(&mut text, HEAD.iter().map(|_| "---"));
    for row in rows {
        line(&mut text, row.cells.iter().map(String::as_str));
    }
    text += "\nThe loads:\n\n";
    let mut told: Vec<&str> = Vec::new();
    for scenario in scenarios.iter().filter(|scenario| !scenario.load.is_empty()) {
        if !told.contains(&scenario.load) {
            told.push(scenario.load);
            // Writing to a text cannot fail.
            let _ = writeln!(text, "- {}: {}", scenario.load, scenario.describe());
        }
    }
    text += "\nWhat `check` says of such limits on Workers (the first of each kind):\n\n";
    let mut told: Vec<&str> = Vec::new();
    for row in rows {
        if !told.contains(&row.accuracy.as_str()) {
            told.push(&row.accuracy);
            let _ = writeln!(text, "- {}: {}.", row.accuracy, row.bound);
        }
    }
    text
}

fn line<'t>(text: &mut String, cells: impl Iterator<Item = &'t str>) {
    for cell in cells {
        text.push_str("| ");
        text.push_str(cell);
        text.push(' ');
    }
    text.push_str("|\n");
}

const TOP: &str = "\
# How exact limits are

Made by `cargo xtask simulate limits SEED --write`. The same seed makes the same table.

This is a simulation: it runs the gateway's own code (what an instance remembers, what it asks, what the owner of a count decides) against a network,
clocks and instances that misbehave. Each way to the owner takes 5 to 300 ms; of the questions 1 % are lost, and of the answers as well, so that the owner
has decided and nobody learns of it; an instance lives for five minutes on average and then forgets everything, the tokens lent to it too; its clock is off
by up to 5 s and set back by up to 2 s every minute. A place of the key-value store shows for a minute what it has read once. Of the keys, the n-th comes
1 / n as often as the first.

A request counts as admitted when whoever decides on it does: the owner of the count, where it was asked, else the instance that uses a token it was lent or
counts by itself.

- **allowed**: what one place would have admitted that saw all the same requests at the same times.
- **admitted**: what was.
- **worst**: how many too many the worst interval of the worst key had, by the definition of the algorithm: of `gcra` any interval whatever, of
  `fixed_window` a window, of `sliding_log` any window's length, of `sliding_window` its estimate. Where instances count by themselves, windows are those of
  their clocks.
- **too many**: what was admitted in all beyond what was allowed.
- **too few**: what was allowed and not admitted, key by key.
- **questions**: to the owner, for each request.
- **promised**: how many too many, and how many too few. `each`: for each instance.
- **kept**: whether the promise was kept. For leases also whether less than 3 % were left unused where everybody wants more than there is.
";
