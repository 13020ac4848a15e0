//! What an attacker or bad luck must not reach in the stage that asks who asks, across several authenticators.

use std::collections::BTreeMap;
use std::rc::Rc;

use edge::Current;
use http::StatusCode;
use router_core::authenticate::jose::{Digest, SigningKey, base64::encode_url};
use router_core::config::variables::{Kind, Known};
use router_core::config::{Purpose, compile_value};
use serde_json::{Map, Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, executor};

/// The memory platform's clock at the start, in seconds.
const START: u64 = 1_767_225_600;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn memory() -> Memory {
    Memory::new(1, BTreeMap::from([("SECRET".to_owned(), SECRET.to_owned())]))
}

/// A route with this policy that answers by itself.
fn gateway(memory: &Memory, authenticators: &Value, policy: &Value) -> Rc<Current> {
    let document = json!({
        "authenticate": {"authenticators": authenticators},
        "routes": [{"name": "a", "authenticate": policy, "to": {"respond": {"body": "in"}}}],
    });
    memory.start(document).unwrap()
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    executor::run(memory.answer(current, incoming)).unwrap()
}

fn told(answer: &Outgoing) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap_or_default();
    let code = problem["type"].as_str().and_then(|address| address.rsplit(':').next());
    (answer.status.as_u16(), code.unwrap_or_default().to_owned())
}

fn challenges(answer: &Outgoing) -> Vec<String> {
    answer.headers.get_all("www-authenticate").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

fn jwt(issuer: &str, change: Value) -> Value {
    let mut rules = json!({
        "issuer": issuer, "audience": ["api"], "algorithms": ["HS256"], "keys": {"secret": "${secret:SECRET}"},
    });
    rules.as_object_mut().unwrap().extend(object(change));
    json!({"jwt": rules})
}

fn introspection(change: Value) -> Value {
    let mut rules = json!({
        "endpoint": "https://issuer.test/introspect", "client_id": "gateway", "client_secret": "${secret:SECRET}",
        "audience": ["api"],
    });
    rules.as_object_mut().unwrap().extend(object(change));
    json!({"introspection": rules})
}

fn nonce() -> Value {
    json!({"proof": {"dpop": {"nonce": {"secret": "${secret:SECRET}", "lifetime": "40s"}}}})
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The client's key: RFC 8037 appendix A.1.
fn client_key() -> SigningKey {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn confirmation() -> Value {
    json!({"jkt": encode_url(&client_key().public().thumbprint())})
}

fn token(issuer: &str, change: Value) -> String {
    let jwk = object(json!({"kty": "oct", "k": encode_url(SECRET.as_bytes())}));
    let mut claims = json!({"iss": issuer, "aud": "api", "sub": "ada", "exp": START + 3600});
    claims.as_object_mut().unwrap().extend(object(change));
    SigningKey::from_jwk(&jwk).unwrap().compact(&Map::new(), claims.to_string().as_bytes())
}

fn bearer(token: &str) -> Incoming {
    Incoming::get("/x").with("authorization", format!("Bearer {token}"))
}

/// `GET http://gateway.test/x` with `token` and a proof for it.
fn proven(token: &str, jti: &str, nonce: Option<&str>) -> Incoming {
    let key = client_key();
    let jwk: Value = serde_json::from_str(key.public().jwk()).unwrap();
    let mut claims = json!({
        "jti": jti, "htm": "GET", "htu": "http://gateway.test/x", "iat": START,
        "ath": encode_url(&Digest::Sha256.of(token.as_bytes())),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let proof = key.compact(&object(json!({"typ": "dpop+jwt", "jwk": jwk})), claims.to_string().as_bytes());
    Incoming::get("/x").with("authorization", format!("DPoP {token}")).with("dpop", proof)
}

fn says(status: StatusCode, body: &Value) -> Play {
    Play::Answer(Scripted { status, body: ScriptedBody::new([body.to_string().into()]), ..Scripted::default() })
}

#[test]
fn a_client_is_told_the_nonce_although_another_issuer_of_the_policy_refuses_its_token_first() {
    let memory = memory();
    let authenticators = json!({
        "other": jwt("https://other.test", json!({})), "ours": jwt("https://issuer.test", nonce()),
    });
    let current = gateway(&memory, &authenticators, &json!({"any": ["other", "ours"]}));
    let token = token("https://issuer.test", json!({"cnf": confirmation()}));
    let refused = answer(&memory, &current, proven(&token, "1", None));
    assert_eq!(told(&refused), (401, "proof-nonce-needed".into()));
    let nonce = refused.headers.get("dpop-nonce").expect("without it nobody gets in").to_str().unwrap().to_owned();
    assert_eq!(told(&answer(&memory, &current, proven(&token, "2", Some(&nonce)))).0, 200);
}

#[test]
fn a_client_is_told_the_nonce_although_another_issuer_of_the_policy_is_down() {
    let memory = memory();
    let authenticators = json!({
        "opaque": introspection(json!({})), "ours": jwt("https://issuer.test", nonce()),
    });
    let current = gateway(&memory, &authenticators, &json!({"any": ["opaque", "ours"]}));
    let token = token("https://issuer.test", json!({"cnf": confirmation()}));
    memory.script().expect(Play::Stall);
    assert_eq!(told(&answer(&memory, &current, proven(&token, "1", None))), (401, "proof-nonce-needed".into()));
}

#[test]
fn of_two_issuers_the_one_that_knows_the_token_says_what_is_wrong_with_it() {
    let memory = memory();
    let authenticators = json!({
        "other": jwt("https://other.test", json!({})), "ours": jwt("https://issuer.test", json!({})),
    });
    for any in [json!(["other", "ours"]), json!(["ours", "other"])] {
        let current = gateway(&memory, &authenticators, &json!({"any": any}));
        let old = token("https://issuer.test", json!({"exp": START - 60}));
        assert_eq!(told(&answer(&memory, &current, bearer(&old))), (401, "credentials-expired".into()), "{any}");
    }
}

#[test]
fn a_client_with_an_opaque_token_is_asked_for_its_proof_in_a_challenge() {
    let memory = memory();
    let current = gateway(&memory, &json!({"opaque": introspection(nonce())}), &json!({"any": ["opaque"]}));
    let missing = answer(&memory, &current, Incoming::get("/x"));
    assert!(challenges(&missing).iter().any(|line| line.starts_with("DPoP ")), "{:?}", challenges(&missing));
    let active = json!({"active": true, "sub": "ann", "aud": "api", "cnf": confirmation()});
    memory.script().expect(says(StatusCode::OK, &active));
    let refused = answer(&memory, &current, proven("opaque", "1", None));
    assert_eq!(told(&refused), (401, "proof-nonce-needed".into()));
    let asks = |line: &String| line.starts_with("DPoP ") && line.contains("error=\"use_dpop_nonce\"");
    assert!(challenges(&refused).iter().any(asks), "{:?}", challenges(&refused));
}

#[test]
fn tokens_that_an_issuer_calls_a_bad_request_do_not_lock_the_others_out() {
    for status in [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNPROCESSABLE_ENTITY] {
        let memory = memory();
        let current = gateway(&memory, &json!({"opaque": introspection(json!({}))}), &json!({"any": ["opaque"]}));
        for forged in 0..20 {
            memory.script().expect(says(status, &json!({"error": "invalid_request"})));
            let refused = answer(&memory, &current, bearer(&format!("forged{forged}")));
            assert_eq!(told(&refused), (503, "identity-unavailable".into()), "nobody is let in");
        }
        memory.script().expect(says(StatusCode::OK, &json!({"active": true, "sub": "ann", "aud": "api"})));
        assert_eq!(told(&answer(&memory, &current, bearer("good"))).0, 200, "{status}");
    }
}

#[test]
fn a_body_is_not_held_for_a_signature_that_is_not_there() {
    let memory = memory();
    let key: Value = serde_json::from_str(client_key().public().jwk()).unwrap();
    let known = json!({"algorithm": "ed25519", "key": key, "consumer": "acme"});
    let authenticators = json!({
        "hook": {"webhook": {"form": "stripe", "secrets": ["${secret:SECRET}"], "max_body": "10B"}},
        "signed": {"signature": {"keys": {"k": known}, "max_body": "10B"}},
        "tokens": jwt("https://issuer.test", json!({})),
    });
    let current = gateway(&memory, &authenticators, &json!({"any": ["hook", "signed", "tokens"]}));
    let upload = |incoming: Incoming| answer(&memory, &current, incoming.method("POST").body("12345678901"));
    let token = token("https://issuer.test", json!({}));
    assert_eq!(told(&upload(bearer(&token))).0, 200, "whoever has a token may send more than a webhook may");
    assert_eq!(told(&upload(Incoming::get("/x"))), (401, "credentials-missing".into()));
    for (name, value) in [("stripe-signature", "t=1,v1=00"), ("signature", "a=:AA==:"), ("signature-input", "a=()")] {
        assert_eq!(told(&upload(bearer(&token).with(name, value))).0, 413, "{name}");
    }
}

#[test]
fn a_policy_in_shadow_refuses_no_body() {
    let memory = memory();
    let authenticators =
        json!({"hook": {"webhook": {"form": "stripe", "secrets": ["${secret:SECRET}"], "max_body": "10B"}}});
    let current = gateway(&memory, &authenticators, &json!({"any": ["hook"], "mode": "shadow"}));
    let incoming = Incoming::get("/x").method("POST").body("12345678901").with("stripe-signature", "t=1,v1=00");
    assert_eq!(told(&answer(&memory, &current, incoming)).0, 200);
    let line: Value = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    assert_eq!(line["shadow"], json!(["body-too-large"]), "{line}");
}

#[test]
fn whoever_has_not_said_who_they_are_is_asked_where_a_condition_refuses_nobody() {
    let memory = memory();
    let authenticators = json!({"tokens": jwt("https://issuer.test", json!({}))});
    let policy =
        json!({"any": ["tokens"], "optional": true, "allow": "request.method == 'GET' || consumer.id == 'bea'"});
    let current = gateway(&memory, &authenticators, &policy);
    let post = |incoming: Incoming| answer(&memory, &current, incoming.method("POST"));
    assert_eq!(told(&answer(&memory, &current, Incoming::get("/x"))).0, 200);
    let unknown = post(Incoming::get("/x"));
    assert_eq!(told(&unknown), (401, "credentials-missing".into()));
    assert!(challenges(&unknown).iter().any(|line| line.starts_with("Bearer ") && !line.contains("error")));
    let known = post(bearer(&token("https://issuer.test", json!({}))));
    assert_eq!(told(&known), (403, "permission-denied".into()));
}

#[test]
fn a_token_that_was_signed_with_a_secret_that_is_no_longer_is_forgotten_with_the_secret() {
    let memory = memory();
    let document = json!({
        "authenticate": {"authenticators": {"tokens": jwt("https://issuer.test", json!({}))}},
        "routes": [{"name": "a", "authenticate": {"any": ["tokens"]}, "to": {"respond": {"body": "in"}}}],
    });
    let started = |secret: &str| {
        let mut known = Known::default();
        known.insert(Kind::Secret, "SECRET".into(), secret.into());
        Current::new(compile_value(&document, &known, Purpose::Run).gateway.unwrap())
    };
    let token = token("https://issuer.test", json!({}));
    assert_eq!(told(&answer(&memory, &started(SECRET), bearer(&token))).0, 200);
    let renewed = started("another secret of thirty-two byte");
    assert_eq!(told(&answer(&memory, &renewed, bearer(&token))), (401, "credentials-invalid".into()));
    assert_eq!(told(&answer(&memory, &started(SECRET), bearer(&token))).0, 200);
}

#[test]
fn a_secret_that_stands_where_something_else_is_expected_is_not_told() {
    let document = |hook: Value| {
        json!({
            "authenticate": {"authenticators": {"hook": {"webhook": hook}}},
            "routes": [{"name": "a", "authenticate": {"any": ["hook"]}, "to": {"respond": {"body": "in"}}}],
        })
    };
    for hook in [
        json!({"form": "stripe", "secrets": "${secret:SECRET}"}),
        json!({"form": "${secret:SECRET}", "secrets": []}),
        json!({"form": "stripe", "secrets": ["${secret:SECRET}"], "max_body": "${secret:SECRET}"}),
        json!({"form": "stripe", "secrets": ["${secret:SECRET}"], "window": "${secret:SECRET}"}),
        json!({"form": "stripe", "secrets": ["${secret:SECRET}"], "replay": "${secret:SECRET}"}),
    ] {
        let wrong = memory().start(document(hook.clone())).err().expect("a mistake");
        let told = wrong.iter().map(|found| format!("{found:?}")).collect::<String>();
        assert!(!told.contains(SECRET), "{hook}: {told}");
    }
}
