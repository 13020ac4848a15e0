//! What the issuer answers (RFC 7662 section 2.2), and what it means here.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{MAX_ANSWER, Rules};
use crate::authenticate::claims::{are_bounded, date_ms, is_for};
use crate::authenticate::jose::strict_json;
use crate::authenticate::{Consumer, Refusal};
use crate::elapsed::after;

/// How far the issuer's clock may be from the gateway's. The issuer itself has found the token active, so that this only catches what it overlooks.
pub const LEEWAY: Duration = Duration::from_secs(30);

/// What an answer means.
pub type Judged = Result<Token, Refusal>;

/// A token that is active.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Whose it is; its end is that of the token.
    pub consumer: Arc<Consumer>,
}

/// An answer that is none: the issuer is broken, or somebody else answers in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAnswer(pub &'static str);

impl Token {
    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.consumer.expires_ms.is_some_and(|end| now_ms >= after(end, LEEWAY))
    }
}

/// Judges an answer for the authenticator of this name.
///
/// # Errors
/// [`InvalidAnswer`] where the issuer has not said whether the token is active. What it says of an active token and cannot be understood refuses the
/// token: nothing is guessed.
pub fn judge(rules: &Rules, authenticator: &str, answer: &[u8], now_ms: u64) -> Result<Judged, InvalidAnswer> {
    if answer.len() > MAX_ANSWER {
        return Err(InvalidAnswer("the answer is too long"));
    }
    let mut claims =
        strict_json::object(answer).ok_or(InvalidAnswer("the answer is no JSON object, or has duplicate members"))?;
    match claims.remove("active") {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => return Ok(Err(Refusal::Invalid)),
        _ => return Err(InvalidAnswer("the answer has no `active` that is true or false")),
    }
    let (Ok(expires_ms), Ok(starts_ms)) = (date_ms(&claims, "exp"), date_ms(&claims, "nbf")) else {
        return Ok(Err(Refusal::Invalid));
    };
    if starts_ms.is_some_and(|start| after(now_ms, LEEWAY) < start) {
        return Ok(Err(Refusal::NotYetValid));
    }
    let issuer = match (claims.get("iss"), &rules.issuer) {
        (None, expected) => expected.clone(),
        (Some(Value::String(issuer)), None) => Some(issuer.clone()),
        (Some(Value::String(issuer)), Some(expected)) if issuer == expected => Some(issuer.clone()),
        (Some(_), _) => return Ok(Err(Refusal::Invalid)),
    };
    let is_ours = || claims.get("aud").and_then(|audience| is_for(audience, &rules.audience)) == Some(true);
    if !are_bounded(&claims) || !rules.audience.is_empty() && !is_ours() {
        return Ok(Err(Refusal::Invalid));
    }
    let Some(consumer) = rules.claims.consumer(authenticator, claims) else { return Ok(Err(Refusal::Invalid)) };
    let token = Token { consumer: Consumer { issuer, expires_ms, ..consumer }.into() };
    Ok(if token.is_over(now_ms) { Err(Refusal::Expired) } else { Ok(token) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{NOW_MS, rules};
    use super::*;

    fn judged(rules: &Rules, answer: &Value) -> Result<Judged, InvalidAnswer> {
        judge(rules, "opaque", answer.to_string().as_bytes(), NOW_MS)
    }

    #[test]
    fn an_active_token_has_a_consumer() {
        let answer = json!({
            "active": true, "sub": "ann", "scope": "read write", "client_id": "app", "iss": "https://issuer.test",
            "aud": ["x", "api"], "exp": NOW_MS / 1000 + 600, "nbf": NOW_MS / 1000, "plan": "gold",
        });
        let consumer = judged(&rules(), &answer).unwrap().unwrap().consumer;
        assert_eq!((consumer.id.as_str(), consumer.authenticator.as_str()), ("ann", "opaque"));
        assert_eq!(consumer.scopes, ["read", "write"]);
        assert_eq!(consumer.issuer.as_deref(), Some("https://issuer.test"));
        assert_eq!(consumer.expires_ms, Some(NOW_MS + 600_000));
        assert!(!consumer.claims.contains_key("active") && consumer.claims.contains_key("plan"));
        let machine = json!({"active": true, "client_id": "app", "aud": "api"});
        assert_eq!(judged(&rules(), &machine).unwrap().unwrap().consumer.id, "app");
    }

    #[test]
    fn a_token_that_is_not_good_is_refused() {
        let now = NOW_MS / 1000;
        for (changed, refusal) in [
            (json!({"active": false}), Refusal::Invalid),
            (json!({"exp": now - 30}), Refusal::Expired),
            (json!({"exp": (now + 600).to_string()}), Refusal::Invalid),
            (json!({"nbf": now + 31}), Refusal::NotYetValid),
            (json!({"nbf": "soon"}), Refusal::Invalid),
            (json!({"iss": "https://evil.test"}), Refusal::Invalid),
            (json!({"iss": 7}), Refusal::Invalid),
            (json!({"aud": "other"}), Refusal::Invalid),
            (json!({"aud": null}), Refusal::Invalid),
            (json!({"sub": ""}), Refusal::Invalid),
            (json!({"sub": 7}), Refusal::Invalid),
            (json!({"extra": vec![0; 5000]}), Refusal::Invalid),
        ] {
            let mut answer = json!({"active": true, "sub": "ann", "aud": "api"});
            answer.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
            assert_eq!(judged(&rules(), &answer), Ok(Err(refusal)), "{changed}");
        }
        for near in [json!({"exp": now - 29}), json!({"nbf": now + 30})] {
            let mut answer = json!({"active": true, "sub": "ann", "aud": "api"});
            answer.as_object_mut().unwrap().extend(near.as_object().unwrap().clone());
            assert!(judged(&rules(), &answer).unwrap().is_ok(), "{near}");
        }
        assert_eq!(judged(&rules(), &json!({"active": true, "aud": "api"})), Ok(Err(Refusal::Invalid)));
        assert_eq!(judged(&rules(), &json!({"active": true, "sub": "ann"})), Ok(Err(Refusal::Invalid)));
    }

    #[test]
    fn without_an_audience_in_the_rules_any_is_taken() {
        let rules = Rules { audience: Vec::new(), issuer: None, ..rules() };
        for answer in [json!({"active": true, "sub": "a"}), json!({"active": true, "sub": "a", "aud": 7, "iss": "b"})] {
            assert!(judged(&rules, &answer).unwrap().is_ok(), "{answer}");
        }
    }

    #[test]
    fn what_does_not_say_whether_the_token_is_active_is_no_answer() {
        for answer in [
            "",
            "[]",
            "true",
            "<html>",
            "{}",
            r#"{"active":"true"}"#,
            r#"{"active":1}"#,
            r#"{"active":null}"#,
            r#"{"active":true,"active":true,"sub":"ann"}"#,
            r#"{"active":false,"active":true,"sub":"ann"}"#,
            r#"{"active":true,"sub":"ann"} {}"#,
        ] {
            assert!(judge(&rules(), "opaque", answer.as_bytes(), NOW_MS).is_err(), "{answer}");
        }
        let long = format!(r#"{{"active":true,"sub":"ann","aud":"api","x":"{}"}}"#, "x".repeat(MAX_ANSWER));
        assert!(judge(&rules(), "opaque", long.as_bytes(), NOW_MS).is_err());
    }
}
