//! Claims of a token that is signed as it should be: for somebody else, for another time, or of a kind that a lax reader takes for the right one.

use super::*;

fn changed(changes: Value) -> String {
    with_claims(&claims_with(changes).to_string())
}

/// A good token with this text where the value of `exp` stands.
fn exp(text: &str) -> String {
    with_claims(&good_claims().to_string().replace("1800003600", text))
}

#[test]
fn an_issuer_is_equal_or_another() {
    let issuer = |issuer: Value| changed(json!({"iss": issuer}));
    let invalid = |attack, token| (attack, token, Refusal::Invalid);
    assert_refused(
        &secret_rules(),
        [
            invalid("a slash behind", issuer(json!("https://issuer.test/"))),
            invalid("a longer name", issuer(json!("https://issuer.test.attacker.test"))),
            invalid("a path", issuer(json!("https://issuer.test/realms/other"))),
            invalid("a user part", issuer(json!("https://issuer.test@attacker.test"))),
            invalid("a shorter name", issuer(json!("https://issuer.tes"))),
            invalid("another case", issuer(json!("https://Issuer.test"))),
            invalid("another scheme", issuer(json!("http://issuer.test"))),
            invalid("a null byte behind", issuer(json!("https://issuer.test\u{0}"))),
            invalid("a space in front", issuer(json!(" https://issuer.test"))),
            invalid("nothing in it", issuer(json!(""))),
            invalid("no issuer", issuer(json!(null))),
            ("a list with it", issuer(json!(["https://issuer.test"])), Refusal::Malformed),
            ("an object", issuer(json!({"https://issuer.test": true})), Refusal::Malformed),
            ("a number", issuer(json!(0)), Refusal::Malformed),
        ],
    );
    let null = with_claims(&good_claims().to_string().replace("\"https://issuer.test\"", "null"));
    assert_refused(&secret_rules(), [("null", null, Refusal::Malformed)]);
}

#[test]
fn an_audience_is_this_service_or_another() {
    let audience = |audience: Value| changed(json!({"aud": audience}));
    assert_good(&secret_rules(), &audience(json!(["other", "api"])));
    assert_refused(
        &secret_rules(),
        [
            ("another", audience(json!("other")), Refusal::Invalid),
            ("a longer one", audience(json!("api.attacker.test")), Refusal::Invalid),
            ("another case", audience(json!("API")), Refusal::Invalid),
            ("words", audience(json!("other api")), Refusal::Invalid),
            ("an empty list", audience(json!([])), Refusal::Invalid),
            ("none", audience(json!(null)), Refusal::Invalid),
            ("an object", audience(json!({"api": true})), Refusal::Malformed),
            ("a list with something else in it", audience(json!(["api", 1])), Refusal::Malformed),
            ("a list in a list", audience(json!([["api"]])), Refusal::Malformed),
            ("true", audience(json!(true)), Refusal::Malformed),
        ],
    );
}

#[test]
fn a_date_is_a_number_of_seconds_that_makes_sense() {
    assert_good(&secret_rules(), &exp("1800003600.5"));
    assert_good(&secret_rules(), &exp("1.8000036e9"));
    let malformed = |text| ("as a date", exp(text), Refusal::Malformed);
    assert_refused(
        &secret_rules(),
        [
            malformed("\"1800003600\""),
            malformed("\"never\""),
            malformed("NaN"),
            malformed("Infinity"),
            malformed("1e400"),
            malformed("1e300"),
            malformed("-1"),
            malformed("-1800003600"),
            malformed("18446744073709551616"),
            malformed("1800003600000"),
            malformed("null"),
            malformed("true"),
            malformed("[1800003600]"),
            malformed("{}"),
            malformed("0x6b49d200"),
            malformed("01800003600"),
        ],
    );
    for name in ["nbf", "iat"] {
        for value in [json!("0"), json!(-1), json!(1e300), json!([]), json!(true)] {
            assert_refused(&secret_rules(), [(name, changed(json!({name: value})), Refusal::Malformed)]);
        }
    }
}

#[test]
fn a_token_holds_from_its_beginning_to_its_end_and_no_longer() {
    // It is 1800000060 here, and the leeway is 30 s.
    for (changes, verdict) in [
        (json!({"exp": 1_800_000_031}), None),
        (json!({"exp": 1_800_000_030}), Some(Refusal::Expired)),
        (json!({"exp": 0}), Some(Refusal::Expired)),
        (json!({"exp": null}), Some(Refusal::Invalid)),
        (json!({"nbf": 1_800_000_090}), None),
        (json!({"nbf": 1_800_000_091}), Some(Refusal::NotYetValid)),
        (json!({"nbf": 1_800_000_090.001}), Some(Refusal::NotYetValid)),
        (json!({"iat": 1_800_000_090}), None),
        (json!({"iat": 1_800_000_091}), Some(Refusal::NotYetValid)),
        (json!({"iat": 253_402_300_799_u64}), Some(Refusal::NotYetValid)),
        (json!({"iat": null}), None),
    ] {
        let expected = verdict.map_or(Ok("ann".to_owned()), Err);
        assert_eq!(super::verdict(&secret_rules(), &changed(changes.clone())), expected, "{changes}");
    }
    let endless = Rules { expiry: Expiry::Optional, ..secret_rules() };
    assert_good(&endless, &changed(json!({"exp": null})));
    assert_refused(&endless, [("one that says when it ends", changed(json!({"exp": 1})), Refusal::Expired)]);
}

#[test]
fn a_token_may_be_told_to_be_short_lived() {
    let short = Rules { max_lifetime: Some(Duration::from_secs(3600)), ..secret_rules() };
    assert_good(&short, &good_token());
    assert_refused(
        &short,
        [
            ("a second longer", changed(json!({"exp": 1_800_003_601})), Refusal::Invalid),
            ("without a beginning", changed(json!({"iat": null})), Refusal::Invalid),
        ],
    );
}

#[test]
fn a_consumer_has_a_name() {
    assert_eq!(verdict(&secret_rules(), &changed(json!({"sub": "Jörg|7"}))), Ok("Jörg|7".into()));
    let sub = |sub: Value| ("as a name", changed(json!({"sub": sub})), Refusal::Invalid);
    assert_refused(
        &secret_rules(),
        [
            sub(json!(null)),
            sub(json!("")),
            sub(json!(7)),
            sub(json!(true)),
            sub(json!(["ann"])),
            sub(json!({"ann": true})),
            sub(json!("ann\r\nX-Admin: true")),
            sub(json!("ann\u{0}")),
            sub(json!(" ann")),
            sub(json!("x".repeat(257))),
        ],
    );
}
