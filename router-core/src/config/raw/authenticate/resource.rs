//! `resource:` what clients can learn about getting access.

use serde::{Deserialize, Serialize};

/// What clients can learn about getting access: protected resource metadata (RFC 9728), published under
/// `/.well-known/oauth-protected-resource`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "resource"))]
#[serde(deny_unknown_fields)]
pub struct ProtectedResource {
    /// The resource identifier: the https URL that clients use, without fragment.
    pub identifier: String,
    /// The issuers that can give access. Default: those of the `jwt` authenticators.
    #[serde(default)]
    pub authorization_servers: Vec<String>,
    /// The name that people are shown.
    #[serde(default)]
    pub name: Option<String>,
    /// Where people can read on.
    #[serde(default)]
    pub documentation: Option<String>,
}
