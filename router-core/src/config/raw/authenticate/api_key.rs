//! `api_key:` a key that this gateway issued.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Place;

/// A key that this gateway issued: `<prefix>_<random>_<checksum>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "api_key"))]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What every key starts with: 1 to 32 letters and digits, so that leaked keys can be found.
    pub prefix: String,
    /// A secret of at least 32 bytes, as `${secret:NAME}`: only hashes keyed with it are stored.
    pub pepper: String,
    /// Where the key stands; the first place that holds one counts. Default: the header `X-API-Key`.
    #[serde(default, rename = "in")]
    pub places: Vec<Place>,
    /// How long a look-up is remembered: a revoked key may work for so long, beside what the store itself needs. Default `60s`.
    #[serde(default)]
    pub remember: Option<String>,
    /// Keys that stand in this document rather than in the store.
    #[serde(default)]
    pub keys: Vec<ApiKeyRecord>,
}

/// What is known of a key. The key itself is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "key"))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRecord {
    /// The keyed hash, 64 hexadecimal digits, as `tidegate key create` prints it.
    pub hash: String,
    /// Whose key it is.
    pub consumer: String,
    /// When it was made, as RFC 3339 time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it ends, as RFC 3339 time. Left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// What its owner may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// What its owner is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The plan of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Anything else: an object, seen as `claims`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}
