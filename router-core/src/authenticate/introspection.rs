//! An opaque token that its issuer explains (RFC 7662).
//!
//! What an issuer has said of a token is remembered for a short time, under a hash of the token: that is also how long a token that was withdrawn may
//! still be taken. An issuer that fails is left alone for a while; without its answer nobody is let in.

mod answer;
mod memory;
mod outcome;
mod question;

use std::time::Duration;

pub use answer::{InvalidAnswer, Judged, LEEWAY, Token, judge};
pub use memory::Memory;
pub use outcome::Outcome;
pub use question::Client;

use super::claims::Mapping;
use super::dpop::ProofRules;
use super::{Endpoint, Place};

/// The largest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 64 * 1024;

/// The rules for the tokens of one issuer, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// Who the gateway is to the issuer.
    pub client: Client,
    /// What `iss` of an answer must be, if it has one.
    pub issuer: Option<String>,
    /// What `aud` must be or contain: one of these. Empty: anything.
    pub audience: Vec<String>,
    /// Where the token may stand. Never empty.
    pub places: Vec<Place>,
    /// The largest token, in bytes.
    pub max_size: usize,
    /// How long a good answer is remembered at most.
    pub remember: Duration,
    /// How long a refusal is remembered.
    pub remember_refusals: Duration,
    /// How long the issuer may take: more than zero, at most 10 s.
    pub timeout: Duration,
    /// Which claims say what.
    pub claims: Mapping,
    /// Which tokens need a proof that they are their sender's.
    pub proof: ProofRules,
}

impl Rules {
    /// Whether `token` can be one: of RFC 6749 appendix A.12 without spaces, and no longer than allowed. Others are not worth a question.
    #[must_use]
    pub fn takes(&self, token: &str) -> bool {
        !token.is_empty() && token.len() <= self.max_size && token.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

#[cfg(test)]
mod tests;
