//! TODO

use http::HeaderName;

/// The field with the next nonce (RFC 9449 section 8).
pub const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Which tokens need a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofRules {
    /// Whether a token that is bound to nobody is refused.
    pub always: bool,
}
