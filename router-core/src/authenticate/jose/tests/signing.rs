use super::{
    super::{SigningKey, base64},
    *,
};

/// RFC 8037 appendix A.1.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a","key_ops":["sign"]}"#;
const SECRET: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

fn signer(text: &str) -> Result<SigningKey, String> {
    SigningKey::from_jwk(&object(text)).map_err(|why| why.0)
}

#[test]
fn signs_the_token_of_rfc_8037_a4() {
    let key = signer(ED25519).unwrap();
    let token = key.compact(&Map::new(), b"Example of Ed25519 signing");
    assert_eq!(
        token,
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert!(accepts(key.public(), &token));
    assert_eq!((key.algorithm(), key.public().id()), (Algorithm::EdDsa, Some("a")));
    assert!(!key.public().jwk().contains("\"d\""));
}

#[test]
fn signs_with_the_hash_that_alg_names() {
    for (alg, algorithm) in
        [("", Algorithm::Hs256), (r#","alg":"HS384""#, Algorithm::Hs384), (r#","alg":"HS512""#, Algorithm::Hs512)]
    {
        let key = signer(&format!(r#"{{"kty":"oct","k":"{SECRET}"{alg}}}"#)).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let token = key.compact(&object(r#"{"typ":"JWT","kid":"x"}"#), b"{}");
        let jws = parse(&token).unwrap();
        assert_eq!((jws.algorithm, jws.kid(), jws.token_type()), (algorithm, Some("x"), Some("JWT")));
        assert!(accepts(key.public(), &token));
    }
}

#[test]
fn a_token_names_the_algorithm_of_its_key_whatever_the_header_says() {
    let token = signer(ED25519).unwrap().compact(&object(r#"{"alg":"none"}"#), b"");
    assert_eq!(parse(&token).unwrap().algorithm, Algorithm::EdDsa);
}

#[test]
fn refuses_halves_of_different_keys() {
    let d = base64::encode_url(&[7; 32]);
    let wrong = ED25519.replace("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", &d);
    let why = signer(&wrong).unwrap_err();
    assert!(why.contains("different keys") && !why.contains(&d), "{why}");
}

#[test]
fn refuses_what_cannot_sign() {
    for (jwk, expected) in [
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#.to_owned(),
            "\"d\" is missing",
        ),
        (ED25519.replace(r#"["sign"]"#, r#"["verify"]"#), "without \"sign\""),
        (ED25519.replace("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "AAAA"), "3 bytes instead of 32"),
        (ED25519.replace(r#""kid":"a""#, r#""alg":"HS256""#), "an Ed25519 key cannot"),
        (format!(r#"{{"kty":"oct","k":"{SECRET}","alg":"RS256"}}"#), "an HMAC key cannot"),
        (object(TOKENS)["RS256"]["key"].to_string(), "this is an RSA key"),
        (object(TOKENS)["ES384"]["key"].to_string(), "this is a P-384 key"),
    ] {
        let why = signer(&jwk).unwrap_err();
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn debug_shows_nothing_secret() {
    let key = signer(&format!(r#"{{"kty":"oct","k":"{SECRET}"}}"#)).unwrap();
    let shown = format!("{key:?} {:?}", key.public());
    assert!(!shown.contains("AyM1") && !shown.contains("35, 53, 75"), "{shown}");
    let shown = format!("{:?}", signer(ED25519).unwrap());
    assert!(!shown.contains("nWGx") && !shown.contains("157"), "{shown}");
}
