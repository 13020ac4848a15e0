//! What limits cost an instance, and the owner of a count. The names say what is aimed at. A key is one of a million, drawn by chance, so that nothing of it is
//! in a cache; `crowded` has room for just as many, so that keys move between the generations of the memory all the time.
#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use http::{HeaderMap, Method};
use router_core::authenticate::Identity;
use router_core::config::variables::NoVariables;
use router_core::config::{Gateway, Purpose, compile_value};
use router_core::head::{RequestHead, Scheme};
use router_core::limit::algorithm::{
    Algorithm, Concurrency, FixedWindow, LeakyBucket, Log, Meter, SlidingLog, SlidingWindow, Slots,
};
use router_core::limit::fields::fields;
use router_core::limit::key::{LocalKey, Partition, Seed};
use router_core::limit::limits::Fields;
use router_core::limit::local::Local;
use router_core::limit::owner::{Ask, OnOver, Operation, Settlement, State, decide};
use router_core::limit::part::{Part, Seen};
use router_core::limit::wanted::Wanted;
use router_core::limit::{Memory, Now, Rule, Tally};
use router_core::receive::{BodyLength, Client, Facts};
use serde_json::json;

const NOW_MS: u64 = 1_800_000_060_000;
const SEED: Seed = Seed([7; 16]);
const KEYS: u32 = 1_000_000;

/// As many keys as can be before a memory with twice the room forgets any.
const ROOM: usize = 2 * KEYS as usize;

fn decision_costs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limit/decision");
    let Ok(meter) = Meter::new(1_000_000, 1000, 1_000_000) else { return };
    decision(&mut group, "gcra (aim: 20 ns)", &meter);
    if let Ok(bucket) = LeakyBucket::new(1_000_000, 1000, 1000) {
        decision(&mut group, "leaky-bucket", &bucket);
    }
    if let Ok(fixed) = FixedWindow::new(1_000_000, FixedWindow::bounds_every(60_000, NOW_MS)) {
        decision(&mut group, "fixed-window", &fixed);
    }
    if let Ok(sliding) = SlidingWindow::new(1_000_000, 60_000) {
        decision(&mut group, "sliding-window", &sliding);
    }
    if let Ok(log) = SlidingLog::new(100, 1000) {
        group.bench_function("sliding-log/100", |bencher| {
            let (mut state, mut now_ms) = (Log::default(), NOW_MS);
            bencher.iter(|| {
                now_ms += 10;
                let (decision, next) = log.charge(std::mem::take(&mut state), black_box(1), now_ms);
                state = next;
                decision
            });
        });
    }
    if let Ok(concurrency) = Concurrency::new(100, 60_000) {
        group.bench_function("concurrency/100", |bencher| {
            let mut slots = Slots::default();
            for _ in 0..99 {
                (_, _, slots) = concurrency.acquire(slots, NOW_MS);
            }
            bencher.iter(|| {
                let (decision, slot, next) = concurrency.acquire(std::mem::take(&mut slots), black_box(NOW_MS));
                slots = concurrency.release(next, slot.unwrap_or_default(), NOW_MS);
                decision
            });
        });
    }
    group.finish();
}

/// Half of the requests are refused.
fn decision<A: Algorithm>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, algorithm: &A)
where
    A::State: Copy,
{
    group.bench_function(name, |bencher| {
        let (mut state, mut now_ms) = (A::State::default(), NOW_MS);
        bencher.iter(|| {
            now_ms += 1;
            let (decision, next) = algorithm.charge(state, black_box(2000), now_ms);
            state = next;
            decision
        });
    });
}

/// An IPv4 address for each number, spread by an odd factor.
fn address(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(number.wrapping_mul(0x9e37_79b1)))
}

fn facts(address: IpAddr) -> Facts {
    let client = Client { address: Some(address), ..Client::default() };
    Facts {
        client,
        scheme: Scheme::Https,
        host: None,
        authority: None,
        body: BodyLength::Exactly(0),
        certificate: None,
        country: None,
    }
}

fn head() -> RequestHead {
    RequestHead {
        method: Method::GET,
        scheme: Scheme::Https,
        authority: None,
        path: "/".to_owned(),
        query: None,
        headers: HeaderMap::new(),
    }
}

fn partition(facts: &Facts, head: &RequestHead) -> Partition {
    let seen = Seen { identity: &Identity::Anonymous, head, facts, route: "a" };
    Partition::of(&[Part::Address], &seen, true).unwrap_or_default()
}

fn keyed_costs(criterion: &mut Criterion) {
    let Ok(rule) = Meter::new(100, 60_000, 100).map(Rule::Meter) else { return };
    let head = head();
    let keys: Vec<LocalKey> =
        (0..KEYS).map(|number| partition(&facts(address(number)), &head).local(&SEED, 1)).collect();
    let charge = |local: &mut Local, key: LocalKey| local.charge(key, &rule, 1, OnOver::Refuse, 0, NOW_MS);
    let mut group = criterion.benchmark_group("limit/keyed");
    for (name, room) in [("of-a-million (aim: 300 ns)", ROOM), ("of-a-million/crowded (aim: 300 ns)", ROOM / 2)] {
        let mut local = Local::new(room);
        keys.iter().for_each(|key| _ = charge(&mut local, *key));
        let mut next = keys.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| next.next().map(|key| charge(&mut local, *key)));
        });
    }
    let mut local = Local::new(ROOM);
    keys.iter().for_each(|key| _ = charge(&mut local, *key));
    let mut facts = facts(address(0));
    let mut number = 0;
    group.bench_function("of-a-million/with-partition", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % KEYS;
            facts.client.address = Some(address(number));
            charge(&mut local, partition(&facts, &head).local(&SEED, 1))
        });
    });
    group.bench_function("partition", |bencher| bencher.iter(|| partition(black_box(&facts), &head).local(&SEED, 1)));
    group.bench_function("partition/store-key", |bencher| {
        let partition = partition(&facts, &head);
        bencher.iter(|| black_box(&partition).hash().store_key("burst"));
    });
    group.finish();
}

fn gateway(accuracy: &str) -> Option<Gateway> {
    let document = json!({"limit": {
        "limits": {"burst": {"quota": 1_000_000, "window": "1s", "key": ["address"], "accuracy": accuracy}},
        "default": ["burst"],
    }});
    compile_value(&document, &NoVariables, Purpose::Run).gateway
}

fn tally_costs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limit/tally");
    for accuracy in ["local", "exact"] {
        let Some(gateway) = gateway(accuracy) else { return };
        let Some(limit) = gateway.limits.limits.first() else { return };
        let mut memory = Memory::new(SEED, 1000, NOW_MS);
        let (facts, head) = (facts(address(1)), head());
        let mut monotonic_ms = 0;
        let mut begin = || {
            monotonic_ms += 1;
            let now = Now { unix_ms: NOW_MS + monotonic_ms, monotonic_ms };
            let partition = partition(black_box(&facts), &head);
            let local = partition.local(&memory.seed, limit.quota.mark);
            let quota = &limit.quota;
            let rule = quota.rule(now.unix_ms).ok()?;
            let wanted = Wanted { limit, quota, rule, partition, local, cost: 1 };
            Some(Tally::begin(&mut memory, vec![wanted], now))
        };
        group.bench_function(accuracy, |bencher| bencher.iter(|| begin().map(|tally| tally.asks())));
        let Some(tally) = begin() else { return };
        if accuracy == "local" {
            let rules = Fields::default();
            group.bench_function("fields", |bencher| bencher.iter(|| fields(black_box(&rules), tally.items(), 7)));
        }
    }
    group.finish();
}

fn owner_costs(criterion: &mut Criterion) {
    let Ok(rule) = Meter::new(1_000_000, 1000, 1_000_000).map(Rule::Meter) else { return };
    let charge = Operation::Charge { cost: 1, on_over: OnOver::Refuse };
    let lease = Operation::Lease { cost: 1, want: 100, ttl_ms: 10_000, share: 8, settle: Settlement::default() };
    let mut group = criterion.benchmark_group("limit/owner");
    for (name, operation) in [("charge", charge), ("lease", lease)] {
        let ask = Ask { rule, operation };
        let first = decide(vec![(ask, State::none(&rule))], NOW_MS).pop().and_then(|decided| decided.next);
        let Some(state) = first else { return };
        group.bench_function(name, |bencher| {
            bencher.iter(|| decide(vec![(black_box(ask), state.clone())], NOW_MS + 1));
        });
        let text = state.write(&rule);
        group.bench_function(format!("{name}/read-and-written"), |bencher| {
            bencher.iter(|| {
                let decided = decide(vec![(ask, State::read(black_box(&text), &rule))], NOW_MS + 1);
                decided.first().and_then(|decided| decided.next.as_ref()).map(|state| state.write(&rule))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decision_costs, keyed_costs, tally_costs, owner_costs);
criterion_main!(benches);
