//! `signature:` a signature over the request, and signatures for upstreams.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A signature over the request (RFC 9421).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "signature"))]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The keys by `keyid`.
    pub keys: BTreeMap<String, SignatureKey>,
    /// The components that must be covered, such as `@method`, `@target-uri`, `content-digest`, `@query-param;name="id"`. Default `@method`,
    /// `@target-uri` and `content-digest`. `content-digest` is needed where there is a body; it is checked wherever it is covered.
    #[serde(default)]
    pub components: Vec<String>,
    /// How old a signature may be. Default `300s`, at most `3600s`. Without `created` a signature is refused.
    #[serde(default)]
    pub window: Option<String>,
    /// Whether a `nonce` is needed, that has not been used before. Default no; one that is there is checked all the same.
    #[serde(default)]
    pub nonce: bool,
    /// What `tag` must be: signatures with another one are for somebody else.
    #[serde(default)]
    pub tag: Option<String>,
    /// The largest body that is held for its digest. Default `1MiB`.
    #[serde(default)]
    pub max_body: Option<String>,
}

/// A key that signs requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "signature key"))]
#[serde(deny_unknown_fields)]
pub struct SignatureKey {
    /// `ed25519`, `ecdsa-p256-sha256`, `ecdsa-p384-sha384`, `rsa-pss-sha512`, `rsa-v1_5-sha256` or `hmac-sha256`.
    pub algorithm: String,
    /// The key as JWK (RFC 7517).
    pub key: Value,
    /// Whose key it is. Default: the `keyid`.
    #[serde(default)]
    pub consumer: Option<String>,
    /// What its owner may do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What its owner is.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// How requests to an upstream are signed (RFC 9421).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "sign"))]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// `ed25519` or `hmac-sha256`.
    pub algorithm: String,
    /// The key as JWK text with its private part, as `${secret:NAME}`.
    pub key: String,
    /// The `keyid` that is told.
    pub keyid: String,
    /// The components that are covered, as the upstream will see them. Default `@method`, `@target-uri`. A field that a request does not have is left
    /// out. `content-digest` is covered where the client sent it: the gateway does not read bodies for this.
    #[serde(default)]
    pub components: Vec<String>,
    /// The `tag` that is told.
    #[serde(default)]
    pub tag: Option<String>,
    /// How long the signature is good (`expires`). Default `60s`, at most `3600s`.
    #[serde(default)]
    pub lifetime: Option<String>,
}
