//! `respond:` how answers are shaped, labelled and recorded.

use serde::{Deserialize, Serialize};

use super::HeaderEdits;

/// How answers are shaped, labelled and recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "respond"))]
#[serde(deny_unknown_fields, default)]
pub struct Respond {
    /// Header edits of every answer, problems included, before those of its route.
    pub headers: HeaderEdits,
    /// The access log.
    pub access_log: AccessLog,
}

/// The access log: one JSON object a line and request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessLog {
    /// A line for every request.
    #[default]
    All,
    /// A line for every request that ends with a status of 500 or more, or that a policy refused.
    Errors,
    /// No lines.
    Off,
}
