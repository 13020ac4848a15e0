//! The `tidegate` program.
//!
//! Each command is a function from its arguments to a [`Report`]: what it has to say and how the program ends. Only this file and `serve`
//! touch the process.
#![forbid(unsafe_code)]

mod admin;
mod arguments;
mod check;
mod completions;
mod describe;
mod explain;
mod export;
mod file;
mod key;
mod limits;
mod load;
mod purge;
mod report;
mod schema;
mod serve;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use report::Report;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.color.choose();
    let report = match arguments.command() {
        Command::Check(check) => check::check(&check),
        Command::Completions(shell) => Ok(completions::completions(&shell)),
        Command::Explain(explain) => explain::explain(&explain),
        Command::Export(export) => export::export(&export),
        Command::Key(asked) => key::key(&asked),
        Command::Limits(asked) => limits::limits(&asked),
        Command::Purge(asked) => purge::purge(&asked),
        Command::Schema => Ok(schema::schema()),
        Command::Serve(serve) => serve::serve(&serve),
    };
    report.unwrap_or_else(Report::from).write()
}
