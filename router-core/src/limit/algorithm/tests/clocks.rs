//! A clock that stands still or steps back gives nothing: as if only its steps forward were time.

use std::collections::BTreeMap;

use super::*;

/// A step of the clock, forward or back, and what somebody then wants.
type Step = (i64, u64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let by = prop_oneof![3 => Just(0), 4 => 0..20_i64, 2 => -30..0_i64, 1 => -200..200_i64];
    prop::collection::vec((by, prop_oneof![Just(1), 0..5_u64]), 1..80)
}

/// What the clock says, and all of its steps forward.
#[derive(Clone, Copy, Debug)]
struct Clock {
    now_ms: u64,
    forward_ms: u64,
}

impl Clock {
    fn step(&mut self, by: i64) {
        let before = self.now_ms;
        self.now_ms = before.saturating_add_signed(by);
        self.forward_ms += self.now_ms.saturating_sub(before);
    }
}

fn clocks() -> impl Strategy<Value = Clock> {
    beginnings().prop_map(|now_ms| Clock { now_ms, forward_ms: 0 })
}

/// Units in each stretch of `length_ms` that ends with one of them.
fn stretches(taken: &[(u64, u64)], length_ms: u64) -> impl Iterator<Item = u64> {
    taken.iter().map(move |(last, _)| {
        let within = taken.iter().filter(|(at, _)| at <= last && last - at < length_ms);
        within.map(|(_, units)| units).sum()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn a_meter_admits_what_it_would_if_the_steps_forward_were_all(
        rate in small_rates(), burst in 1..=12_u64, mut clock in clocks(), steps in steps(),
    ) {
        let meter = Meter::new(rate.quota, rate.window_ms, burst).unwrap();
        let (mut level, mut steady) = (Level::default(), Level::default());
        for (by, cost) in steps {
            clock.step(by);
            let (decision, next) = meter.charge(level, cost, clock.now_ms);
            let (same, straight) = meter.charge(steady, cost, clock.forward_ms);
            prop_assert_eq!(decision, same);
            (level, steady) = (next, straight);
        }
    }

    #[test]
    fn a_leaky_bucket_lets_nobody_overtake(
        rate in small_rates(), wait_ms in 0..60_u64, mut clock in clocks(), steps in steps(),
    ) {
        let bucket = LeakyBucket::new(rate.quota, rate.window_ms, wait_ms).unwrap();
        let (mut level, mut free_at) = (Level::default(), 0);
        for (by, cost) in steps {
            clock.step(by);
            let (decision, next) = bucket.charge(level, cost, clock.now_ms);
            if let Verdict::Admitted { delay_ms } = decision.verdict {
                prop_assert!(delay_ms <= wait_ms);
                let departs = (clock.forward_ms + delay_ms) * rate.quota;
                prop_assert!(departs >= free_at);
                free_at = free_at.max(clock.forward_ms * rate.quota) + cost * rate.window_ms;
            }
            level = next;
        }
    }

    #[test]
    fn fixed_windows_stay_where_they_are_when_the_clock_goes_back(
        rate in small_rates(), mut clock in clocks(), steps in steps(),
    ) {
        let (mut window, mut used, mut latest) = (Window::default(), BTreeMap::<u64, u64>::new(), 0);
        for (by, cost) in steps {
            clock.step(by);
            let fixed = FixedWindow::new(rate.quota, FixedWindow::bounds_every(rate.window_ms, clock.now_ms)).unwrap();
            let (decision, next) = fixed.charge(window, cost, clock.now_ms);
            let index = (clock.now_ms / rate.window_ms).max(latest);
            let used = used.entry(index).or_default();
            prop_assert_eq!(decision.verdict.admits(), *used + cost <= rate.quota);
            if decision.verdict.admits() {
                *used += cost;
                latest = index;
            }
            prop_assert!(next.start_ms >= window.start_ms);
            window = next;
        }
    }

    #[test]
    fn sliding_windows_stay_where_they_are_when_the_clock_goes_back(
        rate in small_rates(), mut clock in clocks(), steps in steps(),
    ) {
        let sliding = SlidingWindow::new(rate.quota, rate.window_ms).unwrap();
        let (mut windows, mut used, mut latest) = (Windows::default(), BTreeMap::<u64, u64>::new(), 0);
        for (by, cost) in steps {
            clock.step(by);
            let (decision, next) = sliding.charge(windows, cost, clock.now_ms);
            let now = clock.now_ms.max(latest);
            let index = now / rate.window_ms;
            let before = index.checked_sub(1).and_then(|before| used.get(&before)).copied().unwrap_or(0);
            let share = (before * (rate.window_ms - now % rate.window_ms)).div_ceil(rate.window_ms);
            let used = used.entry(index).or_default();
            prop_assert_eq!(decision.verdict.admits(), share + *used + cost <= rate.quota);
            if decision.verdict.admits() {
                *used += cost;
                latest = index * rate.window_ms;
            }
            prop_assert!(next.start_ms >= windows.start_ms);
            windows = next;
        }
    }

    #[test]
    fn a_sliding_log_admits_no_more_in_any_stretch_of_forward_steps(
        rate in small_rates(), mut clock in clocks(), steps in steps(),
    ) {
        let sliding = SlidingLog::new(rate.quota, rate.window_ms).unwrap();
        let (mut log, mut taken) = (Log::default(), Vec::<(u64, u64)>::new());
        for (by, cost) in steps {
            clock.step(by);
            let (decision, next) = sliding.charge(log, cost, clock.now_ms);
            if decision.verdict.admits() {
                taken.push((clock.forward_ms, cost));
            }
            prop_assert!(next.taken.iter().zip(next.taken.iter().skip(1)).all(|((one, _), (other, _))| one < other));
            log = next;
        }
        prop_assert!(stretches(&taken, rate.window_ms).all(|units| units <= rate.quota));
    }

    #[test]
    fn slots_are_held_at_least_as_long_as_the_steps_forward_say(
        slots in 1..6_u64, hold_ms in 1..40_u64, mut clock in clocks(), steps in steps(),
    ) {
        let concurrency = Concurrency::new(slots, hold_ms).unwrap();
        let (mut state, mut taken) = (Slots::default(), Vec::new());
        for (by, _) in steps {
            clock.step(by);
            let (_, slot, next) = concurrency.acquire(state, clock.now_ms);
            taken.extend(slot.map(|_| (clock.forward_ms, 1)));
            state = next;
        }
        prop_assert!(stretches(&taken, hold_ms).all(|held| held <= slots));
    }

    #[test]
    fn a_step_back_makes_no_room(rate in small_rates(), mut clock in clocks(), steps in steps(), back in 0..100_u64) {
        let Rate { quota, window_ms } = rate;
        let meter = Meter::new(quota, window_ms, quota).unwrap();
        let bucket = LeakyBucket::new(quota, window_ms, window_ms).unwrap();
        let fixed = |now| FixedWindow::new(quota, FixedWindow::bounds_every(window_ms, now)).unwrap();
        let sliding = SlidingWindow::new(quota, window_ms).unwrap();
        let listed = SlidingLog::new(quota, window_ms).unwrap();
        let (mut level, mut line, mut window) = (Level::default(), Level::default(), Window::default());
        let (mut windows, mut log) = (Windows::default(), Log::default());
        for (by, cost) in steps {
            clock.step(by);
            let now = clock.now_ms;
            (_, level) = meter.charge(level, cost, now);
            (_, line) = bucket.charge(line, cost, now);
            (_, window) = fixed(now).charge(window, cost, now);
            (_, windows) = sliding.charge(windows, cost, now);
            (_, log) = listed.charge(log, cost, now);
            let before = now.saturating_sub(back);
            prop_assert!(meter.remaining(&level, before) <= meter.remaining(&level, now));
            prop_assert!(bucket.remaining(&line, before) <= bucket.remaining(&line, now));
            prop_assert!(fixed(before).remaining(&window, before) <= fixed(now).remaining(&window, now));
            prop_assert!(sliding.remaining(&windows, before) <= sliding.remaining(&windows, now));
            prop_assert!(listed.remaining(&log, before) <= listed.remaining(&log, now));
        }
    }
}
