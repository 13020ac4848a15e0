//! Secrets that change while the document stays as it is: nothing that was remembered under the old ones is believed under the new.

use std::collections::BTreeMap;
use std::rc::Rc;

use edge::Current;
use router_core::authenticate::api_key::{KeyHash, Pepper, Prefix, RANDOM_BYTES, generate, parse, store_key};
use router_core::authenticate::jose::{SigningKey, base64};
use router_core::config::variables::{Kind, Known};
use router_core::config::{Purpose, compile_value};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Play, Scripted, ScriptedBody, executor};

/// A gateway of the document with `secret` in it.
fn gateway(authenticator: &Value, secret: &str) -> Rc<Current> {
    let document = json!({
        "authenticate": {"authenticators": {"main": authenticator}},
        "routes": [{
            "name": "a",
            "authenticate": {"any": ["main"]},
            "response": {"headers": {"set": {"x-a": "${secret:ANY}"}}},
            "to": {"respond": {"body": "in"}},
        }],
    });
    let mut known = Known::default();
    known.insert(Kind::Secret, "ANY".into(), secret.into());
    let checked = compile_value(&document, &known, Purpose::Run);
    Current::new(checked.gateway.unwrap_or_else(|| panic!("{:?}", checked.diagnostics)))
}

fn status(memory: &Memory, current: &Rc<Current>, field: &str, credential: &str) -> u16 {
    let incoming = Incoming::get("/").with(field, credential);
    executor::run(memory.answer(current, incoming)).unwrap().status.as_u16()
}

#[test]
fn a_token_that_the_old_secret_signed_is_refused_under_the_new_one() {
    let memory = Memory::new(1, BTreeMap::new());
    let (old, new) = (base64::encode_url(&[7; 32]), base64::encode_url(&[8; 32]));
    let jwk = |k: &str| json!({"kty": "oct", "k": k});
    let rules = json!({"jwt": {
        "issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["HS256"], "keys": {"inline": [jwk("${secret:ANY}")]},
    }});
    let now = memory.clock().unix_ms() / 1000;
    let claims = json!({"iss": "https://issuer.test", "aud": "api", "sub": "ann", "exp": now + 3600}).to_string();
    let key = SigningKey::from_jwk(jwk(&old).as_object().unwrap()).unwrap();
    let bearer = format!("Bearer {}", key.compact(json!({}).as_object().unwrap(), claims.as_bytes()));
    assert_eq!(status(&memory, &gateway(&rules, &old), "authorization", &bearer), 200);
    assert_eq!(status(&memory, &gateway(&rules, &new), "authorization", &bearer), 401);
    assert_eq!(status(&memory, &gateway(&rules, &old), "authorization", &bearer), 200);
}

#[test]
fn what_the_issuer_told_the_old_client_is_asked_for_by_the_new_one() {
    let memory = Memory::default();
    let rules = json!({"introspection": {
        "endpoint": "https://issuer.test/introspect", "client_id": "gateway", "client_secret": "${secret:ANY}",
    }});
    let says = |answer: Value| {
        let body = ScriptedBody::new([answer.to_string().into()]);
        memory.script().expect(Play::Answer(Scripted { body, ..Scripted::default() }));
    };
    says(json!({"active": true, "sub": "ann"}));
    for _ in 0..2 {
        assert_eq!(status(&memory, &gateway(&rules, "one"), "authorization", "Bearer opaque"), 200);
    }
    says(json!({"active": false}));
    assert_eq!(status(&memory, &gateway(&rules, "two"), "authorization", "Bearer opaque"), 401);
}

#[test]
fn a_key_that_was_looked_up_is_looked_up_again() {
    const PEPPER: &str = "0123456789abcdef0123456789abcdef";
    let memory = Memory::default();
    let prefix = Prefix::new("tide").unwrap();
    let key = generate(&prefix, &[1; RANDOM_BYTES]).unwrap();
    let hash: KeyHash = Pepper::new(PEPPER).unwrap().hash(parse(&key, &prefix).unwrap());
    let at = store_key("main", &hash);
    memory.store().insert(&at, json!({"hash": hash.to_string(), "consumer": "acme"}).to_string());
    let rules = json!({"api_key": {"prefix": "tide", "pepper": PEPPER}});
    assert_eq!(status(&memory, &gateway(&rules, "one"), "x-api-key", &key), 200);
    memory.store().remove(&at);
    assert_eq!(status(&memory, &gateway(&rules, "one"), "x-api-key", &key), 200);
    assert_eq!(status(&memory, &gateway(&rules, "two"), "x-api-key", &key), 401);
}
