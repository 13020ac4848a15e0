//! HTTP Message Signatures through the journey: of clients, and of the gateway towards its upstreams.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use edge::platform::AtomicFailure;
use http::{HeaderMap, Method};
use router_core::authenticate::jose::{Digest, Key, SigningKey, base64::encode_standard};
use router_core::authenticate::signature::{Algorithm, Component, KnownKey, Message, Rules};
use router_core::head::Scheme;
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, executor};

/// The memory platform's clock at the start, in seconds.
const START: u64 = 1_767_225_600;
/// RFC 9421 appendix B.1.4.
const PRIVATE: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}"#;

fn public() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"})
}

fn signer() -> SigningKey {
    let jwk: Value = serde_json::from_str(PRIVATE).unwrap();
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn gateway(memory: &Memory, rules: Value) -> Rc<Current> {
    let mut all =
        json!({"keys": {"k": {"algorithm": "ed25519", "key": public(), "consumer": "acme", "scopes": ["write"]}}});
    all.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    let document = json!({
        "authenticate": {"authenticators": {"partners": {"signature": all}}},
        "routes": [{"name": "a", "authenticate": {"any": ["partners"], "scopes": ["write"]}, "to": {"respond": {"body": "in"}}}],
    });
    memory.start(document).unwrap()
}

fn told(answer: &Outgoing) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap_or_default();
    let code = problem["type"].as_str().and_then(|address| address.rsplit(':').next());
    (answer.status.as_u16(), code.unwrap_or_default().to_owned())
}

fn ask(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> (u16, String) {
    told(&executor::run(memory.answer(current, incoming)).unwrap())
}

fn good() -> (u16, String) {
    (200, String::new())
}

fn refused(why: &str) -> (u16, String) {
    (401, why.to_owned())
}

/// A POST to `/x?y` with this body, signed as the base is written here by hand.
fn signed(body: &'static str, parameters: &str) -> Incoming {
    let digest = format!("sha-256=:{}:", encode_standard(&Digest::Sha256.of(body.as_bytes())));
    let input = format!(r#"("@method" "@target-uri" "content-digest");created={START};keyid="k"{parameters}"#);
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": http://gateway.test/x?y\n\"content-digest\": {digest}\n\"@signature-params\": {input}"
    );
    let signature = encode_standard(&signer().sign(base.as_bytes()));
    Incoming::get("/x?y")
        .method("POST")
        .with("content-digest", digest)
        .with("signature-input", format!("sig={input}"))
        .with("signature", format!("sig=:{signature}:"))
        .body(body)
}

#[test]
fn a_signed_request_says_who_asks_and_what_they_may() {
    let memory = Memory::default();
    let current = gateway(&memory, json!({}));
    assert_eq!(ask(&memory, &current, signed("hello", "")), good());
    let line: Value = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    assert_eq!((&line["consumer"], &line["authenticator"]), (&json!("acme"), &json!("partners")));
    assert_eq!(ask(&memory, &current, Incoming::get("/x?y")), refused("credentials-missing"));
}

#[test]
fn another_body_or_request_is_refused() {
    let memory = Memory::default();
    let current = gateway(&memory, json!({}));
    let mut other = signed("hello", "");
    other.body = edge::platform::Body::Bytes("Hello".into());
    assert_eq!(ask(&memory, &current, other), refused("digest-mismatch"));
    let mut other = signed("hello", "");
    other.target = "/x?z".into();
    assert_eq!(ask(&memory, &current, other), refused("credentials-invalid"));
    memory.clock().forward(Duration::from_secs(301));
    assert_eq!(ask(&memory, &current, signed("hello", "")), refused("credentials-expired"));
}

#[test]
fn a_nonce_is_good_once() {
    let memory = Memory::default();
    let current = gateway(&memory, json!({"nonce": true}));
    assert_eq!(ask(&memory, &current, signed("a", "")), refused("credentials-invalid"));
    assert_eq!(ask(&memory, &current, signed("a", ";nonce=\"1\"")), good());
    assert_eq!(ask(&memory, &current, signed("a", ";nonce=\"1\"")), refused("credentials-replayed"));
    // The same nonce over another body is used all the same.
    assert_eq!(ask(&memory, &current, signed("b", ";nonce=\"1\"")), refused("credentials-replayed"));
    assert_eq!(ask(&memory, &current, signed("a", ";nonce=\"2\"")), good());
    memory.ledger().fail(Some(AtomicFailure::Absent));
    assert_eq!(ask(&memory, &current, signed("a", ";nonce=\"3\"")), (503, "identity-unavailable".to_owned()));
    // A forged one does not even ask the store.
    let mut forged = signed("a", ";nonce=\"4\"");
    forged.target = "/other".into();
    assert_eq!(ask(&memory, &current, forged), refused("credentials-invalid"));
}

/// What the gateway signs is judged by the rules for clients, with the upstream's sight of the request.
fn upstream_takes(seen: &tidegate_memory::Seen, authority: &str, components: &[&str], now_s: u64) -> bool {
    let key = Key::from_jwk(public().as_object().unwrap()).unwrap();
    let known =
        KnownKey { algorithm: Algorithm::Ed25519, key, consumer: "gateway".into(), scopes: vec![], roles: vec![] };
    let rules = Rules {
        keys: BTreeMap::from([("gw".to_owned(), known)]),
        components: components.iter().map(|name| Component::parse(name).unwrap()).collect(),
        digest: false,
        window: Duration::from_secs(300),
        nonce: false,
        tag: Some("tidegate".into()),
        max_body: 0,
    };
    let method = Method::from_bytes(seen.method.as_str().as_bytes()).unwrap();
    let (path, query) = seen.path_and_query.split_once('?').unwrap();
    let headers: &HeaderMap = &seen.headers;
    let message = Message {
        method: &method,
        scheme: Scheme::Http,
        authority: Some(authority),
        path,
        query: Some(query),
        headers,
    };
    let Ok(Some(found)) = rules.find("a", &message, false, now_s * 1000) else { return false };
    let candidate = &found[0];
    router_core::authenticate::jose::verify(
        candidate.known.algorithm.jose(),
        &candidate.known.key,
        candidate.base.as_bytes(),
        &candidate.signature,
    )
}

fn signing_gateway(memory: &Memory, sign: Value, host: &Value) -> Result<Rc<Current>, String> {
    let mut all = json!({"algorithm": "ed25519", "key": "${secret:KEY}", "keyid": "gw", "tag": "tidegate"});
    all.as_object_mut().unwrap().extend(sign.as_object().unwrap().clone());
    let document = json!({
        "upstreams": {"a": {"targets": [{"url": "http://A.test:80/base"}], "sign": all, "host": host}},
        "routes": [{"name": "a", "to": {"upstream": "a"}, "request": {"headers": {"set": {"x-tenant": "blue"}}}}],
    });
    memory.start(document).map_err(|found| {
        found.iter().map(|found| format!("{} {}", found.path, found.code)).collect::<Vec<_>>().join("; ")
    })
}

#[test]
fn an_upstream_can_check_what_the_gateway_signed() {
    let memory = Memory::new(1, BTreeMap::from([("KEY".to_owned(), PRIVATE.to_owned())]));
    let components = ["@method", "@target-uri", "x-tenant"];
    let sign = json!({"components": components, "lifetime": "30s"});
    for (host, authority) in [(json!("target"), "a.test"), (json!({"name": "other.test"}), "other.test")] {
        let current = signing_gateway(&memory, sign.clone(), &host).unwrap();
        memory.script().expect(Play::Answer(Scripted::default()));
        // What a client calls a signature is not the gateway's word.
        let incoming = Incoming::get("/x/../y?z").with("signature", "tidegate=:AA==:").with("x-tenant", "red");
        executor::run(memory.answer(&current, incoming)).unwrap();
        let seen = memory.script().take_seen();
        assert_eq!(seen[0].path_and_query, "/base/y?z");
        assert_eq!(seen[0].headers.get_all("signature").iter().count(), 1);
        assert!(upstream_takes(&seen[0], authority, &components, START));
        assert!(!upstream_takes(&seen[0], "b.test", &components, START));
        assert!(!upstream_takes(&seen[0], authority, &components, START + 31));
    }
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_its_place() {
    let memory = Memory::new(1, BTreeMap::from([("KEY".to_owned(), PRIVATE.to_owned())]));
    let at = "upstreams.a.sign";
    for (sign, expected) in [
        (json!({"algorithm": "hmac-sha256"}), format!("{at}.key key")),
        (json!({"algorithm": "rsa-pss-sha512"}), format!("{at}.algorithm algorithm")),
        (json!({"key": "{}"}), format!("{at}.key key")),
        (json!({"key": "secret words"}), format!("{at}.key key")),
        (json!({"keyid": "é"}), format!("{at}.keyid keyid")),
        (json!({"components": ["host"]}), format!("{at}.components component")),
        (json!({"components": ["content-length"]}), format!("{at}.components component")),
        (json!({"components": ["@status"]}), format!("{at}.components[0] component")),
        (json!({"lifetime": "1d"}), format!("{at}.lifetime duration")),
    ] {
        let found = signing_gateway(&memory, sign, &json!("target")).err().unwrap_or_default();
        assert!(found.contains(&expected), "expected {expected}, found {found}");
        assert!(!found.contains("secret words") && !found.contains("n4Ni"), "{found}");
    }
    let wrong = |rules: Value| {
        let document = json!({"authenticate": {"authenticators": {"a": {"signature": rules}}}, "routes": []});
        let found = memory.start(document).err().unwrap();
        found.iter().map(|found| format!("{} {}", found.path, found.code)).collect::<Vec<_>>().join("; ")
    };
    let at = "authenticate.authenticators.a.signature";
    let key = json!({"algorithm": "ed25519", "key": public()});
    for (rules, expected) in [
        (json!({"keys": {}}), format!("{at}.keys keys")),
        (json!({"keys": {"k": {"algorithm": "ecdsa-p256-sha256", "key": public()}}}), format!("{at}.keys.k.key key")),
        (json!({"keys": {"k": {"algorithm": "ed448", "key": public()}}}), format!("{at}.keys.k.algorithm algorithm")),
        (json!({"keys": {"k": key}, "components": ["@method", "@method"]}), format!("{at}.components[1] component")),
        (json!({"keys": {"k": key}, "components": ["date;req"]}), format!("{at}.components[0] component")),
        (json!({"keys": {"k": key}, "window": "0s"}), format!("{at}.window duration")),
    ] {
        let found = wrong(rules);
        assert!(found.contains(&expected), "expected {expected}, found {found}");
    }
}
