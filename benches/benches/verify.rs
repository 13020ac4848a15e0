//! Taking a token apart and verifying it, by algorithm, with the portable code. What the host has instead (WebCrypto on Workers) is measured there.
#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use router_core::authenticate::jose::{Jws, Key, KeyList, strict_json, verify};
use serde_json::Value;

/// One token of a usual issuer for each algorithm: 7 claims, a `kid`, about 400 bytes with an HMAC.
const TOKENS: &str = include_str!("../../router-core/src/authenticate/jose/tests/tokens.json");
/// The default for the largest token.
const MAX_TOKEN: usize = 8 * 1024;

fn made(name: &str) -> Option<(Value, Key, String)> {
    let all = strict_json::object(TOKENS.as_bytes())?;
    let (jwk, token) = (&all.get(name)?["key"], all.get(name)?["token"].as_str()?);
    Some((jwk.clone(), Key::from_jwk(jwk.as_object()?).ok()?, token.to_owned()))
}

/// All that is done with a token that was not seen before: parts, header, claims, signature.
fn accepts(key: &Key, token: &str) -> bool {
    Jws::parse(token, MAX_TOKEN).is_ok_and(|jws| {
        verify(jws.algorithm, key, jws.signed.as_bytes(), &jws.signature)
            && strict_json::object(&jws.payload).is_some_and(|claims| claims.contains_key("exp"))
    })
}

fn parse_and_verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("jose/parse-and-verify");
    for name in ["HS256", "HS512", "EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"] {
        let Some((_, key, token)) = made(name) else { continue };
        assert!(accepts(&key, &token), "{name}");
        group.throughput(Throughput::Bytes(token.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| accepts(black_box(&key), black_box(&token)));
        });
    }
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let Some((_, _, token)) = made("HS256") else { return };
    criterion.bench_function("jose/parse", |bencher| bencher.iter(|| Jws::parse(black_box(&token), MAX_TOKEN).is_ok()));
    let forged = token.replacen("ey", "eJ", 1);
    criterion
        .bench_function("jose/refuse", |bencher| bencher.iter(|| Jws::parse(black_box(&forged), MAX_TOKEN).is_err()));
}

fn key_set(criterion: &mut Criterion) {
    let keys: Vec<Value> = ["RS256", "ES256", "EdDSA"].into_iter().filter_map(made).map(|(jwk, ..)| jwk).collect();
    let set = serde_json::json!({ "keys": keys }).to_string();
    assert_eq!(KeyList::parse(set.as_bytes()).map(|keys| keys.len()), Some(3));
    criterion
        .bench_function("jose/key-set-of-three", |bencher| bencher.iter(|| KeyList::parse(black_box(set.as_bytes()))));
}

criterion_group!(benches, parse_and_verify, parse, key_set);
criterion_main!(benches);
