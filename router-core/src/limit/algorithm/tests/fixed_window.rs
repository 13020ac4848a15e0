//! Fixed windows: so many in each.

use std::collections::BTreeMap;

use super::*;

fn at(rate: Rate, now_ms: u64) -> FixedWindow {
    FixedWindow::new(rate.quota, FixedWindow::bounds_every(rate.window_ms, now_ms)).unwrap()
}

fn arrivals_of(rates: impl Strategy<Value = Rate>) -> impl Strategy<Value = (Rate, Vec<Arrival>)> {
    rates.prop_flat_map(|rate| (Just(rate), arrivals(rate)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn admits_exactly_what_is_left_of_each_window(
        (rate, arrivals) in arrivals_of(prop_oneof![small_rates(), rates(LARGEST_QUOTA)]), begin in beginnings(),
    ) {
        let (mut used, mut window, mut now) = (BTreeMap::<u64, u64>::new(), Window::default(), begin);
        for Arrival { after_ms, cost } in arrivals {
            now += after_ms;
            let used = used.entry(now / rate.window_ms).or_default();
            let (decision, next) = at(rate, now).charge(window, cost, now);
            prop_assert_eq!(decision.verdict.admits(), *used + cost <= rate.quota, "{} at {}", cost, now);
            if decision.verdict.admits() {
                *used += cost;
            }
            prop_assert_eq!(decision.standing.remaining, rate.quota - *used);
            window = next;
        }
        prop_assert!(used.values().all(|used| *used <= rate.quota));
    }

    /// Whoever asks tells where windows begin, by its own clock; which of them it is, the owner's clock tells.
    #[test]
    fn clocks_of_those_who_ask_may_be_off_by_windows(
        (rate, arrivals) in arrivals_of(small_rates()), begin in beginnings(),
        off in prop::collection::vec(-5_i64..=5, 60), within in prop::collection::vec(0..40_u64, 60),
    ) {
        let (mut used, mut window, mut now) = (BTreeMap::<u64, u64>::new(), Window::default(), begin);
        for ((Arrival { after_ms, cost }, off), within) in arrivals.into_iter().zip(off).zip(within) {
            now += after_ms;
            let used = used.entry(now / rate.window_ms).or_default();
            let asker_ms = now.saturating_add_signed(off * 40) + within;
            let (decision, next) = at(rate, asker_ms).charge(window, cost, now);
            prop_assert_eq!(decision.verdict.admits(), *used + cost <= rate.quota, "{} at {}", cost, now);
            if decision.verdict.admits() {
                *used += cost;
            }
            window = next;
        }
    }

    #[test]
    fn what_is_given_back_makes_room_in_its_own_window_only(
        (rate, arrivals) in arrivals_of(small_rates()), begin in beginnings(), back in prop::collection::vec((0..4_u64, 0..90_u64), 60),
    ) {
        let (mut window, mut now) = (Window::default(), begin);
        let (mut used, mut given_back) = (BTreeMap::<u64, u64>::new(), BTreeMap::<u64, u64>::new());
        for (Arrival { after_ms, cost }, (back, ago_ms)) in arrivals.into_iter().zip(back) {
            now += after_ms;
            let index = now / rate.window_ms;
            let fixed = at(rate, now);
            let (decision, next) = fixed.charge(window, cost, now);
            if decision.verdict.admits() {
                *used.entry(index).or_default() += cost;
            }
            let taken_ms = now.saturating_sub(ago_ms);
            let same = taken_ms / rate.window_ms == index;
            window = fixed.give_back(next, back, taken_ms, now);
            let room = if same { (decision.standing.remaining + back).min(rate.quota) } else { decision.standing.remaining };
            prop_assert_eq!(fixed.remaining(&window, now), room);
            *given_back.entry(index).or_default() += if same { back } else { 0 };
            let most = rate.quota + given_back.get(&index).unwrap_or(&0);
            prop_assert!(*used.get(&index).unwrap_or(&0) <= most);
        }
    }

    #[test]
    fn windows_of_one_length_begin_at_its_multiples(length_ms in 1..=LONGEST_WINDOW_MS, now_ms in 0..LARGEST / 2) {
        let bounds = FixedWindow::bounds_every(length_ms, now_ms);
        let start = now_ms / length_ms * length_ms;
        prop_assert_eq!(bounds, [start.saturating_sub(length_ms), start, start + length_ms, start + 2 * length_ms]);
        prop_assert_eq!(FixedWindow::new(1, bounds).unwrap().window(now_ms), (start, start + length_ms));
    }
}

#[test]
fn windows_of_a_calendar_are_of_any_length() {
    // January of 2024, and the months before and after, in days since 1970.
    let day = 86_400_000;
    let bounds = [19_692, 19_723, 19_754, 19_783].map(|number| number * day);
    let fixed = FixedWindow::new(3, bounds).unwrap();
    let [december, january, february, march] = bounds;
    assert_eq!(fixed.window(december), (december, january));
    assert_eq!(fixed.window(january - 1), (december, january));
    assert_eq!(fixed.window(january), (january, february));
    assert_eq!(fixed.window(february - 1), (january, february));
    assert_eq!(fixed.window(march - 1), (february, march));
    let (decision, window) = fixed.charge(Window::default(), 3, january + day);
    assert!(decision.verdict.admits());
    assert_eq!(window, Window { start_ms: january, used: 3 });
    assert_eq!(fixed.wait_for(&window, 1, january + 2 * day), Some(29 * day));
    assert_eq!(fixed.wait_for(&window, 1, february), Some(0));
}
