//! `assertion:` a signed statement of who asks.

use serde::{Deserialize, Serialize};

/// A signed statement of who asks: a JWT for the upstream, good for this request and a short time.
///
/// Its type is `tidegate-identity+jwt`. It says `sub` (the consumer), `aud` (the name of the upstream), `authenticator`, `scopes`, `roles`, `plan`,
/// `client_iss` (who vouches for the consumer), and in `req` for which request it is: `htm` the method, `htp` the path, and `hash`, SHA-256 in base64url of
/// the method, a space, and path and query as the upstream gets them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "assertion"))]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The Ed25519 key that signs, as JWK text with its private part: `${secret:NAME}`.
    pub key: String,
    /// Public Ed25519 keys (JWK) that are published beside it: of the gateway's last key, or its next. A new key is published an hour before it signs,
    /// since that long others may keep the key set. Each is named by its thumbprint (RFC 7638), whatever its `kid` says.
    #[serde(default)]
    pub published: Vec<serde_json::Value>,
    /// What `iss` says: the URL of this gateway.
    pub issuer: String,
    /// The field that carries it. Default `X-Gateway-Identity`.
    #[serde(default)]
    pub header: Option<String>,
    /// How long it is good. Default `60s`, at most `300s`.
    #[serde(default)]
    pub lifetime: Option<String>,
    /// The path at which the public keys are published. Default `/.well-known/tidegate/jwks.json`.
    #[serde(default)]
    pub keys_path: Option<String>,
}
