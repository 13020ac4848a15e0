//! From a text to a consumer.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Rules, Times};
use crate::authenticate::jose::{InvalidJws, Jws, strict_json};
use crate::authenticate::{Consumer, Refusal, claims};

/// The longest `kid`, in bytes. Thumbprints have 43; it also becomes part of what is remembered of unknown keys.
const LONGEST_KID: usize = 256;

/// A token of which everything has been judged that can be without its issuer's keys. Nothing in it may be believed before its signature is verified.
#[derive(Clone, Debug)]
pub struct Unverified<'t> {
    jws: Jws<'t>,
    claims: Map<String, Value>,
}

/// A token that was found good.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Whose it is.
    pub consumer: Arc<Consumer>,
    /// When it holds.
    pub times: Times,
}

impl<'t> Unverified<'t> {
    /// Takes `token` apart and judges form, size, algorithm, `kid`, `typ` and `iss`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: it is no signed token with claims. [`Refusal::Invalid`]: the rules do not take such a token, whoever signed it; a token of
    /// another issuer for example, for which no key of this one is looked up.
    pub fn read(rules: &Rules, token: &'t str) -> Result<Self, Refusal> {
        let jws = Jws::parse(token, rules.max_size).map_err(|why| match why {
            InvalidJws::TooLong | InvalidJws::Form => Refusal::Malformed,
            InvalidJws::Algorithm | InvalidJws::Critical => Refusal::Invalid,
        })?;
        let text = |name: &str| match jws.header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refusal::Malformed),
        };
        if text("kid")?.is_some_and(|kid| kid.len() > LONGEST_KID) {
            return Err(Refusal::Malformed);
        }
        let token_type = text("typ")?;
        if !rules.algorithms.contains(&jws.algorithm) || !rules.token_type.takes(token_type) {
            return Err(Refusal::Invalid);
        }
        let claims = strict_json::object(&jws.payload).filter(claims::are_bounded).ok_or(Refusal::Malformed)?;
        // RFC 7519 section 4.1.1: a text, compared as it is. `https://a.test` and `https://a.test/` are two issuers.
        match claims.get("iss") {
            Some(Value::String(issuer)) if *issuer == rules.issuer => Ok(Self { jws, claims }),
            None | Some(Value::String(_)) => Err(Refusal::Invalid),
            Some(_) => Err(Refusal::Malformed),
        }
    }

    /// What is to be verified.
    #[must_use]
    pub fn jws(&self) -> &Jws<'t> {
        &self.jws
    }

    /// Judges the claims. Only for a token whose signature has been verified. `authenticator` is the name of the one that found it.
    ///
    /// # Errors
    /// Those of [`Times`], [`Refusal::Malformed`] for a claim of the wrong kind, [`Refusal::Invalid`] for a token that is for somebody else or names
    /// no consumer.
    pub fn judge(self, rules: &Rules, authenticator: &str, now_ms: u64) -> Result<Token, Refusal> {
        judge(rules, authenticator, self.claims, now_ms)
    }
}

fn judge(rules: &Rules, authenticator: &str, claims: Map<String, Value>, now_ms: u64) -> Result<Token, Refusal> {
    let audience = rules.audience_claim.find(&claims).ok_or(Refusal::Invalid)?;
    match claims::is_for(audience, &rules.audience) {
        Some(true) => {}
        Some(false) => return Err(Refusal::Invalid),
        None => return Err(Refusal::Malformed),
    }
    let times = Times::read(&claims)?;
    times.judge(rules, now_ms)?;
    let consumer = rules.claims.consumer(authenticator, claims).ok_or(Refusal::Invalid)?;
    let issuer = Some(rules.issuer.clone());
    let consumer = Consumer { issuer, expires_ms: times.expires_ms, ..consumer };
    Ok(Token { consumer: consumer.into(), times })
}
