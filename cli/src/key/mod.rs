//! `tidegate key`: API keys are made, listed and revoked in the embedded store, or made for another one.

mod arguments;
mod create;
mod list;
mod revoke;
mod rules;
mod store;
mod transfer;

pub(crate) use arguments::Key;

use arguments::Command;

use crate::report::{Failure, Report};

/// Runs the command.
pub(crate) fn key(asked: &Key) -> Result<Report, Failure> {
    match &asked.command {
        Command::Create(create) => create::create(create),
        Command::Export(export) => transfer::export(export),
        Command::Import(import) => transfer::import(import),
        Command::List(list) => list::list(list),
        Command::Revoke(revoke) => revoke::revoke(revoke),
    }
}
