//! The known attacks on JSON Web Tokens: a table for each kind, a line for each attack, beside a token that is good, so that it is the attack which
//! is refused and nothing else.
//!
//! Where an attack is not about the signature, its token is signed with the issuer's own key: nothing but the rule under test stands in its way.

mod claims;
mod encoding;
mod header;
mod key_sets;
mod signature;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::authenticate::Refusal;
use crate::authenticate::dpop;
use crate::authenticate::jose::{self, Key, KeyList, SigningKey, base64};
use crate::authenticate::key_set::Source;

/// A minute after the tokens here are made.
const NOW_MS: u64 = 1_800_000_060_000;

/// The modulus of the issuer's RSA key, whose private part nobody has any more.
const RSA_MODULUS: &str = concat!(
    "1D8LUMdKBuvKoD1pgFbwRjSuvqdyWwxmprBReAWwOBKI7y1TnmtXVGdkY-_4zCDGtxRQ7snW0ZPulIcd5Dg44ngxoVt1a7JRhBZsrOqRU2KbZOA0zSzNKpTQEmrItp8QALqDyEWN",
    "-C89VXjU6Q19_fPpFtZQS_PCVSX3KOJKN8YxzMI1lLHRB70nNgx3ExrFpF-80WQ36ICe3ESpUh1tCmgGZVviBZ9_OKu5KrzEOLkAuR_GLU8x6r2ZxjRe6eTX76fK86Blj3BfhKo8",
    "qW5dDHI7B9z3mf0Ka7VXRDGAwc4h1im82CEuGW-w38yF3wd4AZks8Q4xNZXXihfDm9Zfzw",
);

/// What every good token here says.
fn good_claims() -> Value {
    json!({"iss": "https://issuer.test", "aud": "api", "sub": "ann", "iat": 1_800_000_000, "exp": 1_800_003_600})
}

/// The claims of a good token with these in place of its own; `null` takes one out.
fn claims_with(changes: Value) -> Value {
    let mut claims = good_claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn key(jwk: Value) -> Key {
    Key::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn signing(jwk: Value) -> SigningKey {
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn secret_of(bytes: &[u8], id: Option<&str>) -> SigningKey {
    let mut jwk = json!({"kty": "oct", "k": base64::encode_url(bytes)});
    if let Some(id) = id {
        jwk["kid"] = id.into();
    }
    signing(jwk)
}

/// The issuer's secret.
fn secret() -> SigningKey {
    secret_of(&[7; 32], Some("h1"))
}

/// The issuer's Ed25519 key (RFC 8037 appendix A.1).
fn edwards() -> SigningKey {
    signing(json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "e1", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
}

/// A key of whoever attacks, with the id of the issuer's.
fn attacker_jwk() -> Value {
    let secret = [9; 32];
    let public = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key();
    json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "e1", "d": base64::encode_url(&secret), "x": base64::encode_url(public.as_bytes()),
    })
}

fn curve() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[5; 32]).unwrap()
}

/// The issuer's P-256 key.
fn curve_jwk() -> Value {
    let point = curve().verifying_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&p256::FieldBytes>| base64::encode_url(bytes.unwrap());
    json!({"kty": "EC", "crv": "P-256", "kid": "c1", "x": coordinate(point.x()), "y": coordinate(point.y())})
}

fn rsa_jwk() -> Value {
    json!({"kty": "RSA", "kid": "r1", "n": RSA_MODULUS, "e": "AQAB"})
}

pub(super) fn rules(algorithms: &[Algorithm], keys: Vec<Key>) -> Rules {
    Rules {
        issuer: "https://issuer.test".into(),
        audience: vec!["api".into()],
        audience_claim: ClaimPath::member("aud"),
        algorithms: algorithms.to_vec(),
        keys: Source::Inline(KeyList::new(keys)),
        places: vec![Place::Bearer],
        token_type: TokenType::Usual,
        leeway: Duration::from_secs(30),
        expiry: Expiry::Required,
        max_lifetime: None,
        max_size: 8192,
        claims: Mapping { consumer: vec![ClaimPath::member("sub")], scopes: Vec::new(), roles: None, plan: None },
        proof: ProofRules {
            always: false,
            dpop: dpop::Rules { algorithms: vec![Algorithm::EdDsa], window: Duration::from_secs(60), nonce: None },
        },
    }
}

fn secret_rules() -> Rules {
    rules(&[Algorithm::Hs256], vec![secret().public().clone()])
}

fn edwards_rules() -> Rules {
    rules(&[Algorithm::EdDsa], vec![edwards().public().clone()])
}

/// A token of these very bytes.
fn compact(header: &str, payload: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", base64::encode_url(header.as_bytes()), base64::encode_url(payload));
    let signature = base64::encode_url(&sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A token that the issuer signed with its secret.
fn with_header(header: &Value) -> String {
    compact(&header.to_string(), good_claims().to_string().as_bytes(), |message| secret().sign(message))
}

/// A token that the issuer signed with its secret.
fn with_claims(claims: &str) -> String {
    compact(r#"{"alg":"HS256"}"#, claims.as_bytes(), |message| secret().sign(message))
}

fn good_token() -> String {
    with_claims(&good_claims().to_string())
}

/// What an authenticator does: read, find keys, verify, judge.
fn verdict(rules: &Rules, token: &str) -> Result<String, Refusal> {
    let unverified = Unverified::read(rules, token)?;
    let jws = unverified.jws();
    let Source::Inline(keys) = &rules.keys else { panic!("the keys here are inline") };
    let message = jws.signed.as_bytes();
    let signed =
        keys.candidates(jws.kid(), jws.algorithm).any(|key| jose::verify(jws.algorithm, key, message, &jws.signature));
    if !signed {
        return Err(Refusal::Invalid);
    }
    unverified.judge(rules, "main", NOW_MS).map(|token| token.consumer.id.clone())
}

fn assert_good(rules: &Rules, token: &str) {
    assert_eq!(verdict(rules, token), Ok("ann".into()), "{token}");
}

/// Each line: what the attack is, the token, and how it is refused.
fn assert_refused<'a>(rules: &Rules, attacks: impl IntoIterator<Item = (&'a str, String, Refusal)>) {
    for (attack, token, refusal) in attacks {
        assert_eq!(verdict(rules, &token), Err(refusal), "{attack}: {token}");
    }
}

#[test]
fn the_tokens_that_the_attacks_start_from_are_good() {
    assert_good(&secret_rules(), &good_token());
    let token = edwards().compact(&serde_json::Map::new(), good_claims().to_string().as_bytes());
    assert_good(&edwards_rules(), &token);
}
