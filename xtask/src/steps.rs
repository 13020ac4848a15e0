//! Steps of a long run: each is named, timed and counted, and a failure stops none of the others.

use std::{process::ExitCode, time::Duration};

use crate::{machine, process::Outcome};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// What a step came to.
struct Row {
    name: String,
    time: Duration,
    tally: Tally,
    problem: Option<String>,
}

/// The set-up is taken whatever was asked for: the other steps stand on it.
pub(crate) const SET_UP: &str = "set-up";

/// The steps taken so far.
pub(crate) struct Steps {
    /// Only steps whose name holds this word are taken.
    only: String,
    rows: Vec<Row>,
    /// Lines that belong under the table: what each platform came to.
    notes: Vec<String>,
}

impl Steps {
    /// Takes the steps whose name holds `only`; every name holds the empty word.
    pub(crate) fn new(only: &str) -> Self {
        Self { only: only.to_owned(), rows: Vec::new(), notes: Vec::new() }
    }

    /// Takes a step that either succeeds or fails; it counts as one test.
    pub(crate) fn check(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        self.take(name, || step().map(|()| Tally { passed: 1, failed: 0 }));
    }

    /// Takes a step that other steps stand on: without what it makes they cannot be.
    pub(crate) fn make<T>(&mut self, name: &str, step: impl FnOnce() -> Outcome<T>) -> Option<T> {
        let mut made = None;
        self.check(name, || step().map(|product| made = Some(product)));
        made
    }

    /// Takes a step that runs tests and counts them.
    pub(crate) fn take(&mut self, name: &str, step: impl FnOnce() -> Outcome<Tally>) {
        if !name.contains(&self.only) && name != SET_UP {
            return;
        }
        println!("\n── {name}");
        let start = machine::now();
        let outcome = step();
        let time = start.elapsed();
        let (tally, problem) = match outcome {
            Ok(tally) if tally.failed == 0 => (tally, None),
            Ok(tally) => (tally, Some(format!("{} failed", tally.failed))),
            Err(why) => (Tally { passed: 0, failed: 1 }, Some(why)),
        };
        match &problem {
            None => println!("── {name}: ok, {}", seconds(time)),
            Some(why) => println!("── {name}: FAILED, {}\n{why}", seconds(time)),
        }
        self.rows.push(Row { name: name.to_owned(), time, tally, problem });
    }

    /// Keeps a line for the end.
    pub(crate) fn note(&mut self, line: String) {
        self.notes.push(line);
    }

    /// Prints the table, the failures, and the count of everything as the last line.
    pub(crate) fn finish(self) -> ExitCode {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
        println!();
        for row in &self.rows {
            let verdict = if row.problem.is_none() { "ok" } else { "FAILED" };
            println!("{:width$}  {verdict:6}  {:>9}", row.name, seconds(row.time));
        }
        let failures: Vec<&Row> = self.rows.iter().filter(|row| row.problem.is_some()).collect();
        if !failures.is_empty() {
            println!();
        }
        for row in &failures {
            let why = row.problem.as_deref().unwrap_or_default();
            println!("failed: {}: {}", row.name, why.lines().next().unwrap_or_default());
        }
        println!();
        for note in &self.notes {
            println!("{note}");
        }
        let passed: u64 = self.rows.iter().map(|row| row.tally.passed).sum();
        let failed: u64 = self.rows.iter().map(|row| row.tally.failed).sum();
        println!("{passed} passed, {failed} failed");
        if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
