use std::sync::LazyLock;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::atomic::Transition;
use crate::authenticate::Refusal;
use crate::authenticate::jose::{Digest, SigningKey, base64, verify};
use crate::head::Scheme;

/// RFC 9449 section 7.1: a proof for a protected resource, and the token beside it.
const RFC_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const RFC_PROOF: &str = "\
    eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscE\
    JoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19\
    .eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z\
    WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2o\
    W9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
/// RFC 9449 section 4.1, figure 1: a proof for a token endpoint, which has no `ath`.
const RFC_TOKEN_REQUEST_PROOF: &str = "\
    eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscE\
    JoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19\
    .eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
    WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
/// RFC 9449 section 6.1: `jkt` of that key.
const RFC_THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

const NOW: u64 = 1_767_225_600_000;
const TOKEN: &str = "token";

/// The key of RFC 8037 appendix A.1.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
});

fn rules() -> Rules {
    let algorithms = vec![Algorithm::Es256, Algorithm::EdDsa];
    Rules { algorithms, window: Duration::from_secs(60), nonce: None }
}

fn header() -> Value {
    json!({
        "typ": "dpop+jwt", "alg": "EdDSA",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    })
}

fn claims() -> Value {
    json!({
        "jti": "1", "htm": "GET", "htu": "https://a.test/x", "iat": NOW / 1000,
        "ath": base64::encode_url(&Digest::Sha256.of(TOKEN.as_bytes())),
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().map(|members: &mut Map<String, Value>| members.remove(name));
    object
}

fn proof(header: &Value, claims: &Value) -> String {
    let signed = format!(
        "{}.{}",
        base64::encode_url(header.to_string().as_bytes()),
        base64::encode_url(claims.to_string().as_bytes())
    );
    let signature = KEY.sign(signed.as_bytes());
    format!("{signed}.{}", base64::encode_url(&signature))
}

fn headers(proofs: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for proof in proofs {
        headers.append(DPOP, HeaderValue::from_str(proof).unwrap());
    }
    headers
}

/// What is said of `proof` with its signature: the key of its claim if it is good.
fn said_of(
    rules: &Rules,
    proofs: &[&str],
    change: impl FnOnce(&mut Expected<'_>),
) -> Result<(String, Transition), Refusal> {
    let thumbprint = KEY.public().thumbprint();
    let mut expected = Expected {
        method: &Method::GET,
        scheme: Scheme::Https,
        authority: Some("a.test"),
        path: "/x",
        token: TOKEN,
        thumbprint: &thumbprint,
        now_ms: NOW,
    };
    change(&mut expected);
    let headers = headers(proofs);
    let proof = Proof::read(rules, &headers, &expected)?;
    if !verify(proof.algorithm, &proof.key, proof.signed.as_bytes(), &proof.signature) {
        return Err(Refusal::ProofInvalid);
    }
    let (key, claim) = proof.claim();
    Ok((key.to_owned(), claim))
}

fn says(header: &Value, claims: &Value) -> Result<(), Refusal> {
    said_of(&rules(), &[&proof(header, claims)], |_| {}).map(drop)
}

fn rfc_thumbprint() -> [u8; 32] {
    base64::decode_url(RFC_THUMBPRINT).unwrap().try_into().unwrap()
}

#[test]
fn the_example_of_the_rfc_is_good_for_its_request_and_no_other() {
    let thumbprint = rfc_thumbprint();
    let said = |proof: &str, path: &'static str, token: &'static str, now_ms: u64| {
        let headers = headers(&[proof]);
        let expected = Expected {
            method: &Method::GET,
            scheme: Scheme::Https,
            authority: Some("resource.example.org"),
            path,
            token,
            thumbprint: &thumbprint,
            now_ms,
        };
        let proof = Proof::read(&rules(), &headers, &expected)?;
        Ok(verify(proof.algorithm, &proof.key, proof.signed.as_bytes(), &proof.signature))
    };
    let at = 1_562_262_618_000;
    assert_eq!(said(RFC_PROOF, "/protectedresource", RFC_TOKEN, at), Ok(true));
    assert_eq!(said(RFC_PROOF, "/protectedresource/", RFC_TOKEN, at), Err(Refusal::ProofInvalid));
    assert_eq!(said(RFC_PROOF, "/protectedresource", "another", at), Err(Refusal::ProofInvalid));
    assert_eq!(said(RFC_PROOF, "/protectedresource", RFC_TOKEN, at + 60_001), Err(Refusal::ProofInvalid));
    assert_eq!(said(RFC_TOKEN_REQUEST_PROOF, "/token", RFC_TOKEN, at), Err(Refusal::ProofInvalid));
}

#[test]
fn a_proof_without_its_token_is_good_for_nothing() {
    assert_eq!(says(&header(), &claims()), Ok(()));
    let headers = headers(&[RFC_TOKEN_REQUEST_PROOF]);
    let thumbprint = rfc_thumbprint();
    let expected = Expected {
        method: &Method::POST,
        scheme: Scheme::Https,
        authority: Some("server.example.com"),
        path: "/token",
        token: "",
        thumbprint: &thumbprint,
        now_ms: 1_562_262_616_000,
    };
    assert_eq!(Proof::read(&rules(), &headers, &expected).map(drop), Err(Refusal::ProofInvalid));
}

#[test]
fn exactly_one_proof_is_expected() {
    let good = proof(&header(), &claims());
    assert_eq!(said_of(&rules(), &[], |_| {}), Err(Refusal::ProofMissing));
    assert_eq!(said_of(&rules(), &[&good, &good], |_| {}), Err(Refusal::ProofInvalid));
    assert_eq!(said_of(&rules(), &[&format!("{good}, {good}")], |_| {}), Err(Refusal::ProofInvalid));
    assert_eq!(said_of(&rules(), &[&"a".repeat(8193)], |_| {}), Err(Refusal::ProofInvalid));
    for text in ["", "a", "a.b.c", "..", &good[..good.len() - 1]] {
        assert_eq!(said_of(&rules(), &[text], |_| {}), Err(Refusal::ProofInvalid), "{text}");
    }
}

#[test]
fn the_header_says_what_it_is_with_a_public_key_of_the_algorithm() {
    let jwk = header()["jwk"].clone();
    for bad in [
        without(header(), "typ"),
        with(header(), "typ", json!("JWT")),
        with(header(), "typ", json!("DPOP+JWT")),
        with(header(), "alg", json!("none")),
        with(header(), "alg", json!("HS256")),
        with(header(), "alg", json!("ES256")),
        with(header(), "alg", json!("PS256")),
        with(header(), "crit", json!(["exp"])),
        without(header(), "jwk"),
        with(header(), "jwk", json!("x")),
        with(header(), "jwk", with(jwk.clone(), "d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))),
        with(header(), "jwk", with(jwk.clone(), "k", json!("AQEB"))),
        with(header(), "jwk", json!({"kty": "oct", "k": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"})),
        with(header(), "jwk", with(jwk, "x", json!("11qYAYKx"))),
    ] {
        assert_eq!(says(&bad, &claims()), Err(Refusal::ProofInvalid), "{bad}");
    }
}

#[test]
fn an_algorithm_that_is_not_listed_is_refused() {
    let only_es256 = Rules { algorithms: vec![Algorithm::Es256], ..rules() };
    let good = proof(&header(), &claims());
    assert_eq!(said_of(&only_es256, &[&good], |_| {}), Err(Refusal::ProofInvalid));
}

#[test]
fn every_claim_is_needed_and_must_fit_the_request() {
    let now = NOW / 1000;
    for bad in [
        without(claims(), "jti"),
        with(claims(), "jti", json!("")),
        with(claims(), "jti", json!(1)),
        with(claims(), "jti", json!("x".repeat(257))),
        without(claims(), "htm"),
        with(claims(), "htm", json!("POST")),
        with(claims(), "htm", json!("get")),
        without(claims(), "htu"),
        with(claims(), "htu", json!("https://a.test/y")),
        with(claims(), "htu", json!("http://a.test/x")),
        with(claims(), "htu", json!("https://b.test/x")),
        with(claims(), "htu", json!("/x")),
        without(claims(), "ath"),
        with(claims(), "ath", json!("")),
        with(claims(), "ath", json!(base64::encode_url(&Digest::Sha256.of(b"another")))),
        without(claims(), "iat"),
        with(claims(), "iat", json!("now")),
        with(claims(), "iat", json!(-1)),
        with(claims(), "iat", json!(now - 61)),
        with(claims(), "iat", json!(now + 61)),
        with(claims(), "iat", json!(1e300)),
        with(claims(), "exp", json!(now)),
        with(claims(), "nbf", json!(now + 61)),
    ] {
        assert_eq!(says(&header(), &bad), Err(Refusal::ProofInvalid), "{bad}");
    }
    for good in [
        with(claims(), "jti", json!("x".repeat(256))),
        with(claims(), "htu", json!("HTTPS://A.test:443/%78?q#f")),
        with(claims(), "iat", json!(now - 60)),
        with(claims(), "iat", json!(now + 60)),
        with(claims(), "iat", json!(now as f64 + 0.5)),
        with(claims(), "exp", json!(now + 1)),
        with(claims(), "nonce", json!("of an authorization server")),
    ] {
        assert_eq!(says(&header(), &good), Ok(()), "{good}");
    }
}

#[test]
fn the_request_that_the_client_sent_counts() {
    let good = proof(&header(), &claims());
    type Change = fn(&mut Expected<'_>);
    let changes: [Change; 6] = [
        |expected| expected.method = &Method::HEAD,
        |expected| expected.scheme = Scheme::Http,
        |expected| expected.authority = None,
        |expected| expected.authority = Some("a.test:444"),
        |expected| expected.path = "//x",
        |expected| expected.token = "Token",
    ];
    for change in changes {
        assert_eq!(said_of(&rules(), &[&good], change), Err(Refusal::ProofInvalid));
    }
    assert!(said_of(&rules(), &[&good], |expected| expected.authority = Some("A.TEST:443")).is_ok());
    assert!(said_of(&rules(), &[&good], |expected| expected.path = "/y/../%78").is_ok());
}

#[test]
fn a_good_proof_by_another_key_than_the_tokens_is_refused() {
    let good = proof(&header(), &claims());
    assert_eq!(said_of(&rules(), &[&good], |expected| expected.thumbprint = &[7; 32]), Err(Refusal::Invalid));
}

#[test]
fn a_claim_is_one_for_one_proof_and_outlives_it() {
    let claim = |claims: &Value| said_of(&rules(), &[&proof(&header(), claims)], |_| {}).unwrap();
    let (key, transition) = claim(&claims());
    assert_eq!(transition, Transition::Claim { lifetime_ms: 65_000 });
    assert!(key.starts_with("dpop/") && key.len() < 64, "{key}");
    // The same request with another spelling of the URI or another time is the same proof.
    let (again, transition) =
        claim(&with(with(claims(), "htu", json!("https://A.test/x")), "iat", json!(NOW / 1000 - 60)));
    assert_eq!((&again, transition), (&key, Transition::Claim { lifetime_ms: 5_000 }));
    let (ahead, transition) = claim(&with(with(claims(), "jti", json!("2")), "iat", json!(NOW / 1000 + 60)));
    assert_ne!(ahead, key);
    assert_eq!(transition, Transition::Claim { lifetime_ms: 125_000 });
}

#[test]
fn a_nonce_is_asked_for_and_the_next_one_told() {
    let nonces = NonceRules::new(&[7; 32], Duration::from_secs(300)).unwrap();
    let rules = Rules { nonce: Some(nonces.clone()), ..rules() };
    let read = |nonce: Option<&HeaderValue>, claims: Value| {
        let claims = nonce.map_or(claims.clone(), |nonce| with(claims, "nonce", json!(nonce.to_str().unwrap())));
        let headers = headers(&[&proof(&header(), &claims)]);
        let thumbprint = KEY.public().thumbprint();
        let expected = Expected {
            method: &Method::GET,
            scheme: Scheme::Https,
            authority: Some("a.test"),
            path: "/x",
            token: TOKEN,
            thumbprint: &thumbprint,
            now_ms: NOW,
        };
        Proof::read(&rules, &headers, &expected).map(|proof| proof.tell)
    };
    let current = nonces.current(NOW);
    assert_eq!(read(None, claims()), Err(Refusal::NonceNeeded(current.clone())));
    assert_eq!(read(Some(&HeaderValue::from_static("x")), claims()), Err(Refusal::NonceNeeded(current.clone())));
    assert_eq!(read(Some(&nonces.current(NOW - 300_000)), claims()), Err(Refusal::NonceNeeded(current.clone())));
    assert_eq!(read(Some(&current), claims()), Ok(None));
    assert_eq!(read(Some(&nonces.current(NOW - 100_000)), claims()), Ok(Some((DPOP_NONCE, current))));
    // Whoever has no good proof is told so, not sent round for a nonce.
    assert_eq!(read(None, with(claims(), "htm", json!("POST"))), Err(Refusal::ProofInvalid));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_mutation_of_a_good_proof_is_accepted(at in any::<prop::sample::Index>(), byte in 0x21_u8..0x7f, kind in 0..3) {
        static GOOD: LazyLock<String> = LazyLock::new(|| proof(&header(), &claims()));
        let mut text = GOOD.clone().into_bytes();
        let at = at.index(text.len());
        match kind {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            _ => { text.remove(at); }
        }
        let text = String::from_utf8(text).unwrap();
        prop_assume!(text != *GOOD);
        let refused = said_of(&rules(), &[&text], |_| {}).is_err();
        prop_assert!(refused);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ -~]{0,200}") {
        let refused = said_of(&rules(), &[&text], |_| {}).is_err();
        prop_assert!(refused);
    }
}
