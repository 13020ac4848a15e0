//! A JSON Web Token (RFC 7519), judged as RFC 8725 advises.
//!
//! [`Unverified::read`] looks at all that can be told without a key, so that nobody makes the gateway ask for keys with a token that it would not take
//! anyway. When its signature has been verified with one of the keys of the issuer, [`Unverified::judge`] says whose it is. Nothing in a token chooses
//! its key but `kid`, and that only among the keys of the configured issuer: `jwk`, `jku`, `x5c` and `x5u` are never looked at.

#[cfg(test)]
mod attacks;
mod memory;
mod times;
mod unverified;

use std::time::Duration;

pub use memory::{LONGEST_MEMORY, Memory};
pub use times::Times;
pub use unverified::{Token, Unverified};

use super::Place;
use super::claims::{ClaimPath, Mapping};
use super::dpop::ProofRules;
use super::jose::Algorithm;
use super::key_set;

/// The rules for the tokens of one issuer, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What `iss` must be, byte for byte.
    pub issuer: String,
    /// What the audience must be or contain: one of these. Never empty.
    pub audience: Vec<String>,
    /// The claim that holds the audience.
    pub audience_claim: ClaimPath,
    /// The algorithms that are taken. Never empty; either all symmetric or none.
    pub algorithms: Vec<Algorithm>,
    /// Where the keys come from.
    pub keys: key_set::Source,
    /// Where the token may stand. Never empty.
    pub places: Vec<Place>,
    /// What `typ` must be.
    pub token_type: TokenType,
    /// How far the issuer's clock may be from the gateway's: at most 60 s.
    pub leeway: Duration,
    /// Whether a token must say when it ends.
    pub expiry: Expiry,
    /// The longest time between `iat` and `exp`, both of which are needed then.
    pub max_lifetime: Option<Duration>,
    /// The largest token, in bytes.
    pub max_size: usize,
    /// Which claims say what.
    pub claims: Mapping,
    /// Which tokens need a proof that they are their sender's.
    pub proof: ProofRules,
}

/// Whether a token must say when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// One without `exp` is refused.
    Required,
    /// One without `exp` holds for ever.
    Optional,
}

/// What `typ` must be (RFC 8725 section 3.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// Anything or nothing, but for types that are there to say that the token is no access token.
    Usual,
    /// This media type, lower case, without `application/`.
    Is(String),
}

/// Types of tokens that issuers or clients sign for another purpose, some with `iss`, `aud` and `sub` like an access token. None of them gives access.
const OTHER_TYPES: [&str; 12] = [
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "client-authentication+jwt",
    "entity-statement+jwt",
    "kb+jwt",
    "vc+jwt",
    "vp+jwt",
    "statuslist+jwt",
    "jwk-set+jwt",
];

impl TokenType {
    /// The type that `typ` must name: a media type as RFC 7515 section 4.1.9 writes it. `None`: it is no media type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
        let name = media_type(text);
        let right = !name.is_empty() && text.len() <= 127 && name.bytes().all(fits) && name.split('/').count() <= 2;
        right.then_some(Self::Is(name))
    }

    /// Whether a token with this `typ` is taken.
    #[must_use]
    pub fn takes(&self, found: Option<&str>) -> bool {
        let found = found.map(media_type);
        match (self, &found) {
            (Self::Usual, None) => true,
            (Self::Usual, Some(found)) => !OTHER_TYPES.contains(&found.as_str()),
            (Self::Is(_), None) => false,
            (Self::Is(expected), Some(found)) => expected == found,
        }
    }
}

/// Case does not matter, and `application/` is left out where no other slash follows (RFC 7515 section 4.1.9).
fn media_type(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_media_types() {
        let access = TokenType::parse("at+jwt").unwrap();
        assert_eq!(TokenType::parse("application/AT+JWT"), Some(access.clone()));
        for taken in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(access.takes(Some(taken)), "{taken}");
        }
        for other in ["", "jwt", "at+jwt ", "text/at+jwt", "application/application/at+jwt", "at+jwt; a=b"] {
            assert!(!access.takes(Some(other)), "{other}");
        }
        assert!(!access.takes(None));
        for bad in ["", "application/", "a b", "a/b/c", "ä", &"x".repeat(128)] {
            assert_eq!(TokenType::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn without_a_rule_only_what_says_to_be_something_else_is_refused() {
        for taken in [None, Some("JWT"), Some("at+jwt"), Some("anything"), Some("")] {
            assert!(TokenType::Usual.takes(taken), "{taken:?}");
        }
        for other in ["logout+jwt", "DPoP+JWT", "application/secevent+jwt"] {
            assert!(!TokenType::Usual.takes(Some(other)), "{other}");
        }
    }
}
