//! Keys that are weak, for another use, or of somebody else.

use super::*;

/// What came of reading a key, as text.
fn refused(jwk: Value) -> String {
    Key::from_jwk(jwk.as_object().unwrap()).expect_err("a weak key").0
}

#[test]
fn a_weak_key_is_no_key() {
    let short = "p8Yn3lTQJorVg92-1apDI4cwNX_q9ZXKdpTscqT5u8z5LjrzRKzOGY9jmZm--LShCUFo5r6h0pi2-shRigFFzZv99etetcKH9eA2Bpyfu-3LxdrPYCoxnt5oqOXOXBiTTdGOqR1pqaX6Xji7b_2yyTW_D5U8KSPOEJ7Nz92wfFc";
    let with = |mut jwk: Value, name: &str, value: &str| {
        jwk[name] = value.into();
        jwk
    };
    for (weakness, jwk) in [
        ("RSA of 1024 bits", with(rsa_jwk(), "n", short)),
        ("RSA with an exponent of 1", with(rsa_jwk(), "e", "AQ")),
        ("RSA with an even exponent", with(rsa_jwk(), "e", "AQAC")),
        ("a secret of 31 bytes", json!({"kty": "oct", "k": base64::encode_url(&[7; 31])})),
        ("an empty secret", json!({"kty": "oct", "k": ""})),
        ("a point that is not on its curve", with(curve_jwk(), "y", &base64::encode_url(&[5; 32]))),
        (
            "the neutral point of Ed25519",
            json!({"kty": "OKP", "crv": "Ed25519", "x": base64::encode_url(&[&[1_u8][..], &[0; 31]].concat())}),
        ),
        ("a key for encryption", with(curve_jwk(), "use", "enc")),
        ("a key with the algorithm of another type", with(curve_jwk(), "alg", "RS256")),
    ] {
        assert!(!refused(jwk).is_empty(), "{weakness}");
    }
    let mut ops = curve_jwk();
    ops["key_ops"] = json!(["deriveKey"]);
    assert!(!refused(ops).is_empty());
}

#[test]
fn the_key_of_another_issuer_with_the_same_id_is_another_key() {
    let theirs = signing(attacker_jwk());
    let claims = good_claims().to_string();
    let token = compact(r#"{"alg":"EdDSA","kid":"e1"}"#, claims.as_bytes(), |message| theirs.sign(message));
    assert_refused(&edwards_rules(), [("signed by the other issuer", token.clone(), Refusal::Invalid)]);
    // The other issuer's own authenticator does not take it either: it is not its name that stands there.
    let other =
        Rules { issuer: "https://other.test".into(), ..rules(&[Algorithm::EdDsa], vec![theirs.public().clone()]) };
    assert_refused(&other, [("with this issuer's name", token, Refusal::Invalid)]);
}

#[test]
fn a_key_serves_its_own_algorithm_only() {
    let mut jwk = rsa_jwk();
    jwk["alg"] = "PS256".into();
    let keys = || KeyList::parse(json!({"keys": [jwk]}).to_string().as_bytes()).unwrap();
    assert_eq!(keys().candidates(Some("r1"), Algorithm::Rs256).count(), 0);
    assert_eq!(keys().candidates(Some("r1"), Algorithm::Ps256).count(), 1);
    for algorithm in Algorithm::ALL {
        let fitting = edwards().public().fits(algorithm);
        assert_eq!(fitting, algorithm == Algorithm::EdDsa, "{}", algorithm.as_str());
    }
}

#[test]
fn a_fetched_set_holds_no_secrets_and_nothing_for_other_uses() {
    let mut encrypting = curve_jwk();
    encrypting["use"] = "enc".into();
    let octets = json!({"kty": "oct", "kid": "h1", "k": base64::encode_url(&[7; 32])});
    let set = json!({"keys": [encrypting, octets, {"kty": "none"}, 7, rsa_jwk()]});
    let keys = KeyList::parse(set.to_string().as_bytes()).unwrap().without_secrets();
    assert_eq!(keys.len(), 1);
    assert!(keys.has("r1") && !keys.has("h1") && !keys.has("c1"));
}
