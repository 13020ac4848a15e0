//! What it costs to state who asks: once for each request that forwards an assertion. Nearly all of it is the Ed25519 signature, which stands beside it.
#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use router_core::authenticate::Consumer;
use router_core::config::variables::NoVariables;
use router_core::config::{Purpose, compile_value};
use serde_json::json;

/// RFC 8037 appendix A.1.
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn statement_costs(criterion: &mut Criterion) {
    let document = json!({"authenticate": {"assertion": {"key": KEY, "issuer": "https://api.example"}}});
    let checked = compile_value(&document, &NoVariables, Purpose::Run);
    let Some(rules) = checked.gateway.and_then(|gateway| gateway.assertion) else { return };
    let consumer = Consumer {
        id: "f2a6c0de-3b1f-4d0a-8a55-6d2f0c9b7e42".into(),
        authenticator: "main".into(),
        issuer: Some("https://id.example/realms/shop".into()),
        scopes: ["openid", "orders:read", "orders:write"].map(str::to_owned).to_vec(),
        ..Consumer::default()
    };
    let mut group = criterion.benchmark_group("statement");
    group.bench_function("signature", |bencher| bencher.iter(|| rules.key.sign(black_box(&[7; 600]))));
    group.bench_function("whole", |bencher| {
        bencher.iter(|| {
            let statement = rules.statement(black_box(&consumer), "shop", 1_800_000_060_000, [7; 16]);
            statement.sign(&Method::GET, black_box("/orders/17?fields=all"))
        });
    });
    group.finish();
}

criterion_group!(benches, statement_costs);
criterion_main!(benches);
