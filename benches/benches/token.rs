//! What a token costs an authenticator in the core: remembered, and read and judged without the signature. There are two: a usual one with 8 claims and
//! about 500 bytes, and a large one as Keycloak makes it, with 24 claims and about 1.7 KiB. `sha256` stands beside each: the look-up hashes the token
//! once, and cannot be faster.
#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use router_core::authenticate::jose::{Digest, SigningKey};
use router_core::authenticate::jwt::{Memory, Rules, Unverified};
use router_core::authenticate::{Kind, MemoryKey, MemoryScope};
use router_core::config::variables::NoVariables;
use router_core::config::{Purpose, compile_value};
use serde_json::{Value, json};

const NOW_MS: u64 = 1_800_000_060_000;

fn jwk() -> Value {
    json!({"kty": "oct", "kid": "h1", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"})
}

fn rules() -> Option<Rules> {
    let document = json!({"authenticate": {"authenticators": {"main": {"jwt": {
        "issuer": "https://id.example/realms/shop", "audience": ["api"], "algorithms": ["HS256"], "keys": {"inline": [jwk()]},
        "roles": "realm_access.roles",
    }}}}});
    let gateway = compile_value(&document, &NoVariables, Purpose::Run).gateway?;
    match &gateway.authenticators.first()?.kind {
        Kind::Jwt(rules) => Some((**rules).clone()),
        _ => None,
    }
}

/// An access token as RFC 9068 describes it.
fn usual() -> Value {
    json!({
        "iss": "https://id.example/realms/shop", "aud": "api", "sub": "f2a6c0de-3b1f-4d0a-8a55-6d2f0c9b7e42", "client_id": "web",
        "exp": 1_800_003_600, "iat": 1_800_000_000, "jti": "2c6c1a4e-1c5e-4c1a-9f5e-0f6f2e1d7a11",
        "scope": "openid profile orders:read orders:write",
    })
}

fn large() -> Value {
    json!({
        "exp": 1_800_003_600, "iat": 1_800_000_000, "auth_time": 1_799_999_990, "jti": "onrtac:2c6c1a4e-1c5e-4c1a-9f5e-0f6f2e1d7a11",
        "iss": "https://id.example/realms/shop", "aud": ["api", "account"], "sub": "f2a6c0de-3b1f-4d0a-8a55-6d2f0c9b7e42", "typ": "Bearer",
        "azp": "web", "sid": "7a3f8c1e-55b2-4f0e-9d5b-3a1c2e4f6b80", "acr": "1", "allowed-origins": ["https://shop.example"],
        "realm_access": {"roles": ["offline_access", "uma_authorization", "default-roles-shop", "buyer"]},
        "resource_access": {"account": {"roles": ["manage-account", "manage-account-links", "view-profile"]}},
        "scope": "openid email profile orders:read orders:write", "email_verified": true, "name": "Ann Example", "preferred_username": "ann",
        "given_name": "Ann", "family_name": "Example", "email": "ann@shop.example", "locale": "en", "plan": "gold", "tenant": "shop",
    })
}

fn signed(claims: &Value) -> Option<String> {
    let header = json!({"kid": "h1", "typ": "JWT"});
    let key = SigningKey::from_jwk(jwk().as_object()?).ok()?;
    Some(key.compact(header.as_object()?, claims.to_string().as_bytes()))
}

fn token_costs(criterion: &mut Criterion) {
    let Some(rules) = rules() else { return };
    for (name, claims) in [("token/usual", usual()), ("token/large", large())] {
        let Some(token) = signed(&claims) else { return };
        costs(criterion, name, &rules, &token);
    }
}

fn costs(criterion: &mut Criterion, name: &str, rules: &Rules, token: &str) {
    let mut group = criterion.benchmark_group(name);
    group.bench_function("sha256", |bencher| bencher.iter(|| Digest::Sha256.of(black_box(token.as_bytes()))));

    let scope = MemoryScope::of(b"configuration");
    let mut memory = Memory::default();
    let judged = Unverified::read(rules, token).and_then(|unverified| unverified.judge(rules, "main", NOW_MS));
    let Ok(judged) = judged else { return };
    memory.remember(MemoryKey::of(&scope, "main", token.as_bytes()), judged, NOW_MS);
    group.bench_function("remembered", |bencher| {
        bencher.iter(|| {
            let key = MemoryKey::of(&scope, "main", black_box(token).as_bytes());
            memory.recall(&key, rules, NOW_MS)
        });
    });
    group.bench_function("remembered-without-hash", |bencher| {
        let key = MemoryKey::of(&scope, "main", token.as_bytes());
        bencher.iter(|| memory.recall(black_box(&key), rules, NOW_MS));
    });
    group.bench_function("read-and-judged", |bencher| {
        bencher.iter(|| Unverified::read(rules, black_box(token)).map(|read| read.judge(rules, "main", NOW_MS)));
    });
    group.finish();
}

criterion_group!(benches, token_costs);
criterion_main!(benches);
