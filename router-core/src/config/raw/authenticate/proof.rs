//! `proof:` that a token is its sender's.

use serde::{Deserialize, Serialize};

/// Whether the sender must prove that a token is theirs. A token that says to whom it is bound is never taken without that proof.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "proof"))]
#[serde(deny_unknown_fields, default)]
pub struct Proof {
    /// Whether tokens that are bound to nobody are taken. Default `when_bound`: they are.
    pub rule: ProofRule,
    /// How proofs by DPoP (RFC 9449) are judged.
    pub dpop: Dpop,
}

/// Which tokens need a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProofRule {
    /// Those that are bound to a key or a certificate (`cnf`).
    #[default]
    WhenBound,
    /// All: a token that is bound to nobody is refused.
    Always,
}

/// How proofs by DPoP are judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "dpop"))]
#[serde(deny_unknown_fields, default)]
pub struct Dpop {
    /// The signature algorithms of proofs. Default `ES256`, `EdDSA`.
    pub algorithms: Vec<String>,
    /// How old a proof may be, and how far ahead of the gateway's clock. Default `60s`, at most `300s`.
    pub window: Option<String>,
    /// Whether a proof must hold a nonce that this gateway gave out.
    pub nonce: Option<DpopNonce>,
}

/// Nonces for proofs (RFC 9449 section 8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "nonce"))]
#[serde(deny_unknown_fields)]
pub struct DpopNonce {
    /// A secret of at least 32 bytes that all instances share, as `${secret:NAME}`: nonces are made of it and the time.
    pub secret: String,
    /// How long one is taken. Default `300s`.
    #[serde(default)]
    pub lifetime: Option<String>,
}
