//! `jwt:` a JSON Web Token.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Place, Proof};

/// A JSON Web Token (RFC 7519) of one issuer.
///
/// A token that was found good is remembered, so that its signature is not verified again for up to five minutes; when it ends and what it is bound to
/// is judged every time. A key that the issuer withdraws thus goes on for up to five minutes in an instance that has seen tokens of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "jwt"))]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// What `iss` must be, character for character.
    pub issuer: String,
    /// What `aud` must be or contain: one of these.
    pub audience: Vec<String>,
    /// The claim that holds the audience: a text, or a list of texts. Default `aud`; access tokens of Cognito have it in `client_id`.
    #[serde(default)]
    pub audience_claim: Option<String>,
    /// The algorithms that are accepted: `HS256`, `HS384`, `HS512`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`,
    /// `ES512`, `EdDSA`. Never taken from the token. Those with a secret (`HS…`) stand alone, and their keys are `secret` or `inline`.
    pub algorithms: Vec<String>,
    /// The issuer's keys.
    #[serde(default)]
    pub keys: Keys,
    /// Where the token stands; the first place that holds one counts. Default: `Authorization` with `Bearer`.
    #[serde(default, rename = "in")]
    pub places: Vec<Place>,
    /// What `typ` must be, such as `at+jwt` (RFC 9068); a media type, with or without `application/`. Left out: anything but the types of tokens that are
    /// for another purpose, such as `logout+jwt` and `dpop+jwt`.
    #[serde(default, rename = "type")]
    pub token_type: Option<String>,
    /// How far the issuer's clock may be from the gateway's: `0s` to `60s`. Default `30s`.
    #[serde(default)]
    pub leeway: Option<String>,
    /// Whether a token without `exp` is accepted. Default no.
    #[serde(default)]
    pub without_expiry: bool,
    /// The longest time between `iat` and `exp`, both of which a token must have then. Left out: any.
    #[serde(default)]
    pub max_lifetime: Option<String>,
    /// The largest token: `128B` to `64KiB`. Default `8KiB`.
    #[serde(default)]
    pub max_size: Option<String>,
    /// The claim that names the consumer: a text of at most 256 bytes. Default `sub`.
    #[serde(default)]
    pub consumer: Option<String>,
    /// The claim with the scopes: a list, or a text with spaces between. Default `scope`, else `scp`.
    #[serde(default)]
    pub scopes: Option<String>,
    /// The claim with the roles, such as `realm_access.roles`: a list, or a text that is one role.
    #[serde(default)]
    pub roles: Option<String>,
    /// The claim with the plan.
    #[serde(default)]
    pub plan: Option<String>,
    /// Whether the sender must prove that the token is theirs.
    #[serde(default)]
    pub proof: Proof,
}

/// The keys of an issuer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// The key set that the issuer's metadata names: `issuer` + `/.well-known/openid-configuration`.
    #[default]
    Discovery,
    /// The key set that the metadata at this URL names.
    DiscoveryAt(String),
    /// The key set (RFC 7517) at this URL.
    Jwks(String),
    /// These keys, each a JWK (RFC 7517).
    Inline(Vec<Value>),
    /// A text that both sides know, for `HS256`, `HS384` and `HS512`: at least as many bytes as the hash has.
    Secret(String),
}
