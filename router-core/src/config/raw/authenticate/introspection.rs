//! `introspection:` an opaque token.

use serde::{Deserialize, Serialize};

use super::{Place, Proof};

/// An opaque token that its issuer explains (RFC 7662).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "introspection"))]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The URL to ask. It should begin with `https://`: the secret and the tokens go there.
    pub endpoint: String,
    /// Who this gateway is to the issuer.
    pub client_id: String,
    /// Its secret, as `${secret:NAME}`.
    pub client_secret: String,
    /// How it says so. Default `basic`.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// What `iss` must be, if the answer has one.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What `aud` must be or contain: one of these. Empty: anything.
    #[serde(default)]
    pub audience: Vec<String>,
    /// Where the token stands; the first place that holds one counts. Default: `Authorization` with `Bearer`.
    #[serde(default, rename = "in")]
    pub places: Vec<Place>,
    /// The largest token. Default `8KiB`, at most `64KiB`.
    #[serde(default)]
    pub max_size: Option<String>,
    /// How long a good answer is remembered, at most until the token ends: so long a token that was withdrawn may still be taken. Default `60s`, at most
    /// `1h`; `0s` asks every time.
    #[serde(default)]
    pub remember: Option<String>,
    /// How long a refusal is remembered. Default `10s`, at most `5m`.
    #[serde(default)]
    pub remember_refusals: Option<String>,
    /// How long the issuer may take. Default `2s`, at most `10s`.
    #[serde(default)]
    pub timeout: Option<String>,
    /// The claim that names the consumer. Default `sub`, else `client_id`.
    #[serde(default)]
    pub consumer: Option<String>,
    /// The claim with the scopes. Default `scope`.
    #[serde(default)]
    pub scopes: Option<String>,
    /// The claim with the roles.
    #[serde(default)]
    pub roles: Option<String>,
    /// The claim with the plan.
    #[serde(default)]
    pub plan: Option<String>,
    /// Whether the sender must prove that the token is theirs.
    #[serde(default)]
    pub proof: Proof,
}

/// How the gateway says who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// `Authorization: Basic` (RFC 6749 section 2.3.1).
    #[default]
    Basic,
    /// In the form.
    Post,
}
