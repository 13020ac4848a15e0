//! `tidegate-tests`: runs the cases.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use tidegate_tests::case::exchange::PlatformWord;
use tidegate_tests::case::{Case, load};
use tidegate_tests::exceptions::Exceptions;
use tidegate_tests::{report, run};
use tokio::task::LocalSet;

/// Runs the cases of tests/cases on the platforms.
#[derive(Debug, Parser)]
#[command(name = "tidegate-tests")]
struct Arguments {
    /// Where to run them. May be given several times.
    #[arg(long, value_name = "PLATFORM", default_value = "all")]
    platform: Vec<Where>,
    /// Only cases with this text in `stage/name`.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Name every case that passes, too.
    #[arg(long)]
    verbose: bool,
    /// Print the names of the cases and run none.
    #[arg(long)]
    list: bool,
    /// How long a case may take before it counts as hanging, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = run::WATCHDOG.as_secs())]
    watchdog: u64,
    /// The folder of the cases.
    #[arg(long, value_name = "FOLDER", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/cases"))]
    cases: PathBuf,
    /// The exceptions.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/exceptions.toml"))]
    exceptions: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Where {
    Memory,
    Native,
    Workers,
    Spin,
    All,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match read(&arguments.cases, &arguments.exceptions) {
        Ok((cases, exceptions)) => start(&arguments, cases, &exceptions),
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn read(cases: &Path, exceptions: &Path) -> Result<(Vec<Rc<Case>>, Exceptions), String> {
    let cases = load(cases).map_err(|wrong| wrong.to_string())?;
    let exceptions = Exceptions::load(exceptions, &cases).map_err(|wrong| wrong.join("\n"))?;
    Ok((cases.into_iter().map(Rc::new).collect(), exceptions))
}

fn start(arguments: &Arguments, mut cases: Vec<Rc<Case>>, exceptions: &Exceptions) -> ExitCode {
    if let Some(filter) = &arguments.filter {
        cases.retain(|case| case.id.contains(filter.as_str()));
    }
    if cases.is_empty() {
        eprintln!("no case has this text in its name; `--list` shows them");
        return ExitCode::FAILURE;
    }
    if arguments.list {
        for case in &cases {
            println!("{}", case.id);
        }
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("no runtime can be had: {why}");
            return ExitCode::FAILURE;
        }
    };
    LocalSet::new().block_on(&runtime, all(arguments, &cases, exceptions))
}

async fn all(arguments: &Arguments, cases: &[Rc<Case>], exceptions: &Exceptions) -> ExitCode {
    let mut lines = Vec::new();
    let (mut passed, mut failed) = (0, 0);
    for platform in PlatformWord::ALL.into_iter().filter(|platform| wanted(&arguments.platform, *platform)) {
        let tally = run::run(platform, cases, exceptions, Duration::from_secs(arguments.watchdog)).await;
        if arguments.verbose {
            let apart = |case: &Case| tally.apart.iter().any(|(apart, _)| apart.id == case.id);
            let fails = |case: &Case| tally.failed.iter().any(|(failed, _)| failed.id == case.id);
            for case in cases.iter().filter(|case| case.runs_on(platform) && tally.broken.is_none()) {
                let word = match (fails(case), exceptions.find(platform, &case.id)) {
                    (true, _) => "failed",
                    (false, None) if !apart(case) => "passed",
                    (false, _) => "excepted",
                };
                println!("{word} {} on {}", case.id, platform.as_str());
            }
        }
        print!("{}", report::details(&tally));
        passed += tally.passed;
        failed += tally.failures();
        lines.push(tally.line());
    }
    for line in lines {
        println!("{line}");
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wanted(given: &[Where], platform: PlatformWord) -> bool {
    given.iter().any(|one| match one {
        Where::All => true,
        Where::Memory => platform == PlatformWord::Memory,
        Where::Native => platform == PlatformWord::Native,
        Where::Workers => platform == PlatformWord::Workers,
        Where::Spin => platform == PlatformWord::Spin,
    })
}
