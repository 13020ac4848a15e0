//! Runs cases on platforms.

use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;

use crate::case::Case;
use crate::case::exchange::PlatformWord;
use crate::exceptions::{Exception, Exceptions};
use crate::judge::Mismatch;
use crate::platform::{Failed, Outcome, Platform, Waiting};

/// Cases that run at a time. Most of what they do is waiting for each other's sockets.
const AT_A_TIME: usize = 8;

/// The one limit of time: a case that takes this long hangs. Nothing that works comes near it on the slowest machine.
pub const WATCHDOG: Duration = Duration::from_secs(90);

/// What came of all cases on one platform.
#[derive(Debug)]
pub struct Tally {
    /// The platform.
    pub platform: PlatformWord,
    /// How many passed.
    pub passed: usize,
    /// How many failed as an exception says.
    pub excepted: usize,
    /// Those that failed, in the order of the cases.
    pub failed: Vec<(Rc<Case>, Failed)>,
    /// Exceptions whose case passed.
    pub unused: Vec<Exception>,
    /// What people should know about where the cases ran.
    pub sentence: Option<String>,
    /// Those that were not run, because what ran the others has no way to. They count as excepted.
    pub apart: Vec<(Rc<Case>, &'static str)>,
    /// Why the platform could not be started.
    pub broken: Option<String>,
}

impl Tally {
    /// How many things failed.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.failed.len() + self.unused.len() + usize::from(self.broken.is_some())
    }

    /// The closing line.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{}: {} passed, {} failed, {} excepted",
            self.platform.as_str(),
            self.passed,
            self.failures(),
            self.excepted
        )
    }
}

/// Runs `cases` on `platform`. Must be called within a `LocalSet`.
pub async fn run(platform: PlatformWord, cases: &[Rc<Case>], exceptions: &Exceptions, watchdog: Duration) -> Tally {
    let mut tally = Tally {
        platform,
        passed: 0,
        excepted: 0,
        failed: Vec::new(),
        unused: Vec::new(),
        sentence: None,
        apart: Vec::new(),
        broken: None,
    };
    let exception = |case: &Case| exceptions.find(platform, &case.id);
    let here = cases.iter().filter(|case| case.runs_on(platform));
    let (skipped, here): (Vec<_>, Vec<_>) =
        here.cloned().partition(|case| exception(case).is_some_and(|found| found.skip));
    tally.excepted += skipped.len();
    if here.is_empty() {
        return tally;
    }
    let running = match tokio::time::timeout(watchdog, Platform::start(platform, &here)).await {
        Ok(Ok(running)) => running,
        Ok(Err(why)) => {
            tally.broken = Some(why);
            return tally;
        }
        Err(_) => {
            tally.broken = Some(format!("it has not started within {} s", watchdog.as_secs()));
            return tally;
        }
    };
    tally.sentence = running.sentence();
    let (apart, here): (Vec<_>, Vec<_>) = here.into_iter().partition(|case| running.sets_apart(case).is_some());
    tally.apart = apart.into_iter().filter_map(|case| running.sets_apart(&case).map(|why| (case, why))).collect();
    tally.excepted += tally.apart.len();
    let outcomes = futures_util::stream::iter(&here).map(|case| watched(&running, case, watchdog)).buffered(AT_A_TIME);
    let outcomes: Vec<Outcome> = outcomes.collect().await;
    for (case, outcome) in here.iter().zip(outcomes) {
        match (outcome, exception(case)) {
            (Outcome::Passed, None) => tally.passed += 1,
            (Outcome::Passed, Some(exception)) => tally.unused.push(exception.clone()),
            (Outcome::Failed(_), Some(_)) => tally.excepted += 1,
            (Outcome::Failed(failed), None) => tally.failed.push((Rc::clone(case), failed)),
        }
    }
    running.stop().await;
    tally
}

async fn watched(running: &Platform, case: &Case, watchdog: Duration) -> Outcome {
    let waiting = Waiting::default();
    match tokio::time::timeout(watchdog, running.run(case, &waiting)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let (step, what) = waiting.now();
            let found = format!("it has waited for {what}, and hangs after {} s", watchdog.as_secs());
            Outcome::Failed(Failed { step, wrong: vec![Mismatch::new("the case", "it ends", found)], observed: None })
        }
    }
}
