//! What an upstream learns of who asks, seen through the journey.

use std::rc::Rc;

use edge::Current;
use http::HeaderMap;
use proptest::prelude::*;
use router_core::authenticate::jose::{Algorithm, Digest, Jws, KeyList, SigningKey, base64, verify};
use router_core::config::Severity;
use serde_json::{Map, Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, Seen, executor};

const SECRET: &str = "a secret that both sides know, long enough";
/// RFC 8037 appendix A.1.
const SIGNER: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// RFC 7517 appendix A.1 has no Ed25519 key; this is the public one of RFC 8032 section 7.1, test 2.
const NEXT: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}"#;

/// A token with these claims.
fn token(claims: &Value) -> String {
    let mut all = json!({"iss": "https://id.example", "aud": "api", "exp": 4_000_000_000_u64, "sub": "jo"});
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    let jwk = json!({"kty": "oct", "k": base64::encode_url(SECRET.as_bytes())});
    let key = SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap();
    key.compact(&Map::new(), all.to_string().as_bytes())
}

/// `/private` with this `forward`, `/optional` beside it, `/public` for everyone, `/shadow`, and `/off`.
fn document(forward: &Value) -> Value {
    let jwt = json!({"issuer": "https://id.example", "audience": ["api"], "algorithms": ["HS256"], "keys": {"secret": SECRET},
        "in": [{"authorization": "bearer"}, {"cookie": "session"}, {"query": "token"}, {"header": "X-Token"}]});
    let route = |name: &str, policy: Value| json!({"name": name, "match": {"paths": [{"prefix": format!("/{name}")}]}, "authenticate": policy, "to": {"upstream": "shop"}});
    let policy = |extra: Value| {
        let mut policy = json!({"any": ["main"], "forward": forward});
        for (name, value) in extra.as_object().unwrap() {
            policy[name] = value.clone();
        }
        policy
    };
    json!({
        "upstreams": {"shop": {"targets": [{"url": "http://shop.test/base"}]}},
        "authenticate": {
            "authenticators": {"main": {"jwt": jwt}},
            "assertion": {"key": SIGNER, "issuer": "https://api.example", "published": [serde_json::from_str::<Value>(NEXT).unwrap()]},
        },
        "routes": [
            route("private", policy(json!({}))),
            route("optional", policy(json!({"optional": true}))),
            route("shadow", policy(json!({"mode": "shadow"}))),
            route("off", policy(json!({"mode": "off", "forward": {"headers": {"X-Only-Off": {"claim": "sub"}}}}))),
            {"name": "public", "match": {"paths": [{"prefix": "/public"}]}, "to": {"upstream": "shop"}},
        ],
    })
}

struct Gate {
    memory: Memory,
    current: Rc<Current>,
}

impl Gate {
    fn new(forward: &Value) -> Self {
        let memory = Memory::default();
        let current = memory.start(document(forward)).unwrap();
        Self { memory, current }
    }

    fn answer(&self, incoming: Incoming) -> Outgoing {
        executor::run(self.memory.answer(&self.current, incoming)).unwrap()
    }

    /// What the upstream sees of a request that must reach it.
    fn seen(&self, incoming: Incoming) -> Seen {
        self.memory.script().expect(Play::Answer(Scripted::default()));
        let answer = self.answer(incoming);
        let mut seen = self.memory.script().take_seen();
        assert_eq!((answer.status.as_u16(), seen.len()), (200, 1), "{:?}", answer.body());
        seen.remove(0)
    }

    /// Status and code of a request that must not reach the upstream.
    fn refused(&self, incoming: Incoming) -> (u16, String) {
        let answer = self.answer(incoming);
        assert!(self.memory.script().take_seen().is_empty());
        let problem: Value = serde_json::from_slice(&answer.body()).unwrap();
        let code = problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
        (answer.status.as_u16(), code)
    }
}

fn with(claims: &Value, target: &str) -> Incoming {
    Incoming::get(target).with("authorization", format!("Bearer {}", token(claims)))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn mapped() -> Value {
    json!({"headers": {
        "X-User": {"claim": "sub"},
        "X-Groups": {"optional_claim": "realm.groups"},
        "X-Scopes": {"consumer": "scopes"},
        "X-Who": {"consumer": "id"},
        "X-How": {"consumer": "authenticator"},
        "X-Plan": {"consumer": "plan"},
    }})
}

#[test]
fn claims_become_fields() {
    let gate = Gate::new(&mapped());
    let claims = json!({"sub": "jo", "realm": {"groups": ["a", 7, true]}, "scope": "read write"});
    let seen = gate.seen(with(&claims, "/private"));
    let told = |name| text(&seen.headers, name);
    assert_eq!(
        (told("x-user"), told("x-groups"), told("x-scopes")),
        (Some("jo"), Some("a,7,true"), Some("read,write"))
    );
    assert_eq!((told("x-who"), told("x-how"), told("x-plan")), (Some("jo"), Some("main"), None));
}

#[test]
fn a_claim_that_is_absent_or_fits_no_field_is_refused_unless_it_may_be_absent() {
    let gate = Gate::new(&json!({"headers": {"X-Tenant": {"claim": "tenant"}, "X-Note": {"optional_claim": "note"}}}));
    let missing = (403, "claim-missing".to_owned());
    for claims in
        [json!({}), json!({"tenant": null}), json!({"tenant": ""}), json!({"tenant": []}), json!({"tenant": {}})]
    {
        assert_eq!(gate.refused(with(&claims, "/private")), missing, "{claims}");
    }
    for note in [json!("a\r\nx-tenant: b"), json!({"a": 1}), json!(["a,b"]), json!(["a", ["b"]])] {
        assert_eq!(gate.refused(with(&json!({"tenant": "t", "note": note}), "/private")), missing, "{note}");
    }
    for note in [json!(null), json!(""), json!([])] {
        let seen = gate.seen(with(&json!({"tenant": "t", "note": note}), "/private"));
        assert_eq!((text(&seen.headers, "x-tenant"), text(&seen.headers, "x-note")), (Some("t"), None));
    }
    // Of nobody nothing is told.
    assert_eq!(text(&gate.seen(Incoming::get("/optional")).headers, "x-tenant"), None);
}

#[test]
fn a_policy_in_shadow_tells_what_it_knows_and_takes_nothing() {
    let gate = Gate::new(&mapped());
    let seen = gate.seen(with(&json!({}), "/shadow?token=x&a=1"));
    assert!(seen.headers.contains_key("authorization"));
    assert_eq!((text(&seen.headers, "x-user"), seen.path_and_query.as_str()), (Some("jo"), "/base/shadow?token=x&a=1"));
    let seen = gate.seen(Incoming::get("/shadow").with("x-user", "root").with("authorization", "Bearer x"));
    assert!(!seen.headers.contains_key("x-user"));
}

#[test]
fn credentials_end_at_the_gateway() {
    let gate = Gate::new(&json!({}));
    let token = token(&json!({}));
    let seen = gate.seen(
        with(&json!({}), "/private").with("dpop", "proof").with("x-token", "x").with("cookie", "a=1; session=x; b=2"),
    );
    for gone in ["authorization", "dpop", "x-token"] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(text(&seen.headers, "cookie"), Some("a=1; b=2"));
    let seen = gate.seen(Incoming::get(&format!("/private?a=%41&token={token}&b")));
    assert_eq!(seen.path_and_query, "/base/private?a=%41&b");
    let seen = gate.seen(Incoming::get(&format!("/private?tok%65n={token}")));
    assert_eq!(seen.path_and_query, "/base/private");
    // Nobody reads them on a route for everyone.
    let seen = gate.seen(Incoming::get("/public?token=x").with("authorization", "Bearer x"));
    assert_eq!(
        (seen.path_and_query.as_str(), text(&seen.headers, "authorization")),
        ("/base/public?token=x", Some("Bearer x"))
    );
}

#[test]
fn credentials_are_kept_where_they_are_wanted_but_never_in_a_url() {
    let gate = Gate::new(&json!({"credentials": "keep"}));
    let sent = with(&json!({}), "/private?token=x&a").with("cookie", "session=x");
    let seen = gate.seen(sent);
    assert!(text(&seen.headers, "authorization").unwrap().starts_with("Bearer "));
    assert_eq!((text(&seen.headers, "cookie"), seen.path_and_query.as_str()), (Some("session=x"), "/base/private?a"));
}

#[test]
fn no_line_of_the_log_holds_a_credential() {
    let gate = Gate::new(&json!({}));
    let token = token(&json!({}));
    gate.seen(Incoming::get(&format!("/private?token={token}")));
    gate.refused(Incoming::get(&format!("/private?token={token}x")));
    gate.refused(Incoming::get("/private").with("cookie", format!("session={token}x")));
    let lines = gate.memory.lines().take();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| !line.contains(&token[..20])), "{lines:?}");
}

#[test]
fn a_statement_can_be_verified_by_the_upstream_alone() {
    let gate = Gate::new(&json!({"assertion": true}));
    let seen = gate.seen(with(&json!({"scope": "read"}), "/private/a?b=c").method("PUT"));
    let statement = text(&seen.headers, "x-gateway-identity").unwrap();
    let published = gate.answer(Incoming::get("/.well-known/tidegate/jwks.json"));
    let keys = KeyList::parse(&published.body()).unwrap();
    let jws = Jws::parse(statement, 8192).unwrap();
    assert_eq!(jws.token_type(), Some("tidegate-identity+jwt"));
    let key = keys.candidates(jws.kid(), Algorithm::EdDsa).next().unwrap();
    assert!(verify(Algorithm::EdDsa, key, jws.signed.as_bytes(), &jws.signature));
    let claims: Value = serde_json::from_slice(&jws.payload).unwrap();
    assert_eq!((&claims["sub"], &claims["aud"], &claims["scopes"]), (&json!("jo"), &json!("shop"), &json!(["read"])));
    // It is bound to what the upstream sees: the path behind the target's base.
    let hash = base64::encode_url(&Digest::Sha256.of(format!("PUT {}", seen.path_and_query).as_bytes()));
    assert_eq!(claims["req"], json!({"htm": "PUT", "htp": "/base/private/a", "hash": hash}));
    let again = gate.seen(with(&json!({}), "/private/a"));
    let other = Jws::parse(text(&again.headers, "x-gateway-identity").unwrap(), 8192).unwrap();
    let other: Value = serde_json::from_slice(&other.payload).unwrap();
    assert_ne!(other["jti"], claims["jti"]);
}

#[test]
fn nothing_is_stated_about_nobody() {
    let gate = Gate::new(&json!({"assertion": true}));
    for target in ["/optional", "/public"] {
        let seen = gate.seen(Incoming::get(target).with("X-Gateway-Identity", "mine"));
        assert!(!seen.headers.contains_key("x-gateway-identity"), "{target}");
    }
}

#[test]
fn the_keys_are_published_in_front_of_all_routes() {
    let gate = Gate::new(&json!({}));
    let path = "/.well-known/tidegate/jwks.json";
    let answer = gate.answer(Incoming::get(path));
    assert_eq!((answer.status.as_u16(), text(&answer.headers, "cache-control")), (200, Some("public, max-age=3600")));
    assert_eq!(text(&answer.headers, "content-type"), Some("application/jwk-set+json"));
    let keys: Value = serde_json::from_slice(&answer.body()).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let mut names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    let head = gate.answer(Incoming::get(path).method("HEAD"));
    assert_eq!((head.status.as_u16(), head.body().len()), (200, 0));
    let posted = gate.answer(Incoming::get(path).method("POST"));
    assert_eq!((posted.status.as_u16(), text(&posted.headers, "allow")), (405, Some("GET, HEAD")));
    assert!(gate.memory.script().take_seen().is_empty());
}

#[test]
fn a_route_may_say_something_fixed_in_an_identity_field() {
    let memory = Memory::default();
    let mut document = document(&mapped());
    document["routes"][4]["request"] = json!({"headers": {"set": {"x-user": "anonymous"}}});
    let gate = Gate { current: memory.start(document).unwrap(), memory };
    let seen = gate.seen(Incoming::get("/public").with("x-user", "root").with("x_user", "root"));
    assert_eq!(seen.headers.get_all("x-user").iter().collect::<Vec<_>>(), ["anonymous"]);
    assert!(!seen.headers.contains_key("x_user"));
}

/// The codes and places of what is wrong with a document, without warnings.
fn wrong(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut document = document(&json!({}));
    change(&mut document);
    let found = Memory::default().start(document).err().unwrap();
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| format!("{} {}", one.code, one.path)).collect()
}

#[test]
fn fields_that_mean_something_else_cannot_tell_who_asks() {
    for name in [
        "Host",
        "Authorization",
        "connection",
        "Content-Type",
        "X-Forwarded-For",
        "x_forwarded_user",
        "Via",
        "Cookie",
        "Client-Cert",
        "client_cert_chain",
        "X-Gateway-Identity",
        "X-Token",
        "x_token",
        "CF-Connecting-IP",
        "a b",
    ] {
        let found = wrong(|document| {
            document["routes"][0]["authenticate"]["forward"] = json!({"headers": {name: {"claim": "sub"}}})
        });
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert!(found[0].contains("identity-header") || found[0].contains("header-name"), "{found:?}");
    }
    let twice = json!({"headers": {"X-User": {"claim": "sub"}, "x_user": {"claim": "sub"}}});
    assert_eq!(wrong(|document| document["routes"][0]["authenticate"]["forward"] = twice).len(), 1);
}

#[test]
fn every_mistake_of_identity_has_its_place() {
    let forward = json!({"headers": {"X-A": {"claim": "a..b"}, "X-B": {"consumer": "name"}}, "assertion": true});
    let found = wrong(|document| {
        document["routes"][0]["authenticate"]["forward"] = forward;
        document["authenticate"].as_object_mut().unwrap().remove("assertion");
    });
    let place = "routes[0].authenticate.forward";
    assert_eq!(
        found,
        [
            format!("claim-path {place}.headers.X-A.claim"),
            format!("consumer-fact {place}.headers.X-B.consumer"),
            format!("no-assertion {place}.assertion"),
        ]
    );
    let signer: Value = serde_json::from_str(SIGNER).unwrap();
    let found = wrong(|document| {
        document["authenticate"]["assertion"] = json!({
            "key": "nothing", "issuer": "api", "header": "Host", "lifetime": "10m", "keys_path": "jwks",
            "published": [signer, 7, {"kty": "oct"}],
        });
    });
    let place = "authenticate.assertion";
    let expected = [
        "signing-key key",
        "published-key published[0]",
        "published-key published[1]",
        "published-key published[2]",
        "issuer issuer",
        "identity-header header",
        "lifetime lifetime",
        "path keys_path",
    ];
    assert_eq!(found, expected.map(|one| one.replace(' ', &format!(" {place}."))));
    // A key that is secret is told to nobody.
    for diagnostic in Memory::default()
        .start({
            let mut document = document(&json!({}));
            document["authenticate"]["assertion"]["key"] = json!(format!("{SIGNER}x"));
            document
        })
        .err()
        .unwrap()
        .iter()
    {
        assert!(!format!("{diagnostic:?}").contains("nWGxne"), "{diagnostic:?}");
    }
}

proptest! {
    #[test]
    fn no_spelling_of_an_identity_field_reaches_an_upstream_with_a_clients_value(
        field in prop::sample::select(vec!["x-user", "x-groups", "x-plan", "x-only-off", "x-gateway-identity", "client-cert", "client-cert-chain"]),
        marks in proptest::collection::vec(prop::sample::select(vec!['-', '_', '.', '~', '!']), 3),
        upper in proptest::collection::vec(any::<bool>(), 24),
        target in prop::sample::select(vec!["/private", "/optional", "/shadow", "/off", "/public"]),
        known: bool,
        connection: bool,
        times in 1..3_usize,
    ) {
        let mut forward = mapped();
        forward["assertion"] = json!(true);
        forward["certificate"] = json!(true);
        let gate = Gate::new(&forward);
        let mut marks = marks.into_iter();
        let name: String = field.chars().zip(upper).map(|(char, upper)| match char {
            '-' => marks.next().unwrap(),
            char if upper => char.to_ascii_uppercase(),
            char => char,
        }).collect();
        let mut incoming = if known || target == "/private" { with(&json!({}), target) } else { Incoming::get(target) };
        for _ in 0..times {
            incoming = incoming.with(&name, "the client's");
        }
        if connection {
            incoming = incoming.with("connection", &name);
        }
        let seen = gate.seen(incoming);
        prop_assert!(seen.headers.values().all(|value| value != "the client's"), "{name}: {:?}", seen.headers);
    }
}
