//! Tokens on their whole way: from the request to the answer.

use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use router_core::authenticate::jose::{Algorithm, SigningKey, base64};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, executor};

/// 2026-01-01T00:00:00Z, where the clock of this platform stands.
const NOW: u64 = 1_767_225_600;

/// One token of each algorithm, made with other software.
const TOKENS: &str = include_str!("../../../router-core/src/authenticate/jose/tests/tokens.json");

/// When they were made.
const MADE: u64 = 1_893_452_400;

fn edwards_jwk() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "e1", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn secret_jwk() -> Value {
    json!({"kty": "oct", "kid": "h1", "k": base64::encode_url(&[7; 32])})
}

fn signing(jwk: &Value) -> SigningKey {
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

fn public(mut jwk: Value) -> Value {
    jwk.as_object_mut().unwrap().remove("d");
    jwk
}

/// An authenticator for Ed25519 tokens, with these members in place of its own.
fn edwards(changes: Value) -> Value {
    let mut jwt = json!({
        "issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["EdDSA"], "keys": {"inline": [public(edwards_jwk())]},
    });
    for (name, value) in changes.as_object().unwrap() {
        jwt[name] = value.clone();
    }
    json!({"jwt": jwt})
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": "https://issuer.test", "aud": "api", "sub": "ann", "iat": NOW, "exp": NOW + 3600});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// A token of the issuer.
fn token(changes: Value) -> String {
    signed(&edwards_jwk(), &json!({"kid": "e1"}), &claims(changes))
}

fn signed(jwk: &Value, header: &Value, claims: &Value) -> String {
    signing(jwk).compact(header.as_object().unwrap(), claims.to_string().as_bytes())
}

/// A gateway with these authenticators, of which any lets in.
struct Gateway {
    memory: Memory,
    current: Rc<Current>,
}

impl Gateway {
    fn of(authenticators: &[(&str, Value)]) -> Self {
        Self::on(&Memory::default(), authenticators)
    }

    fn on(memory: &Memory, authenticators: &[(&str, Value)]) -> Self {
        let names: Vec<&str> = authenticators.iter().map(|(name, _)| *name).collect();
        let authenticators: serde_json::Map<String, Value> =
            authenticators.iter().map(|(name, authenticator)| ((*name).to_owned(), authenticator.clone())).collect();
        let document = json!({
            "authenticate": {"authenticators": authenticators, "default": {"any": names}},
            "routes": [{"name": "a", "to": {"respond": {"body": "in"}}}],
        });
        let current = memory.start(document).unwrap_or_else(|found| panic!("{found:?}"));
        Self { memory: memory.clone(), current }
    }

    /// Status, and who it was or what was wrong.
    fn asks(&self, incoming: Incoming) -> (u16, String) {
        let answer = executor::run(self.memory.answer(&self.current, incoming)).unwrap();
        let line: Value = serde_json::from_str(&self.memory.lines().take().pop().unwrap()).unwrap();
        let status = answer.status.as_u16();
        let said = match status {
            200 => format!("{} by {}", line["consumer"].as_str().unwrap(), line["authenticator"].as_str().unwrap()),
            _ => {
                let problem: Value = serde_json::from_slice(&answer.body()).unwrap();
                problem["type"].as_str().unwrap().trim_start_matches("urn:tidegate:problem:").to_owned()
            }
        };
        (status, said)
    }

    fn bears(&self, token: &str) -> (u16, String) {
        self.asks(Incoming::get("/").with("authorization", format!("Bearer {token}")))
    }
}

fn verdict(status: u16, said: &str) -> (u16, String) {
    (status, said.to_owned())
}

#[test]
fn a_token_says_whose_it_is() {
    let gateway = Gateway::of(&[("main", edwards(json!({})))]);
    assert_eq!(gateway.bears(&token(json!({}))), verdict(200, "ann by main"));
    assert_eq!(gateway.asks(Incoming::get("/")), verdict(401, "credentials-missing"));
    assert_eq!(
        gateway.asks(Incoming::get("/").with("authorization", "Basic YTpi")),
        verdict(401, "credentials-missing")
    );
}

#[test]
fn every_refusal_has_its_code() {
    let gateway = Gateway::of(&[("main", edwards(json!({"type": "at+jwt"})))]);
    let typed = |typ: &str, changes: Value| signed(&edwards_jwk(), &json!({"typ": typ}), &claims(changes));
    assert_eq!(gateway.bears(&typed("at+jwt", json!({}))).0, 200);
    for (token, code) in [
        (typed("JWT", json!({})), "credentials-invalid"),
        (typed("at+jwt", json!({"iss": "https://other.test"})), "credentials-invalid"),
        (typed("at+jwt", json!({"aud": "other"})), "credentials-invalid"),
        (typed("at+jwt", json!({"sub": ""})), "credentials-invalid"),
        (typed("at+jwt", json!({"exp": NOW - 30})), "credentials-expired"),
        (typed("at+jwt", json!({"nbf": NOW + 31})), "credentials-not-yet-valid"),
        (typed("at+jwt", json!({"exp": "never"})), "credentials-malformed"),
        (signed(&secret_jwk(), &json!({"typ": "at+jwt"}), &claims(json!({}))), "credentials-invalid"),
        ("abc".to_owned(), "credentials-malformed"),
        (String::new(), "credentials-malformed"),
        ("x".repeat(8193), "credentials-malformed"),
    ] {
        assert_eq!(gateway.bears(&token), verdict(401, code), "{token}");
    }
    let twice = Incoming::get("/").with("authorization", "Bearer a").with("authorization", "Bearer b");
    assert_eq!(gateway.asks(twice), verdict(400, "credentials-ambiguous"));
}

#[test]
fn a_token_is_taken_from_where_it_may_stand() {
    let gateway = Gateway::of(&[("main", edwards(json!({"in": [{"cookie": "session"}, {"query": "access_token"}]})))]);
    let token = token(json!({}));
    assert_eq!(gateway.asks(Incoming::get("/").with("cookie", format!("a=b; session={token}"))).0, 200);
    assert_eq!(gateway.asks(Incoming::get(&format!("/?access_token={token}"))).0, 200);
    assert_eq!(gateway.bears(&token), verdict(401, "credentials-missing"));
    assert_eq!(
        gateway.asks(Incoming::get(&format!("/?access_token={token}&access_token={token}"))),
        verdict(400, "credentials-ambiguous")
    );
}

#[test]
fn a_repeated_token_is_verified_once_in_five_minutes() {
    let gateway = Gateway::of(&[("main", edwards(json!({})))]);
    let token = token(json!({}));
    for _ in 0..3 {
        assert_eq!(gateway.bears(&token), verdict(200, "ann by main"));
    }
    gateway.memory.clock().forward(Duration::from_secs(299));
    assert_eq!(gateway.bears(&token).0, 200);
    assert_eq!(gateway.memory.verified(), 1);
    gateway.memory.clock().forward(Duration::from_secs(1));
    assert_eq!(gateway.bears(&token).0, 200);
    assert_eq!(gateway.memory.verified(), 2);
}

#[test]
fn a_remembered_token_ends_in_time() {
    let gateway = Gateway::of(&[("main", edwards(json!({})))]);
    let token = token(json!({"exp": NOW + 60}));
    assert_eq!(gateway.bears(&token).0, 200);
    gateway.memory.clock().forward(Duration::from_secs(89));
    assert_eq!(gateway.bears(&token).0, 200);
    gateway.memory.clock().forward(Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(gateway.bears(&token), verdict(401, "credentials-expired"));
    }
    // A clock that is set right does not make it fresh without a look.
    gateway.memory.clock().back(Duration::from_secs(30));
    let verified = gateway.memory.verified();
    assert_eq!((gateway.bears(&token).0, gateway.memory.verified()), (200, verified + 1));
}

#[test]
fn a_token_that_is_not_good_is_not_remembered() {
    let gateway = Gateway::of(&[("main", edwards(json!({})))]);
    let early = token(json!({"nbf": NOW + 60}));
    assert_eq!(gateway.bears(&early), verdict(401, "credentials-not-yet-valid"));
    gateway.memory.clock().forward(Duration::from_secs(60));
    assert_eq!((gateway.bears(&early).0, gateway.memory.verified()), (200, 2));
}

#[test]
fn what_is_remembered_belongs_to_one_configuration_and_one_authenticator() {
    let memory = Memory::default();
    let token = token(json!({}));
    assert_eq!(Gateway::on(&memory, &[("main", edwards(json!({})))]).bears(&token), verdict(200, "ann by main"));
    // The same instance with a newer configuration.
    let stricter = Gateway::on(&memory, &[("main", edwards(json!({"audience": ["other"]})))]);
    assert_eq!(stricter.bears(&token), verdict(401, "credentials-invalid"));
    // Two authenticators of one configuration.
    let two = [("first", edwards(json!({"audience": ["other"]}))), ("second", edwards(json!({"consumer": "iss"})))];
    let both = Gateway::on(&memory, &two);
    for _ in 0..2 {
        assert_eq!(both.bears(&token), verdict(200, "https://issuer.test by second"));
    }
}

#[test]
fn a_token_that_only_one_issuer_could_have_made_is_refused_as_that_one_refuses_it() {
    let foreign = edwards(json!({"issuer": "https://other.test"}));
    let gateway = Gateway::of(&[("foreign", foreign.clone()), ("main", edwards(json!({}))), ("last", foreign)]);
    let expired = token(json!({"exp": NOW - 3600}));
    assert_eq!(gateway.bears(&expired), verdict(401, "credentials-expired"));
}

#[test]
fn nobody_asks_a_key_server_about_a_token_that_is_not_its_issuers() {
    let remote = |changes: Value| {
        let mut remote = edwards(json!({"issuer": "https://other.test", "keys": {"jwks": "https://other.test/jwks"}}));
        for (name, value) in changes.as_object().unwrap() {
            remote["jwt"][name] = value.clone();
        }
        remote
    };
    let gateway = Gateway::of(&[("other", remote(json!({}))), ("main", edwards(json!({})))]);
    assert_eq!(gateway.bears(&token(json!({}))), verdict(200, "ann by main"));
    assert_eq!(gateway.memory.verified(), 1);

    let alone = Gateway::of(&[("other", remote(json!({})))]);
    let theirs = |header: Value| signed(&edwards_jwk(), &header, &claims(json!({"iss": "https://other.test"})));
    for foreign in [
        token(json!({})),
        token(json!({"iss": "https://other.test.attacker.test"})),
        signed(&secret_jwk(), &json!({}), &claims(json!({"iss": "https://other.test"}))),
        theirs(json!({"kid": "k".repeat(257)})),
        theirs(json!({"crit": ["x"]})),
        theirs(json!({"typ": "logout+jwt"})),
    ] {
        assert_eq!(alone.bears(&foreign).0, 401);
    }
    for memory in [&gateway.memory, &alone.memory] {
        assert!(memory.script().take_seen().is_empty());
    }
}

#[test]
fn without_keys_nobody_is_let_in_and_nobody_is_called_a_liar() {
    let gateway = Gateway::of(&[("main", edwards(json!({"keys": {"jwks": "https://issuer.test/jwks"}})))]);
    gateway.memory.script().refuse("issuer.test");
    assert_eq!(gateway.bears(&token(json!({}))).0, 503);
    assert_eq!(gateway.memory.verified(), 0);
}

#[test]
fn a_bound_token_needs_its_proof_each_time() {
    let gateway = Gateway::of(&[("main", edwards(json!({})))]);
    let bound = token(json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}));
    for _ in 0..2 {
        assert_eq!(gateway.bears(&bound).0, 401);
        let dpop = Incoming::get("/").with("authorization", format!("DPoP {bound}"));
        assert_eq!(gateway.asks(dpop).0, 401);
    }
    // It was verified once: the token is good, and still nobody is let in without the proof.
    assert_eq!(gateway.memory.verified(), 1);
    let open = token(json!({}));
    assert_eq!(gateway.bears(&open).0, 200);
    let always = Gateway::of(&[("main", edwards(json!({"proof": {"rule": "always"}})))]);
    assert_eq!(always.bears(&open).0, 401);
}

#[test]
fn claims_of_other_issuers_forms_are_found() {
    let gateway = Gateway::of(&[(
        "cognito",
        edwards(
            json!({"audience": ["app"], "audience_claim": "client_id", "consumer": "[\"https://issuer.test/user\"]"}),
        ),
    )]);
    let token = token(json!({"aud": "elsewhere", "client_id": "app", "https://issuer.test/user": "ann@issuer.test"}));
    assert_eq!(gateway.bears(&token), verdict(200, "ann@issuer.test by cognito"));
}

/// One change to the text of a token.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(prop::sample::Index, char),
    Insert(prop::sample::Index, char),
    Delete(prop::sample::Index),
    Cut(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    /// A bit of a part, in what it stands for.
    Flip(usize, prop::sample::Index, u8),
    /// A part of another good token.
    Borrow(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    let character = || prop_oneof![4 => "[A-Za-z0-9_-]", 1 => "[ -~]"].prop_map(|text| text.chars().next().unwrap());
    prop_oneof![
        (index(), character()).prop_map(|(at, character)| Mutation::Replace(at, character)),
        (index(), character()).prop_map(|(at, character)| Mutation::Insert(at, character)),
        index().prop_map(Mutation::Delete),
        index().prop_map(Mutation::Cut),
        (index(), index()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        (0_usize..3, index(), 0_u8..8).prop_map(|(part, at, bit)| Mutation::Flip(part, at, bit)),
        (0_usize..3).prop_map(Mutation::Borrow),
    ]
}

fn mutated(token: &str, other: &str, mutation: &Mutation) -> String {
    let mut characters: Vec<char> = token.chars().collect();
    match mutation {
        Mutation::Replace(at, character) => characters[at.index(token.len())] = *character,
        Mutation::Insert(at, character) => characters.insert(at.index(token.len() + 1), *character),
        Mutation::Delete(at) => drop(characters.remove(at.index(token.len()))),
        Mutation::Cut(at) => characters.truncate(at.index(token.len())),
        Mutation::Swap(one, other) => characters.swap(one.index(token.len()), other.index(token.len())),
        Mutation::Flip(part, at, bit) => {
            let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
            let mut bytes = base64::decode_url(&parts[*part]).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            parts[*part] = base64::encode_url(&bytes);
            return parts.join(".");
        }
        Mutation::Borrow(part) => {
            let mut parts: Vec<&str> = token.split('.').collect();
            parts[*part] = other.split('.').nth(*part).unwrap();
            return parts.join(".");
        }
    }
    characters.into_iter().collect()
}

/// Good tokens of every algorithm: the authenticator that takes one, the token, and another one to borrow from.
fn good_tokens() -> Vec<(Value, String, String)> {
    let made: Value = serde_json::from_str(TOKENS).unwrap();
    let names: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::as_str).collect();
    let token = |name: &str| made[name]["token"].as_str().unwrap().to_owned();
    let mut tokens: Vec<(Value, String, String)> = names
        .iter()
        .zip(names.iter().skip(1).chain(&names))
        .map(|(name, next)| {
            let changes = json!({
                "issuer": "https://issuer.example", "audience": ["https://api.example"], "algorithms": [name],
                "keys": {"inline": [made[*name]["key"]]},
            });
            (edwards(changes), token(name), token(next))
        })
        .collect();
    for (jwk, algorithm) in [(secret_jwk(), "HS256"), (edwards_jwk(), "EdDSA")] {
        let claims = |id: &str| claims(json!({"sub": id, "iat": MADE, "exp": MADE + 3600}));
        tokens.push((
            edwards(json!({"algorithms": [algorithm], "keys": {"inline": [public(jwk.clone())]}})),
            signed(&jwk, &json!({}), &claims("ann")),
            signed(&jwk, &json!({"kid": jwk["kid"]}), &claims("bob")),
        ));
    }
    tokens
}

#[test]
fn no_mutation_of_a_valid_token_verifies() {
    let gateway = |authenticator: &Value| {
        let gateway = Gateway::of(&[("main", authenticator.clone())]);
        gateway.memory.clock().set_unix_ms((MADE + 60) * 1000);
        gateway
    };
    let all: Vec<(Gateway, Gateway, String, String)> = good_tokens()
        .into_iter()
        .map(|(authenticator, good, other)| {
            let (cold, warm) = (gateway(&authenticator), gateway(&authenticator));
            // A token that is remembered lends nothing to one that is almost it.
            assert_eq!(warm.bears(&good).0, 200);
            (cold, warm, good, other)
        })
        .collect();
    let mut runner = TestRunner::new(ProptestConfig { cases: 1000, ..ProptestConfig::default() });
    let inputs = (any::<prop::sample::Index>(), mutation());
    let ran = runner.run(&inputs, |(which, mutation)| {
        let (cold, warm, good, other) = which.get(&all);
        let mutated = mutated(good, other, &mutation);
        // White space around a field's value is none of it.
        prop_assume!(mutated.trim() != good);
        for gateway in [cold, warm] {
            let (status, said) = gateway.bears(&mutated);
            prop_assert!(status == 401 || said == "credentials-ambiguous", "{status} {said}: {mutated}");
        }
        Ok(())
    });
    ran.unwrap();
}
