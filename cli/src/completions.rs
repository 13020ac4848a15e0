//! `tidegate completions`.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions};
use crate::report::Report;

/// The completion script of a shell.
pub(crate) fn completions(asked: &Completions) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut <Arguments as CommandFactory>::command(), "tidegate", &mut script);
    Report::good(String::from_utf8_lossy(&script))
}
