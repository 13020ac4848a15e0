//! Headers that would choose the key, change how the token is read, or make it something else.

use super::*;

#[test]
fn a_kid_chooses_among_the_issuers_keys_and_does_nothing_else() {
    let rules = secret_rules();
    assert_good(&rules, &with_header(&json!({"alg": "HS256", "kid": "h1"})));
    let kid = |kid: Value| with_header(&json!({"alg": "HS256", "kid": kid}));
    assert_refused(
        &rules,
        [
            ("a path", kid(json!("../../../../dev/null")), Refusal::Invalid),
            ("a path with the id in it", kid(json!("./h1")), Refusal::Invalid),
            ("SQL", kid(json!("x' UNION SELECT 'AAAA")), Refusal::Invalid),
            ("a command", kid(json!("h1|whoami")), Refusal::Invalid),
            ("a URL", kid(json!("https://attacker.test/key")), Refusal::Invalid),
            ("another case", kid(json!("H1")), Refusal::Invalid),
            ("a null byte behind the id", kid(json!("h1\u{0}")), Refusal::Invalid),
            ("nothing in it", kid(json!("")), Refusal::Invalid),
            ("256 bytes", kid(json!("k".repeat(256))), Refusal::Invalid),
            ("257 bytes", kid(json!("k".repeat(257))), Refusal::Malformed),
            ("a list", kid(json!(["h1"])), Refusal::Malformed),
            ("a number", kid(json!(1)), Refusal::Malformed),
            ("an object", kid(json!({"kid": "h1"})), Refusal::Malformed),
            ("null", kid(json!(null)), Refusal::Malformed),
        ],
    );
    // What `/dev/null` or a query without rows would give: an empty key.
    let empty = compact(r#"{"alg":"HS256","kid":"../../dev/null"}"#, good_claims().to_string().as_bytes(), |message| {
        jose::hmac(jose::Digest::Sha256, &[], message)
    });
    assert_refused(&rules, [("an empty key by path", empty, Refusal::Invalid)]);
}

#[test]
fn a_token_brings_no_key() {
    let rules = edwards_rules();
    let public = |mut jwk: Value| {
        jwk.as_object_mut().unwrap().remove("d");
        jwk
    };
    let headers = [
        ("jwk", json!({"alg": "EdDSA", "jwk": public(attacker_jwk())})),
        ("jwk with the issuer's kid", json!({"alg": "EdDSA", "kid": "e1", "jwk": public(attacker_jwk())})),
        ("jku", json!({"alg": "EdDSA", "kid": "e1", "jku": "https://attacker.test/jwks"})),
        ("jku that looks like the issuer's", json!({"alg": "EdDSA", "jku": "https://issuer.test@attacker.test/jwks"})),
        ("x5u", json!({"alg": "EdDSA", "x5u": "https://attacker.test/chain.pem"})),
        ("x5c", json!({"alg": "EdDSA", "x5c": ["MIIBszCCAVmgAwIBAgIU"]})),
        ("x5t", json!({"alg": "EdDSA", "x5t#S256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"})),
        (
            "all of them",
            json!({"alg": "EdDSA", "jku": "https://a.test", "x5u": "https://a.test", "x5c": [], "jwk": public(attacker_jwk())}),
        ),
    ];
    let attacker = signing(attacker_jwk());
    for (attack, header) in headers {
        let token = |signer: &SigningKey| {
            compact(&header.to_string(), good_claims().to_string().as_bytes(), |message| signer.sign(message))
        };
        assert_refused(&rules, [(attack, token(&attacker), Refusal::Invalid)]);
        // They are not forbidden either: the issuer may write them, and nobody looks.
        assert_good(&rules, &token(&edwards()));
    }
}

#[test]
fn nothing_critical_is_known() {
    for (attack, header) in [
        ("known to nobody", json!({"alg": "HS256", "crit": ["urn:x"], "urn:x": true})),
        ("b64 as RFC 7797 has it", json!({"alg": "HS256", "crit": ["b64"], "b64": false})),
        ("b64 true", json!({"alg": "HS256", "crit": ["b64"], "b64": true})),
        ("a claim", json!({"alg": "HS256", "crit": ["exp"], "exp": 1})),
        ("alg", json!({"alg": "HS256", "crit": ["alg"]})),
        ("what is not there", json!({"alg": "HS256", "crit": ["x"]})),
        ("an empty list", json!({"alg": "HS256", "crit": []})),
        ("no list", json!({"alg": "HS256", "crit": "b64"})),
        ("null", json!({"alg": "HS256", "crit": null})),
        ("b64 without crit", json!({"alg": "HS256", "b64": false})),
        ("b64 that is no boolean", json!({"alg": "HS256", "b64": "false"})),
    ] {
        assert_refused(&secret_rules(), [(attack, with_header(&header), Refusal::Invalid)]);
    }
    // RFC 7797: with `b64: false` the payload is signed as it is.
    let claims = good_claims().to_string();
    let header = base64::encode_url(br#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    let signature = base64::encode_url(&secret().sign(format!("{header}.{claims}").as_bytes()));
    assert_refused(
        &secret_rules(),
        [("a payload as it is", format!("{header}.{claims}.{signature}"), Refusal::Malformed)],
    );
}

#[test]
fn a_token_for_another_purpose_gives_no_access() {
    let access = Rules { token_type: TokenType::parse("at+jwt").unwrap(), ..secret_rules() };
    let typed = |typ: Value| with_header(&json!({"alg": "HS256", "typ": typ}));
    assert_good(&access, &typed(json!("at+jwt")));
    assert_good(&access, &typed(json!("application/AT+JWT")));
    assert_refused(
        &access,
        [
            ("an identity token", typed(json!("JWT")), Refusal::Invalid),
            ("a logout token", typed(json!("logout+jwt")), Refusal::Invalid),
            ("a proof", typed(json!("dpop+jwt")), Refusal::Invalid),
            ("an event", typed(json!("secevent+jwt")), Refusal::Invalid),
            ("one that does not say", with_header(&json!({"alg": "HS256"})), Refusal::Invalid),
            ("one with more behind it", typed(json!("at+jwt; x=y")), Refusal::Invalid),
            ("a list", typed(json!(["at+jwt"])), Refusal::Malformed),
        ],
    );
    assert_good(&secret_rules(), &typed(json!("JWT")));
    for other in OTHER_TYPES {
        assert_refused(&secret_rules(), [("without a rule", typed(json!(other)), Refusal::Invalid)]);
    }
}
