//! From a path on the command line to a loaded configuration.

use std::io::{self, IsTerminal};
use std::path::Path;

use router_core::config::source::{self, Loaded, render};
use router_core::config::{Gateway, Purpose, raw};
use tidegate_native::Environment;

use crate::arguments::Platform;
use crate::report::Failure;
use crate::{file, terminal};

/// Reads and checks a file. What is wrong with its content is in what comes back.
pub(crate) fn load(path: &Path, purpose: Purpose, platforms: &[Platform]) -> Result<Loaded, Failure> {
    let text = file::read(path)?;
    let mut loaded = source::load(&file::name(path), &text, &Environment, purpose);
    for platform in platforms {
        loaded.checked.require(platform.name());
    }
    Ok(loaded)
}

/// A configuration that can be served.
pub(crate) struct Usable {
    pub(crate) gateway: Gateway,
    pub(crate) document: raw::Document,
    /// Rendered; empty if there are none.
    pub(crate) warnings: String,
}

/// Reads a file that must be good.
pub(crate) fn usable(path: &Path, platforms: &[Platform]) -> Result<Usable, Failure> {
    let loaded = load(path, Purpose::Run, platforms)?;
    let said = rendered(&loaded, &io::stderr());
    match (loaded.checked.gateway, loaded.checked.document) {
        (Some(gateway), Some(document)) => Ok(Usable { gateway, document, warnings: said }),
        _ => Err(Failure::Rendered(said)),
    }
}

/// Everything that was found, as it looks on `stream`.
pub(crate) fn rendered(loaded: &Loaded, stream: &impl IsTerminal) -> String {
    render(&loaded.source, &loaded.checked.diagnostics, terminal::diagnostics_on(stream))
}
