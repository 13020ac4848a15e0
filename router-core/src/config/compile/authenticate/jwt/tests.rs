use serde_json::{Value, json};

use crate::authenticate::jwt::{Expiry, Rules, TokenType};
use crate::authenticate::{Kind, Place};
use crate::config::variables::NoVariables;
use crate::config::{Checked, Purpose, compile_value};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The least that is right, with these members in place of its own.
fn jwt(members: Value) -> Value {
    let mut jwt = json!({"issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["HS256"], "keys": {"secret": SECRET}});
    for (name, value) in members.as_object().unwrap() {
        jwt[name] = value.clone();
    }
    jwt
}

fn checked(jwt: &Value, purpose: Purpose) -> Checked {
    let document = json!({"authenticate": {"authenticators": {"main": {"jwt": jwt}}}});
    compile_value(&document, &NoVariables, purpose)
}

fn rules(members: Value) -> Rules {
    let checked = checked(&jwt(members), Purpose::Run);
    let gateway = checked.gateway.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    match &gateway.authenticators[0].kind {
        Kind::Jwt(rules) => (**rules).clone(),
        other => panic!("{other:?}"),
    }
}

/// Code, place below the `jwt`, message and help of all that is wrong.
fn mistakes(jwt: &Value) -> Vec<(String, String, String)> {
    let checked = checked(jwt, Purpose::Run);
    let errors = checked.diagnostics.iter().filter(|found| found.code != "no-routes");
    errors
        .map(|found| {
            let path = found.path.to_string();
            let below = path.strip_prefix("authenticate.authenticators.main.jwt.").unwrap_or(&path).to_owned();
            (found.code.to_owned(), below, format!("{} | {}", found.message, found.help.as_deref().unwrap_or_default()))
        })
        .collect()
}

fn assert_mistake(members: Value, code: &str, path: &str, words: &[&str]) {
    let all = mistakes(&jwt(members.clone()));
    assert_eq!(all.len(), 1, "{members}: {all:?}");
    let (found, at, text) = &all[0];
    assert_eq!((found.as_str(), at.as_str()), (code, path), "{members}: {text}");
    assert!(words.iter().all(|word| text.contains(word)), "{members}: {text}");
}

#[test]
fn what_is_left_out_is_strict() {
    let rules = rules(json!({}));
    assert_eq!(rules.places, [Place::Bearer]);
    assert_eq!((rules.expiry, rules.token_type, rules.max_lifetime), (Expiry::Required, TokenType::Usual, None));
    assert_eq!((rules.leeway.as_secs(), rules.max_size), (30, 8192));
    assert_eq!(rules.audience_claim.to_string(), "aud");
    let names =
        |paths: &[crate::authenticate::claims::ClaimPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (names(&rules.claims.consumer), names(&rules.claims.scopes)),
        (vec!["sub".into()], vec!["scope".into(), "scp".into()])
    );
    assert!(rules.claims.roles.is_none() && rules.claims.plan.is_none());
}

#[test]
fn every_setting_arrives() {
    let rules = rules(json!({
        "audience": ["api", "web"], "audience_claim": "client_id", "algorithms": ["HS256"], "in": [{"cookie": "session"}],
        "type": "application/AT+jwt", "leeway": "0s", "max_lifetime": "1h", "max_size": "64KiB",
        "consumer": "client_id", "scopes": "permissions", "roles": "realm_access.roles", "plan": "[\"https://a.test/plan\"]",
    }));
    assert_eq!(rules.audience, ["api", "web"]);
    assert_eq!(rules.audience_claim.to_string(), "client_id");
    assert_eq!(rules.places, [Place::Cookie("session".into())]);
    assert_eq!(rules.token_type, TokenType::Is("at+jwt".into()));
    assert_eq!((rules.leeway.as_secs(), rules.max_lifetime.unwrap().as_secs(), rules.max_size), (0, 3600, 65_536));
    assert_eq!(rules.claims.consumer[0].to_string(), "client_id");
    assert_eq!(rules.claims.scopes[0].to_string(), "permissions");
    assert_eq!(rules.claims.roles.unwrap().to_string(), "realm_access.roles");
    assert_eq!(rules.claims.plan.unwrap().to_string(), "[\"https://a.test/plan\"]");
    assert_eq!(self::rules(json!({"without_expiry": true})).expiry, Expiry::Optional);
}

#[test]
fn every_mistake_says_what_is_wrong_and_where() {
    let long = "x".repeat(1025);
    for (members, code, path, words) in [
        (json!({"issuer": ""}), "issuer", "issuer", &["what `iss` says", "found ``"][..]),
        (json!({"issuer": " https://a.test"}), "issuer", "issuer", &["white space"]),
        (json!({"issuer": "a\u{0}b"}), "issuer", "issuer", &["control characters", "found `a\\0b`"]),
        (json!({"issuer": long}), "issuer", "issuer", &["1 to 1024 bytes", "…"]),
        (json!({"audience": []}), "audience", "audience", &["at least one audience", "any other service"]),
        (json!({"audience": ["api", ""]}), "audience", "audience[1]", &["what `aud` says"]),
        (json!({"audience": ["*"]}), "audience", "audience[0]", &["no pattern"]),
        (json!({"audience": ["api", "api"]}), "duplicate-name", "audience[1]", &["`api` is there already"]),
        (json!({"audience_claim": "a b"}), "claim-path", "audience_claim", &["` ` cannot stand"]),
        (json!({"type": "a b"}), "type", "type", &["such as `at+jwt`", "`a b`"]),
        (json!({"type": ""}), "type", "type", &["such as `at+jwt`"]),
        (json!({"leeway": "61s"}), "duration", "leeway", &["at most `60s`", "`61s`", "clock"]),
        (json!({"leeway": "soon"}), "duration", "leeway", &["expected a duration"]),
        (json!({"max_lifetime": "0s"}), "duration", "max_lifetime", &["more than `0s`"]),
        (json!({"max_lifetime": "1h", "without_expiry": true}), "max-lifetime", "max_lifetime", &["without_expiry"]),
        (json!({"max_size": "65KiB"}), "size", "max_size", &["65536 bytes"]),
        (json!({"max_size": "127B"}), "size", "max_size", &["at least `128B`"]),
        (json!({"consumer": ""}), "claim-path", "consumer", &["name of a claim"]),
        (json!({"scopes": "a."}), "claim-path", "scopes", &["name of a claim"]),
        (json!({"roles": "https://a.test/roles"}), "claim-path", "roles", &["`/`", "[\"…\"]"]),
        (json!({"plan": "a[0]"}), "claim-path", "plan", &["quotation marks"]),
        (json!({"in": [{"header": "cookie"}]}), "credential-place", "in[0].header", &["form of its own"]),
    ] {
        assert_mistake(members, code, path, words);
    }
}

#[test]
fn algorithms_are_named_and_never_none() {
    for none in ["none", "None", "NONE", "nOnE"] {
        assert_mistake(
            json!({"algorithms": ["HS256", none]}),
            "algorithm",
            "algorithms[1]",
            &["nothing is signed", "mode: off"],
        );
    }
    let only = |algorithms: Value, code: &str, path: &str, words: &[&str]| {
        assert_mistake(json!({"algorithms": algorithms}), code, path, words);
    };
    only(json!([]), "algorithm", "algorithms", &["at least one algorithm", "`alg`"]);
    only(json!(["HS256", "HS255"]), "algorithm", "algorithms[1]", &["did you mean `HS256`?"]);
    only(json!(["HS256", "eddsa"]), "algorithm", "algorithms[1]", &["did you mean `EdDSA`?"]);
    only(json!(["HS256", "quantum"]), "algorithm", "algorithms[1]", &["`quantum`", "expected one of HS256, HS384"]);
    only(json!(["HS256", "HS256"]), "duplicate-name", "algorithms[1]", &["there already"]);
}

#[test]
fn secrets_and_public_keys_are_never_mixed() {
    let octets = json!({"kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"});
    let inline = |algorithms: Value| json!({"algorithms": algorithms, "keys": {"inline": [octets]}});
    assert!(rules(inline(json!(["HS256"]))).algorithms.len() == 1);
    assert_mistake(inline(json!(["ES256"])), "key", "algorithms[0]", &["none of the keys", "`ES256`"]);
    let both = mistakes(&jwt(inline(json!(["HS256", "RS256"]))));
    assert_eq!(both[0].0, "algorithm-mix", "{both:?}");
    assert!(both[0].2.contains("two authenticators"), "{both:?}");

    for source in
        [json!("discovery"), json!({"discovery_at": "https://a.test"}), json!({"jwks": "https://a.test/jwks"})]
    {
        assert_mistake(json!({"keys": source}), "key-source", "keys", &["`HS256` needs a secret", "${secret:NAME}"]);
    }
    assert_mistake(json!({"algorithms": ["RS256"]}), "key-source", "keys.secret", &["public key", "jwks"]);
}

#[test]
fn a_secret_is_as_long_as_the_hash_and_is_never_shown() {
    let short = json!({"keys": {"secret": "hunter2"}});
    assert_mistake(short.clone(), "key", "keys.secret", &[]);
    assert!(!format!("{:?}", mistakes(&jwt(short))).contains("hunter2"));
    assert_mistake(json!({"algorithms": ["HS256", "HS512"]}), "key", "keys.secret", &["`HS512`", "64 bytes"]);
    assert!(!format!("{:?}", rules(json!({}))).contains(SECRET));
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let all = mistakes(&json!({
        "issuer": "", "audience": [], "algorithms": ["none", "RS255"], "audience_claim": "", "in": [{"query": ""}], "type": "a b", "leeway": "2m",
        "max_size": "1B", "roles": "a b", "proof": {"dpop": {"window": "soon"}}, "keys": {"secret": SECRET},
    }));
    let codes: Vec<&str> = all.iter().map(|(code, ..)| code.as_str()).collect();
    let expected = [
        "issuer",
        "audience",
        "claim-path",
        "algorithm",
        "algorithm",
        "credential-place",
        "type",
        "duration",
        "size",
        "claim-path",
        "duration",
    ];
    assert_eq!(codes, expected, "{all:?}");
}

#[test]
fn a_secret_that_is_not_there_yet_can_be_looked_at() {
    let jwt = jwt(json!({"algorithms": ["HS256", "HS384", "HS512"], "keys": {"secret": "${secret:TOKENS}"}}));
    let checked = checked(&jwt, Purpose::Check);
    assert_eq!(checked.diagnostics.errors(), 0, "{:?}", checked.diagnostics);
    assert!(checked.gateway.is_none());
}
