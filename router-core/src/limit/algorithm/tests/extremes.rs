//! The smallest and the largest of everything: no overflow, and no number that a store could not hold.

use super::*;

const QUOTAS: [u64; 5] = [1, 2, LARGEST_LISTED, LARGEST_QUOTA - 1, LARGEST_QUOTA];
const WINDOWS: [u64; 4] = [1, 7, LONGEST_WINDOW_MS - 1, LONGEST_WINDOW_MS];
const UNITS: [u64; 8] = [0, 1, 2, LARGEST_QUOTA, LARGEST_QUOTA + 1, LARGEST, LARGEST + 1, u64::MAX];
const TIMES: [u64; 9] =
    [0, 1, 1_800_000_000_000, LARGEST - LONGEST_WINDOW_MS, LARGEST - 1, LARGEST, LARGEST + 1, u64::MAX - 1, u64::MAX];

/// All numbers of a state.
trait Kept: Clone {
    fn kept(&self) -> Vec<u64>;
}

impl Kept for Level {
    fn kept(&self) -> Vec<u64> {
        vec![self.at_ms, self.parts]
    }
}

impl Kept for Window {
    fn kept(&self) -> Vec<u64> {
        vec![self.start_ms, self.used]
    }
}

impl Kept for Windows {
    fn kept(&self) -> Vec<u64> {
        vec![self.start_ms, self.current, self.previous]
    }
}

impl Kept for Log {
    fn kept(&self) -> Vec<u64> {
        let mut kept: Vec<u64> = self.taken.iter().flat_map(|(at, units)| [*at, *units]).collect();
        kept.push(self.taken.iter().map(|(_, units)| units).sum());
        kept
    }
}

fn is_held_by_stores(state: &impl Kept) {
    assert!(state.kept().iter().all(|number| *number <= LARGEST), "{:?}", state.kept());
}

/// Does everything that can be done, at all times in every order of two, and looks at all numbers.
fn endures<A: Algorithm>(rule: impl Fn(u64) -> A, begin: &A::State)
where
    A::State: Kept,
{
    for first in TIMES {
        for then in TIMES {
            let mut state = begin.clone();
            for now in [first, then] {
                let rule = rule(now);
                for units in UNITS {
                    let (_, charged) = rule.charge(state.clone(), units, now);
                    is_held_by_stores(&charged);
                    let taken = rule.take(charged.clone(), units, now);
                    is_held_by_stores(&taken);
                    for taken_ms in [0, now, u64::MAX] {
                        is_held_by_stores(&rule.give_back(taken.clone(), units, taken_ms, now));
                    }
                    let _ = (rule.wait_for(&taken, units, now), rule.delay_ms(&taken, now));
                    let _ = rule.standing(&taken, now);
                    state = if units % 2 == 0 { charged } else { taken };
                }
            }
        }
    }
}

#[test]
fn meters_and_leaky_buckets_of_every_size_endure_all_numbers() {
    let mut made = 0;
    for (quota, window_ms) in QUOTAS.into_iter().flat_map(|quota| WINDOWS.map(|window_ms| (quota, window_ms))) {
        for burst in [1, LARGEST_QUOTA] {
            if let Ok(meter) = Meter::new(quota, window_ms, burst) {
                endures(|_| meter, &Level::default());
                made += 1;
            }
        }
        for wait_ms in [0, 60_000] {
            if let Ok(bucket) = LeakyBucket::new(quota, window_ms, wait_ms) {
                endures(|_| bucket, &Level::default());
                made += 1;
            }
        }
    }
    assert!(made > 50, "{made}");
}

#[test]
fn fixed_windows_of_every_size_endure_all_numbers() {
    for (quota, window_ms) in QUOTAS.into_iter().flat_map(|quota| WINDOWS.map(|window_ms| (quota, window_ms))) {
        let rule = |now| FixedWindow::new(quota, FixedWindow::bounds_every(window_ms, now)).unwrap();
        endures(rule, &Window::default());
        // Whoever asks has a clock that is wrong by ages.
        endures(|_| rule(0), &Window::default());
        endures(|_| rule(u64::MAX), &Window::default());
    }
}

#[test]
fn sliding_windows_of_every_size_endure_all_numbers() {
    for (quota, window_ms) in QUOTAS.into_iter().flat_map(|quota| WINDOWS.map(|window_ms| (quota, window_ms))) {
        if let Ok(sliding) = SlidingWindow::new(quota.min(LARGEST / window_ms), window_ms) {
            endures(|_| sliding, &Windows::default());
        }
    }
}

#[test]
fn sliding_logs_of_every_size_endure_all_numbers() {
    for (quota, window_ms) in
        [1, 2, LARGEST_LISTED].into_iter().flat_map(|quota| WINDOWS.map(|window_ms| (quota, window_ms)))
    {
        endures(|_| SlidingLog::new(quota, window_ms).unwrap(), &Log::default());
    }
}

#[test]
fn slots_endure_all_times_and_numbers() {
    for (slots, hold_ms) in [1, 2, LARGEST_LISTED].into_iter().flat_map(|slots| WINDOWS.map(|hold_ms| (slots, hold_ms)))
    {
        let concurrency = Concurrency::new(slots, hold_ms).unwrap();
        for (first, then) in TIMES.into_iter().flat_map(|first| TIMES.map(|then| (first, then))) {
            let mut state = Slots::default();
            for now in [first, then, first] {
                for unknown in [0, LARGEST, u64::MAX] {
                    let (_, slot, next) = concurrency.acquire(state, now);
                    let _ = concurrency.standing(&next, now);
                    let kept = next.held.iter().flat_map(|(slot, end)| [*slot, *end]).chain([next.last]);
                    assert!(kept.chain(slot).all(|number| number <= LARGEST), "{next:?}");
                    state = concurrency.release(next, unknown, now);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A store may hold anything, as another version or another quota left it.
    #[test]
    fn states_that_nobody_wrote_are_endured(
        one in 0..=LARGEST, two in 0..=LARGEST, three in 0..=LARGEST, units in any::<u64>(), small in 0..100_u64,
        (rate, now) in (small_rates(), prop_oneof![any::<u64>(), 0..200_u64]),
    ) {
        let Rate { quota, window_ms } = rate;
        let rules = (
            Meter::new(quota, window_ms, quota).unwrap(),
            LeakyBucket::new(quota, window_ms, 10).unwrap(),
            FixedWindow::new(quota, FixedWindow::bounds_every(window_ms, now)).unwrap(),
            SlidingWindow::new(quota, window_ms).unwrap(),
            SlidingLog::new(quota, window_ms).unwrap(),
        );
        for (one, two, three) in [(one, two, three), (small, two, three), (now.min(LARGEST), small, three), (LARGEST, LARGEST, LARGEST)] {
            for units in [units, small] {
                asked(&rules.0, Level { at_ms: one, parts: two }, units, now);
                asked(&rules.1, Level { at_ms: one, parts: two }, units, now);
                asked(&rules.2, Window { start_ms: one, used: two }, units, now);
                asked(&rules.3, Windows { start_ms: one, current: two, previous: three }, units, now);
                asked(&rules.4, Log { taken: [(one, two), (two, three), (three, one)].into() }, units, now);
                let slots = Slots { last: one, held: vec![(one, two), (two, three), (one, now.min(LARGEST))] };
                let concurrency = Concurrency::new(quota, window_ms).unwrap();
                let (_, _, slots) = concurrency.acquire(slots, now);
                let _ = concurrency.standing(&concurrency.release(slots, two, now), now);
            }
        }
    }
}

fn asked<A: Algorithm>(rule: &A, state: A::State, units: u64, now: u64)
where
    A::State: Kept,
{
    let (_, charged) = rule.charge(state.clone(), units, now);
    is_counted(&rule.take(charged, units, now));
    is_counted(&rule.give_back(state, units, units, now));
}

/// As [`is_held_by_stores`], but that the sum of a log that nobody wrote may be anything.
fn is_counted(state: &impl Kept) {
    let kept = state.kept();
    assert!(kept.iter().take(2).all(|number| *number <= LARGEST), "{kept:?}");
}
