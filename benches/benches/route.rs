//! Building a table, finding in it, and normalising paths. `matchit` stands beside it, which matches a path and nothing else: no host, no
//! method, no header, no priority, no regular expression. It is the lower bound to be compared with.
#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use router_core::{
    filter::path::{NormalPath, Normalised, PathRules},
    route::{Asked, Finding, Table},
};
use tidegate_benches::{SIZES, plain_patterns, routes, target};

/// How many different requests are asked in turn, so that caches and branch predictors see more than one.
const REQUESTS: u32 = 997;

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route/build");
    group.sample_size(10);
    for size in SIZES {
        let routes = routes(size);
        group.bench_function(BenchmarkId::new("tidegate", size), |bencher| {
            bencher.iter_batched(|| routes.clone(), Table::build, BatchSize::LargeInput);
        });
        let patterns = plain_patterns(size);
        group.bench_function(BenchmarkId::new("matchit", size), |bencher| {
            bencher.iter_batched(|| patterns.clone(), matchit_of, BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn find(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route/find");
    let headers: HeaderMap = [
        ("accept", "application/json"),
        ("user-agent", "bench"),
        ("x-tenant", "t1"),
        ("authorization", "Bearer x"),
        ("accept-encoding", "gzip, br"),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
    .collect();
    for size in SIZES {
        let (table, _) = Table::build(routes(size));
        // A stride that is prime to the size and to the mix of twelve visits the whole table.
        let targets: Vec<(String, String)> = (0..REQUESTS).map(|n| target(n * 7_919 % size)).collect();
        let paths: Vec<(&str, NormalPath<'_>)> =
            targets.iter().map(|(host, path)| (host.as_str(), normal(path))).collect();
        let ask = |host, path| {
            let asked = Asked {
                host: Some(host),
                path,
                query: Some("page=2&sort=name"),
                method: &Method::GET,
                headers: &headers,
            };
            table.find(&asked)
        };
        assert!(paths.iter().all(|(host, path)| matches!(ask(host, path), Finding::Route(_))));

        let mut next = paths.iter().cycle();
        group.bench_function(BenchmarkId::new("tidegate", size), |bencher| {
            bencher.iter(|| next.next().map(|(host, path)| ask(black_box(host), black_box(path))));
        });
        let templates: Vec<_> = targets.iter().filter(|(_, path)| path.ends_with("/4711")).collect();
        let templates: Vec<_> = templates.iter().map(|(host, path)| (host.as_str(), normal(path))).collect();
        let mut next = templates.iter().cycle();
        group.bench_function(BenchmarkId::new("tidegate-template", size), |bencher| {
            bencher.iter(|| next.next().map(|(host, path)| ask(black_box(host), black_box(path))));
        });
        let nowhere = normal("/api/v1/area0/nothing/here");
        group.bench_function(BenchmarkId::new("tidegate-404", size), |bencher| {
            bencher.iter(|| ask(black_box("host1.example"), black_box(&nowhere)));
        });

        let router = matchit_of(plain_patterns(size));
        assert!(paths.iter().all(|(_, path)| router.at(path.as_str()).is_ok()));
        let mut next = paths.iter().cycle();
        group.bench_function(BenchmarkId::new("matchit", size), |bencher| {
            bencher.iter(|| next.next().map(|(_, path)| black_box(router.at(black_box(path.as_str())).is_ok())));
        });
    }
    group.finish();
}

fn normalise(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route/normalise");
    let rules = PathRules::default();
    for (name, path) in [
        ("normal", "/api/v1/area7/resource84/4711/parts/a-b-c"),
        ("escapes", "/api/v1/caf%c3%a9/%7euser/a%2Fb"),
        ("dots", "/api/v1/../v2//users/./%2e%2e/items"),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| black_box(NormalPath::parse(black_box(path), &rules))));
    }
    group.finish();
}

fn normal(path: &str) -> NormalPath<'_> {
    match NormalPath::parse(path, &PathRules::default()) {
        Ok(Normalised::Path(path) | Normalised::Redirect(path)) => path,
        Err(_) => NormalPath::root(),
    }
}

fn matchit_of(patterns: Vec<String>) -> matchit::Router<usize> {
    let mut router = matchit::Router::new();
    for (index, pattern) in patterns.into_iter().enumerate() {
        assert!(router.insert(pattern, index).is_ok());
    }
    router
}

criterion_group!(benches, build, find, normalise);
criterion_main!(benches);
