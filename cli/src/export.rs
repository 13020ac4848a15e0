//! `tidegate export`: the checked document as JSON, for a key-value store or a variable.

use std::io;

use router_core::config::Purpose;

use crate::arguments::Export;
use crate::load::{self, rendered};
use crate::report::{Failure, Report};

/// The document as it was written, references included, if nothing is wrong with it.
pub(crate) fn export(asked: &Export) -> Result<Report, Failure> {
    let loaded = load::load(&asked.file, Purpose::Check, &asked.platform)?;
    let said = rendered(&loaded, &io::stderr());
    if loaded.checked.diagnostics.has_errors() {
        return Err(Failure::Rendered(said));
    }
    let document = loaded.source.into_value();
    let out = if asked.pretty { format!("{document:#}\n") } else { format!("{document}\n") };
    Ok(Report { out, err: said, ..Report::default() })
}
