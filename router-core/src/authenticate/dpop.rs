//! Proof that a token is its sender's: DPoP (RFC 9449), and tokens bound to certificates (RFC 8705).
//!
//! A token that names its owner's key or certificate (`cnf`, RFC 7800) is good for nothing without it. [`Binding::of`] reads what a token asks for,
//! [`Proof::read`] judges everything about a proof but its signature and whether it was used before: those need the host.
//!
//! Order matters to whoever runs the gateway: the claim in the replay store comes last, behind the token's own check and the proof's signature, so that
//! nobody without a good token can fill the store.

mod binding;
mod nonce;
mod proof;
#[cfg(test)]
mod tests;
mod uri;

use std::time::Duration;

use http::HeaderName;

pub use binding::Binding;
pub use nonce::NonceRules;
pub use proof::{Expected, Proof};

use super::jose::Algorithm;

/// The field with the proof (RFC 9449 section 4.1).
pub const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The field with the next nonce (RFC 9449 section 8).
pub const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Which tokens need a proof, and how proofs are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofRules {
    /// Whether a token that is bound to nobody is refused.
    pub always: bool,
    /// How proofs by DPoP are judged.
    pub dpop: Rules,
}

/// How proofs by DPoP are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The algorithms a proof may be signed with. Never empty, asymmetric only.
    pub algorithms: Vec<Algorithm>,
    /// How far `iat` may be from the gateway's clock, to both sides. More than zero, at most 300 s.
    pub window: Duration,
    /// How nonces are made, where a proof must hold one.
    pub nonce: Option<NonceRules>,
}
