//! The meter: over every interval at most the burst, and what comes back in its time.

use super::*;

/// All that was taken, and what may be by the definition. In rational numbers, so without rounding.
struct Definition {
    rate: Rate,
    burst: u64,
    taken: Vec<(u64, u64)>,
}

impl Definition {
    fn new(rate: Rate, burst: u64) -> Self {
        Self { rate, burst, taken: Vec::new() }
    }

    /// Whether in `length_ms` so many may be taken.
    fn allows(&self, units: u128, length_ms: u64) -> bool {
        let Rate { quota, window_ms } = self.rate;
        let burst = u128::from(self.burst) * u128::from(window_ms);
        units * u128::from(window_ms) <= burst + u128::from(length_ms) * u128::from(quota)
    }

    /// Whether no interval that ends now has too much.
    fn admits(&self, cost: u64, now_ms: u64) -> bool {
        let mut units = u128::from(cost);
        let ending_now = self.taken.iter().rev().all(|(at, taken)| {
            units += u128::from(*taken);
            self.allows(units, now_ms - at)
        });
        ending_now && self.allows(u128::from(cost), 0)
    }

    /// Whether no interval between two of them has too much, apart from what was given back in it.
    fn holds(&self, given_back: &[(u64, u64)]) -> bool {
        (0..self.taken.len()).all(|first| {
            let from = self.taken[first].0;
            let mut units = 0;
            self.taken[first..].iter().all(|(to, taken)| {
                units += u128::from(*taken);
                let within = given_back.iter().filter(|(at, _)| (from..=*to).contains(at));
                let back: u64 = within.map(|(_, units)| units).sum();
                self.allows(units.saturating_sub(u128::from(back)), to - from)
            })
        })
    }
}

/// A meter that keeps its rate exactly, and who comes.
fn exact() -> impl Strategy<Value = (Rate, u64, Vec<Arrival>)> {
    let bursts = |rate: Rate| prop_oneof![Just(rate.quota), 1..=rate.quota, 1..=3 * rate.quota];
    let large = rates(1 << 30)
        .prop_filter("kept exactly", |rate| u128::from(rate.quota * 3) * u128::from(rate.window_ms) < 1 << 52);
    prop_oneof![small_rates(), large].prop_flat_map(move |rate| (Just(rate), bursts(rate), arrivals(rate)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn admits_exactly_what_the_definition_does((rate, burst, arrivals) in exact(), begin in beginnings()) {
        let meter = Meter::new(rate.quota, rate.window_ms, burst).unwrap();
        let (mut definition, mut level, mut now) = (Definition::new(rate, burst), Level::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let (decision, next) = meter.charge(level, cost, now);
            prop_assert_eq!(decision.verdict.admits(), definition.admits(cost, now), "{} at {}", cost, now);
            if decision.verdict.admits() {
                definition.taken.push((now, cost));
            }
            level = next;
        }
        prop_assert!(definition.holds(&[]));
    }

    #[test]
    fn what_was_taken_without_being_there_comes_back_at_the_same_rate(
        (rate, burst, arrivals) in exact(), begin in beginnings(), forced in prop::collection::vec(any::<bool>(), 60),
    ) {
        let meter = Meter::new(rate.quota, rate.window_ms, burst).unwrap();
        let (mut definition, mut level, mut now) = (Definition::new(rate, burst), Level::default(), begin);
        for (Arrival { after_ms, cost }, forced) in arrivals.into_iter().zip(forced) {
            now += after_ms;
            if forced {
                level = meter.take(level, cost, now);
                definition.taken.push((now, cost));
            } else {
                let (decision, next) = meter.charge(level, cost, now);
                prop_assert_eq!(decision.verdict.admits(), definition.admits(cost, now), "{} at {}", cost, now);
                if decision.verdict.admits() {
                    definition.taken.push((now, cost));
                }
                level = next;
            }
        }
    }

    #[test]
    fn the_rate_of_any_meter_is_its_quota_in_its_window_or_less_by_a_thousandth_of_it_at_most(
        rate in rates(LARGEST_QUOTA), burst in prop_oneof![1..=LARGEST_QUOTA, 1..=5000_u64],
    ) {
        let Ok(meter) = Meter::new(rate.quota, rate.window_ms, burst) else { return Ok(()) };
        let [drain, unit, _] = meter.numbers().map(u128::from);
        let (drained, wanted) = (drain * u128::from(rate.window_ms), u128::from(rate.quota) * unit);
        prop_assert!(drained <= wanted && wanted * 999 <= drained * 1000);
    }

    #[test]
    fn a_rate_too_odd_to_be_kept_exactly_is_slower_by_a_thousandth_at_most_and_never_faster(
        (rate, arrivals) in rates(LARGEST_QUOTA).prop_flat_map(|rate| (Just(rate), arrivals(rate))),
        burst in 1..=LARGEST_QUOTA, begin in beginnings(),
    ) {
        let Ok(meter) = Meter::new(rate.quota, rate.window_ms, burst) else {
            // It would take more than 140 years to come back.
            let back_ms = u128::from(burst) * u128::from(rate.window_ms) / u128::from(rate.quota);
            prop_assert!(back_ms > 140 * u128::from(LONGEST_WINDOW_MS));
            return Ok(());
        };
        let (mut definition, mut level, mut now) = (Definition::new(rate, burst), Level::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let (decision, next) = meter.charge(level, cost, now);
            let slower = Rate { quota: rate.quota * 999, window_ms: rate.window_ms * 1000 };
            let slower = Definition { rate: slower, burst, taken: definition.taken.clone() };
            if decision.verdict.admits() {
                prop_assert!(definition.admits(cost, now), "{} at {}", cost, now);
                definition.taken.push((now, cost));
            } else {
                prop_assert!(!slower.admits(cost, now), "{} at {}", cost, now);
            }
            level = next;
        }
        prop_assert!(definition.holds(&[]));
    }

    #[test]
    fn what_is_given_back_makes_room_for_itself_and_no_more(
        (rate, burst, arrivals) in exact(), begin in beginnings(), back in prop::collection::vec(0..4_u64, 60),
    ) {
        let meter = Meter::new(rate.quota, rate.window_ms, burst).unwrap();
        let (mut definition, mut level, mut now) = (Definition::new(rate, burst), Level::default(), begin);
        let mut given_back = Vec::new();
        for (Arrival { after_ms, cost }, back) in arrivals.into_iter().zip(back) {
            now += after_ms;
            let (decision, next) = meter.charge(level, cost, now);
            if decision.verdict.admits() {
                definition.taken.push((now, cost));
            }
            let before = meter.remaining(&next, now);
            level = meter.give_back(next, back, begin, now);
            prop_assert_eq!(meter.remaining(&level, now), (before + back).min(burst));
            given_back.push((now, back));
        }
        prop_assert!(definition.holds(&given_back));
    }
}

#[test]
fn a_debt_of_the_largest_size_is_waited_for_to_its_end() {
    let meter = Meter::new(LARGEST_QUOTA, 4096, LARGEST_QUOTA).unwrap();
    let full = Level { at_ms: 0, parts: LARGEST };
    for units in [0, 1, LARGEST_QUOTA / 2, LARGEST_QUOTA] {
        let wait = meter.wait_for(&full, units, 0).unwrap();
        assert_eq!(meter.wait_for(&full, units, wait), Some(0), "{units}");
        assert_eq!(meter.wait_for(&full, units, wait - 1), Some(1), "{units}");
    }
}

#[test]
fn a_hundred_a_minute_are_a_burst_and_then_one_every_600_ms() {
    let meter = Meter::new(100, 60_000, 100).unwrap();
    let mut level = Level::default();
    let mut admitted = Vec::new();
    for now in 0..3000 {
        loop {
            let (decision, next) = meter.charge(level, 1, now);
            if !decision.verdict.admits() {
                break;
            }
            (level, _) = (next, admitted.push(now));
        }
    }
    let (burst, after) = admitted.split_at(100);
    assert!(burst.iter().all(|at| *at == 0));
    assert_eq!(after, [600, 1200, 1800, 2400]);
}
