//! How exact limits are: a simulation of the real code on a network that loses and delays, with clocks that are wrong and instances that die.
//!
//! `cargo xtask simulate limits [SEED] [--write]` prints a table, and fails where a limit does not keep what it promises.

mod account;
mod crowd;
mod instance;
mod judge;
mod owner;
mod promise;
mod random;
mod report;
mod scenario;
mod scenarios;
mod store;
mod world;

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use owner::Honesty;
use report::Row;
use scenario::Scenario;

/// Where `--write` puts the table.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/limits.md");

/// Runs at the same time.
const THREADS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_written = arguments.iter().any(|argument| argument == "--write");
    let seed = arguments.iter().find(|argument| *argument != "--write").map_or(Ok(1), |argument| argument.parse());
    let Ok(seed) = seed else {
        eprintln!("expected a seed, which is a number, and `--write`, found `{}`", arguments.join(" "));
        return ExitCode::FAILURE;
    };
    let scenarios = scenarios::all();
    let rows = match rows(&scenarios, seed, Honesty::Honest) {
        Ok(rows) => rows,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let table = report::markdown(&rows, &scenarios, seed);
    print!("{table}");
    if is_written && let Err(why) = std::fs::write(FILE, &table) {
        eprintln!("{FILE} could not be written: {why}");
        return ExitCode::FAILURE;
    }
    if rows.iter().all(|row| row.broken.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs all scenarios, each with chances of its own.
fn rows(scenarios: &[Scenario], seed: u64, honesty: Honesty) -> Result<Vec<Row>, String> {
    let (left, done) = (Mutex::new(scenarios.iter().enumerate()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = left.lock().ok().and_then(|mut left| left.next());
                    let Some((index, scenario)) = next else { return };
                    let row =
                        row(scenario, seed.wrapping_add((index as u64).wrapping_mul(0x5851_f42d_4c95_7f2d)), honesty);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, row));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| "a run ended in a panic")?;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, row)| row).collect()
}

fn row(scenario: &Scenario, seed: u64, honesty: Honesty) -> Result<Row, String> {
    let gateway = scenario.gateway()?;
    let limit = gateway.limits.limits.first().ok_or("there is no limit")?;
    let outcome = world::run(scenario, limit, gateway.limits.max_keys, seed, honesty)?;
    Ok(Row::new(scenario, limit, &outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small one of each accuracy.
    fn few() -> Vec<Scenario> {
        let all = scenarios::all().into_iter().filter(|scenario| scenario.is_full && scenario.instances == 100);
        all.step_by(4).map(|scenario| Scenario { seconds: 20, ..scenario }).collect()
    }

    fn table(seed: u64, honesty: Honesty) -> (String, Vec<Row>) {
        let scenarios = few();
        let rows = rows(&scenarios, seed, honesty).unwrap();
        (report::markdown(&rows, &scenarios, seed), rows)
    }

    #[test]
    fn the_same_seed_makes_the_same_table_and_another_seed_another_one() {
        let (one, _) = table(1, Honesty::Honest);
        assert_eq!(one, table(1, Honesty::Honest).0);
        assert_ne!(one, table(2, Honesty::Honest).0);
    }

    #[test]
    fn an_owner_that_lends_twice_is_found() {
        let (table, rows) = table(1, Honesty::LendsTwice);
        assert!(rows.iter().any(|row| row.broken.iter().any(|what| what.ends_with("too many"))), "{table}");
    }
}
