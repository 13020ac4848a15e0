//! Each algorithm against its definition, worked out anew from the log of what was admitted, and the promises that all of them keep.

mod clocks;
mod concurrency;
mod extremes;
mod fixed_window;
mod leaky_bucket;
mod meter;
mod numbers;
mod sliding_log;
mod sliding_window;
mod truthful;

use proptest::{prelude::*, sample::select};

use super::*;

/// Somebody comes, so long after the one before.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    after_ms: u64,
    cost: u64,
}

/// A quota and its window.
#[derive(Clone, Copy, Debug)]
struct Rate {
    quota: u64,
    window_ms: u64,
}

/// When tests begin: where there is nothing before, or about now.
fn beginnings() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..200_u64, 1_800_000_000_000..1_800_000_100_000_u64]
}

/// So small that a few arrivals use them up, and that most times are just before or after something.
fn small_rates() -> impl Strategy<Value = Rate> {
    (1..=12_u64, 1..=40_u64).prop_map(|(quota, window_ms)| Rate { quota, window_ms })
}

/// Of every size up to the largest.
fn rates(most: u64) -> impl Strategy<Value = Rate> {
    let quotas = prop_oneof![1..=most.min(12), 1..=most.min(5000), 1..=most, Just(most)];
    let usual = vec![1, 1000, 60_000, 3_600_000, 86_400_000, LONGEST_WINDOW_MS];
    let windows = prop_oneof![1..=40_u64, select(usual), 1..=LONGEST_WINDOW_MS];
    (quotas, windows).prop_map(|(quota, window_ms)| Rate { quota, window_ms })
}

/// Many at once, some as often as units come back, some after several windows; most for a unit, some for more than there are.
fn arrivals(rate: Rate) -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec((gaps(rate), costs(rate)).prop_map(|(after_ms, cost)| Arrival { after_ms, cost }), 1..60)
}

fn gaps(Rate { quota, window_ms }: Rate) -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 4 => 0..=2 * window_ms / quota + 1, 2 => 0..=window_ms, 1 => 0..=3 * window_ms]
}

fn costs(Rate { quota, .. }: Rate) -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 6 => Just(1), 2 => 0..=quota / 3 + 1, 2 => 0..=quota + 1]
}
