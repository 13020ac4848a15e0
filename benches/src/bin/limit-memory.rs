//! What an instance's memory of limits takes: bytes for each key beside the key itself, with a million of them, and how much there is after ten million
//! have come. Fails where more than is aimed at. `cargo run --release -p tidegate-benches --bin limit-memory`.
#![allow(unsafe_code, reason = "an allocator that counts cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use router_core::limit::Rule;
use router_core::limit::algorithm::{FixedWindow, Level, Meter, Window};
use router_core::limit::key::{LocalKey, Partition, Seed};
use router_core::limit::local::Local;
use router_core::limit::owner::OnOver;

/// Beside the key itself, for each key that is remembered.
const AIM: usize = 64;

/// For how many keys there is room, and how many come.
const KEYS: u64 = 1_000_000;
const MANY: u64 = 10_000_000;

const NOW_MS: u64 = 1_800_000_060_000;

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on as it came; counting neither allocates nor fails.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(held, Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`, and all memory here is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn main() -> ExitCode {
    let bounds = FixedWindow::bounds_every(60_000, NOW_MS);
    let rules = [
        ("Level (gcra)", size_of::<Level>(), Meter::new(100, 60_000, 100).map(Rule::Meter)),
        ("Window (fixed_window)", size_of::<Window>(), FixedWindow::new(100, bounds).map(Rule::FixedWindow)),
    ];
    println!(
        "| state | its bytes | bytes a key beside it, {KEYS} keys | aim | while it grew | after {MANY} keys | kept |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut kept = true;
    for (name, size, rule) in rules {
        let Ok(rule) = rule else { return ExitCode::FAILURE };
        let Measured { beside, most_beside, after } = measure(&rule);
        let is_kept = beside <= AIM && after <= beside;
        kept &= is_kept;
        println!(
            "| {name} | {size} | {beside} | {AIM} | {most_beside} | {after} | {} |",
            if is_kept { "yes" } else { "**no**" }
        );
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Bytes for each key for which there is room, beside the key.
struct Measured {
    beside: usize,
    most_beside: usize,
    after: usize,
}

fn measure(rule: &Rule) -> Measured {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let mut local = Local::new(usize::try_from(KEYS).unwrap_or(usize::MAX));
    let mut charge = |from: u64, to: u64| {
        for number in from..to {
            let key = Partition::default().local(&Seed([7; 16]), number);
            local.charge(key, rule, 1, OnOver::Refuse, 0, NOW_MS);
        }
        local.len()
    };
    let beside =
        |bytes: usize, keys: usize| (bytes - before).div_ceil(keys.max(1)).saturating_sub(size_of::<LocalKey>());
    let keys = charge(0, KEYS);
    let (full, most_beside) = (beside(HELD.load(Relaxed), keys), beside(MOST.load(Relaxed), keys));
    charge(KEYS, MANY);
    Measured { beside: full, most_beside, after: beside(HELD.load(Relaxed), keys) }
}
