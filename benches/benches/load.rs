//! From the text of a configuration to a gateway: 10,000 routes, as a whole and by step.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use router_core::config::source::{Source, check_shape, load};
use router_core::config::{NoVariables, Purpose, compile_value, schema};

const ROUTES: u32 = 10_000;

/// A document with a mix of paths, hosts, methods and upstreams.
fn document() -> String {
    let mut text = String::from("upstreams:\n");
    for n in 0..50 {
        let _ = writeln!(text, "  service{n}:\n    targets:\n      - url: http://10.0.0.{n}:8080/base");
    }
    text.push_str("routes:\n");
    for n in 0..ROUTES {
        let path = match n % 4 {
            0 => format!("template: \"/tenant{}/area{n}/items/{{id}}\"", n / 100),
            1 => format!("prefix: /svc{n}/v1"),
            2 => format!("exact: /exact/{n}/x"),
            _ => format!("template: \"/t{}/{{kind}}/r{n}/{{*rest}}\"", n / 50),
        };
        let _ = writeln!(
            text,
            "  - name: route-{n}\n    match:\n      hosts: [h{}.example.com]\n      paths:\n        - {path}\n      methods: [GET, POST]\n    to:\n      upstream: service{}",
            n % 20,
            n % 50
        );
    }
    text
}

fn loading(criterion: &mut Criterion) {
    let text = document();
    let schema = schema();
    let mut group = criterion.benchmark_group("load 10,000 routes");
    group.sample_size(20);
    group.bench_function("whole", |bencher| {
        bencher.iter_with_large_drop(|| {
            let loaded = load("tidegate.yaml", black_box(&text), &NoVariables, Purpose::Run);
            assert!(loaded.checked.gateway.is_some());
            loaded
        });
    });
    group.bench_function("parse", |bencher| {
        bencher.iter_with_large_drop(|| Source::parse("tidegate.yaml", black_box(&text)))
    });
    let Ok(source) = Source::parse("tidegate.yaml", &text) else { return };
    group.bench_function("shape", |bencher| {
        bencher.iter_with_large_drop(|| check_shape(black_box(source.value()), &schema))
    });
    group.bench_function("compile", |bencher| {
        bencher.iter_with_large_drop(|| compile_value(black_box(source.value()), &NoVariables, Purpose::Run))
    });
    group.finish();
}

criterion_group!(benches, loading);
criterion_main!(benches);
