//! `tidegate schema`.

use crate::report::Report;

/// The JSON Schema of the configuration, as it is committed at the root of the repository.
pub(crate) fn schema() -> Report {
    Report::good(format!("{:#}\n", router_core::config::schema()))
}
