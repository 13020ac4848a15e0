//! Tokens that are bound to a key or a certificate, through the journey.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use edge::Current;
use edge::platform::AtomicFailure;
use rcgen::{CertificateParams, KeyPair};
use router_core::authenticate::certificate::ClientCertificate;
use router_core::authenticate::jose::{Digest, SigningKey, base64::encode_url};
use serde_json::{Map, Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, executor};

/// The memory platform's clock at the start, in seconds.
const START: u64 = 1_767_225_600;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn memory() -> Memory {
    Memory::new(1, BTreeMap::from([("SECRET".to_owned(), SECRET.to_owned())]))
}

fn gateway(memory: &Memory, proof: Value) -> Rc<Current> {
    let jwt = json!({
        "issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["HS256"], "keys": {"secret": "${secret:SECRET}"},
        "proof": proof,
    });
    let document = json!({
        "authenticate": {"authenticators": {"tokens": {"jwt": jwt}}},
        "routes": [{"name": "a", "authenticate": {"any": ["tokens"]}, "to": {"respond": {"body": "in"}}}],
    });
    memory.start(document).unwrap()
}

/// The client's key: RFC 8037 appendix A.1.
fn client_key() -> SigningKey {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

/// Somebody else's: RFC 9421 appendix B.1.4.
fn other_key() -> SigningKey {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
    });
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A token of the issuer with this confirmation.
fn token(cnf: Value) -> String {
    let jwk = object(json!({"kty": "oct", "k": encode_url(SECRET.as_bytes())}));
    let mut claims = json!({"iss": "https://issuer.test", "aud": "api", "sub": "ada", "exp": START + 3600});
    if !cnf.is_null() {
        claims["cnf"] = cnf;
    }
    SigningKey::from_jwk(&jwk).unwrap().compact(&Map::new(), claims.to_string().as_bytes())
}

fn bound() -> String {
    token(json!({"jkt": encode_url(&client_key().public().thumbprint())}))
}

/// A proof by `key` for `GET http://gateway.test/x` with `token`; `change` comes on top of its claims.
fn proof(key: &SigningKey, token: &str, change: Value) -> String {
    let jwk: Value = serde_json::from_str(key.public().jwk()).unwrap();
    let mut claims = json!({
        "jti": "1", "htm": "GET", "htu": "http://gateway.test/x", "iat": START,
        "ath": encode_url(&Digest::Sha256.of(token.as_bytes())),
    });
    claims.as_object_mut().unwrap().extend(object(change));
    key.compact(&object(json!({"typ": "dpop+jwt", "jwk": jwk})), claims.to_string().as_bytes())
}

fn request(scheme: &str, token: &str, proof: Option<String>) -> Incoming {
    let incoming = Incoming::get("/x").with("authorization", format!("{scheme} {token}"));
    match proof {
        Some(proof) => incoming.with("dpop", proof),
        None => incoming,
    }
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    executor::run(memory.answer(current, incoming)).unwrap()
}

fn ask(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> (u16, String) {
    told(&answer(memory, current, incoming))
}

fn told(answer: &Outgoing) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap_or_default();
    let code = problem["type"].as_str().and_then(|address| address.rsplit(':').next());
    (answer.status.as_u16(), code.unwrap_or_default().to_owned())
}

fn good() -> (u16, String) {
    (200, String::new())
}

fn refused(why: &str) -> (u16, String) {
    (401, why.to_owned())
}

#[test]
fn a_bound_token_needs_the_proof_of_its_key() {
    let memory = memory();
    let current = gateway(&memory, json!({}));
    let bound = bound();
    let with = |scheme: &str, proof: Option<String>| ask(&memory, &current, request(scheme, &bound, proof));
    assert_eq!(with("DPoP", Some(proof(&client_key(), &bound, json!({})))), good());
    assert_eq!(with("Bearer", None), refused("proof-missing"));
    assert_eq!(with("Bearer", Some(proof(&client_key(), &bound, json!({"jti": "2"})))), refused("proof-missing"));
    assert_eq!(with("DPoP", None), refused("proof-missing"));
    assert_eq!(with("DPoP", Some(proof(&other_key(), &bound, json!({})))), refused("credentials-invalid"));
    assert_eq!(with("DPoP", Some(proof(&client_key(), "other", json!({})))), refused("proof-invalid"));
    assert_eq!(with("DPoP", Some(proof(&client_key(), &bound, json!({"htm": "POST"})))), refused("proof-invalid"));
    assert_eq!(with("DPoP", Some("a.b.c".into())), refused("proof-invalid"));
}

#[test]
fn a_forged_proof_is_refused_and_claims_nothing() {
    let memory = memory();
    let current = gateway(&memory, json!({}));
    let bound = bound();
    memory.ledger().fail(Some(AtomicFailure::Failed("full".into())));
    let good = proof(&client_key(), &bound, json!({}));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{flipped}{}", &signature[1..]);
    assert_eq!(ask(&memory, &current, request("DPoP", &bound, Some(forged))), refused("proof-invalid"));
    // Without a good token nobody reaches the store either.
    let mut foreign = bound.clone();
    foreign.pop();
    foreign.push(if bound.ends_with('A') { 'E' } else { 'A' });
    let proof = proof(&client_key(), &foreign, json!({}));
    let said = ask(&memory, &current, request("DPoP", &foreign, Some(proof)));
    assert_eq!(said.0, 401, "{said:?}");
}

#[test]
fn who_repeats_a_proof_is_told_that_it_is_the_proof() {
    let memory = memory();
    let current = gateway(&memory, json!({}));
    let bound = bound();
    let repeated = || answer(&memory, &current, request("DPoP", &bound, Some(proof(&client_key(), &bound, json!({})))));
    repeated();
    let answer = repeated();
    let lines: Vec<_> =
        answer.headers.get_all("www-authenticate").iter().map(|line| line.to_str().unwrap().to_owned()).collect();
    let (dpop, others): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.starts_with("DPoP "));
    assert!(dpop.len() == 1 && dpop[0].contains("error=\"invalid_dpop_proof\""), "{lines:?}");
    assert!(others.iter().all(|line| !line.contains("error=")), "{lines:?}");
}

#[test]
fn a_proof_is_good_once_on_every_configuration() {
    let memory = memory();
    let bound = bound();
    let first = || request("DPoP", &bound, Some(proof(&client_key(), &bound, json!({}))));
    let current = gateway(&memory, json!({}));
    assert_eq!(ask(&memory, &current, first()), good());
    assert_eq!(ask(&memory, &current, first()), refused("credentials-replayed"));
    let other = gateway(&memory, json!({"dpop": {"window": "120s"}}));
    assert_eq!(ask(&memory, &other, first()), refused("credentials-replayed"));
    memory.clock().forward(Duration::from_secs(60));
    assert_eq!(ask(&memory, &current, first()), refused("credentials-replayed"));
    memory.clock().forward(Duration::from_secs(1));
    assert_eq!(ask(&memory, &current, first()), refused("proof-invalid"));
    let second = proof(&client_key(), &bound, json!({"jti": "2", "iat": START + 61}));
    assert_eq!(ask(&memory, &current, request("DPoP", &bound, Some(second))), good());
}

#[test]
fn without_the_store_nobody_with_a_bound_token_is_let_in() {
    let memory = memory();
    let current = gateway(&memory, json!({}));
    let bound = bound();
    for failure in [AtomicFailure::Absent, AtomicFailure::Failed("down".into())] {
        memory.ledger().fail(Some(failure));
        let incoming = request("DPoP", &bound, Some(proof(&client_key(), &bound, json!({}))));
        assert_eq!(ask(&memory, &current, incoming), (503, "identity-unavailable".to_owned()));
    }
    assert_eq!(ask(&memory, &current, request("Bearer", &token(Value::Null), None)), good());
}

#[test]
fn a_token_bound_to_nobody_is_a_bearer_token_unless_a_proof_is_always_needed() {
    let memory = memory();
    let free = token(Value::Null);
    let current = gateway(&memory, json!({}));
    assert_eq!(ask(&memory, &current, request("Bearer", &free, None)), good());
    let with_proof = || request("DPoP", &free, Some(proof(&client_key(), &free, json!({}))));
    assert_eq!(ask(&memory, &current, with_proof()), refused("credentials-invalid"));
    let current = gateway(&memory, json!({"rule": "always"}));
    assert_eq!(ask(&memory, &current, request("Bearer", &free, None)), refused("proof-missing"));
    assert_eq!(ask(&memory, &current, with_proof()), refused("credentials-invalid"));
    let unknown = token(json!({"kid": "1"}));
    assert_eq!(ask(&memory, &current, request("Bearer", &unknown, None)), refused("credentials-invalid"));
}

#[test]
fn the_gateway_gives_out_nonces_and_tells_the_next_one() {
    let memory = memory();
    let current = gateway(&memory, json!({"dpop": {"nonce": {"secret": "${secret:SECRET}", "lifetime": "40s"}}}));
    let bound = bound();
    let with = |change: Value| {
        let answer = answer(&memory, &current, request("DPoP", &bound, Some(proof(&client_key(), &bound, change))));
        let nonce = answer.headers.get("dpop-nonce").map(|nonce| nonce.to_str().unwrap().to_owned());
        (told(&answer), nonce)
    };
    let (said, nonce) = with(json!({}));
    assert_eq!(said, refused("proof-nonce-needed"));
    let nonce = nonce.expect("a nonce beside the refusal");
    assert_eq!(with(json!({"nonce": nonce})), (good(), None));
    memory.clock().forward(Duration::from_secs(10));
    let (said, next) = with(json!({"nonce": nonce, "jti": "2"}));
    assert_eq!(said, good());
    let next = next.expect("the next nonce");
    assert_ne!(next, nonce);
    memory.clock().forward(Duration::from_secs(30));
    assert_eq!(with(json!({"nonce": nonce, "jti": "3"})).0, refused("proof-nonce-needed"));
    assert_eq!(with(json!({"nonce": next, "jti": "4"})).0, good());
}

#[test]
fn a_token_bound_to_a_certificate_needs_its_connection() {
    let memory = memory();
    let current = gateway(&memory, json!({"rule": "always"}));
    let certificate = || {
        let params = CertificateParams::new(Vec::new()).unwrap();
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Arc::new(ClientCertificate::from_der(certificate.der()).unwrap())
    };
    let (ours, other) = (certificate(), certificate());
    let bound = token(json!({"x5t#S256": encode_url(&ours.fingerprint)}));
    let over = |certificate: Option<Arc<ClientCertificate>>| {
        let mut incoming = request("Bearer", &bound, None);
        incoming.certificate = certificate;
        ask(&memory, &current, incoming)
    };
    assert_eq!(over(Some(ours)), good());
    assert_eq!(over(Some(other)), refused("credentials-invalid"));
    assert_eq!(over(None), refused("proof-missing"));
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_its_place() {
    let memory = memory();
    let wrong = |dpop: Value| {
        let jwt = json!({
            "issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["HS256"], "keys": {"secret": SECRET},
            "proof": {"dpop": dpop},
        });
        let document = json!({"authenticate": {"authenticators": {"a": {"jwt": jwt}}}, "routes": []});
        let found = memory.start(document).err().unwrap();
        found
            .iter()
            .map(|found| format!("{} {} {}", found.path, found.code, found.message))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let at = "authenticate.authenticators.a.jwt.proof.dpop";
    for (dpop, expected) in [
        (json!({"algorithms": ["HS256"]}), format!("{at}.algorithms[0] algorithm")),
        (json!({"algorithms": ["ES256", "ES265"]}), format!("{at}.algorithms[1] algorithm")),
        (json!({"window": "301s"}), format!("{at}.window duration")),
        (json!({"window": "0s"}), format!("{at}.window duration")),
        (json!({"nonce": {"secret": "short words"}}), format!("{at}.nonce.secret secret")),
        (json!({"nonce": {"secret": SECRET, "lifetime": "5s"}}), format!("{at}.nonce.lifetime duration")),
    ] {
        let found = wrong(dpop);
        assert!(found.contains(&expected), "expected {expected}, found {found}");
        assert!(!found.contains("short words"), "{found}");
    }
}
