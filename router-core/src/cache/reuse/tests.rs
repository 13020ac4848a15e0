use http::HeaderMap;
use proptest::prelude::*;

use super::super::examples::{NOW_MS, entry, fields, rule};
use super::*;

fn wishes(text: &str) -> Wishes {
    Wishes::of(&fields(&[&format!("cache-control: {text}")]))
}

/// What is made of `entry` so many seconds later.
fn after(entry: &Entry, later_s: u64, wishes: &Wishes) -> Reuse {
    reuse(&rule(), entry, Age::of(entry, NOW_MS + later_s * 1000, None), wishes)
}

#[test]
fn clients_narrow_and_widen_what_they_take() {
    use Reuse::{Accepted, Fresh, Request, Stale};
    // A minute is it fresh.
    let cases = [
        ("", 59, Fresh),
        ("", 60, Stale),
        ("no-cache", 0, Request),
        ("no-cache", 70, Request),
        ("no-cache, max-stale", 70, Request),
        ("max-age=10", 10, Fresh),
        ("max-age=10", 11, Request),
        ("max-age=10", 70, Stale),
        ("max-age=0", 0, Fresh),
        ("max-age=0", 1, Request),
        ("max-age=x", 1, Request),
        ("max-age=100", 70, Stale),
        ("max-age=100, max-stale", 70, Accepted),
        ("max-age=10, max-stale", 11, Request),
        ("min-fresh=10", 50, Fresh),
        ("min-fresh=10", 51, Request),
        ("min-fresh=0", 60, Stale),
        ("min-fresh=1, max-stale", 70, Stale),
        ("max-stale", 1_000_000, Accepted),
        ("max-stale=10", 70, Accepted),
        ("max-stale=10", 71, Stale),
        ("max-stale=x", 70, Stale),
    ];
    for (text, later_s, expected) in cases {
        assert_eq!(after(&entry(&[]), later_s, &wishes(text)), expected, "{text} after {later_s}");
    }
}

#[test]
fn what_must_be_validated_is_not_given_stale_to_clients_who_would_take_it() {
    for validation in [Validation::WhenStale, Validation::Always] {
        let entry = Entry { validation, ..entry(&[]) };
        assert_eq!(after(&entry, 70, &wishes("max-stale")), Reuse::Stale, "{validation:?}");
    }
}

#[test]
fn no_cache_is_always_validated_and_never_stands_in() {
    let entry = Entry { validation: Validation::Always, stale_if_error_ms: 60_000, ..entry(&[]) };
    assert_eq!(after(&entry, 1, &wishes("")), Reuse::Stale);
    assert!(!Age::of(&entry, NOW_MS + 1000, None).stands_in(&entry));
}

#[test]
fn a_reload_does_not_ask_again_for_what_does_not_change() {
    let entry = Entry { is_immutable: true, ..entry(&[]) };
    assert_eq!(after(&entry, 10, &wishes("max-age=0")), Reuse::Fresh);
    assert_eq!(after(&entry, 10, &wishes("no-cache")), Reuse::Request);
    assert_eq!(after(&entry, 10, &wishes("max-age=5")), Reuse::Request);
    assert_eq!(after(&entry, 70, &wishes("max-age=0")), Reuse::Stale);
}

#[test]
fn a_stale_answer_is_given_while_another_is_fetched_for_so_long() {
    let entry = Entry { stale_while_revalidate_ms: 10_000, ..entry(&[]) };
    assert_eq!(after(&entry, 69, &wishes("")), Reuse::WhileRevalidating);
    assert_eq!(after(&entry, 70, &wishes("")), Reuse::Stale);
    assert_eq!(after(&entry, 61, &wishes("max-age=100")), Reuse::Stale);
    assert_eq!(after(&entry, 61, &wishes("max-age=100, max-stale=0")), Reuse::WhileRevalidating);
}

#[test]
fn a_new_answer_is_fetched_early_where_the_rule_wants_it() {
    let rule = Rule { refresh_early: Some(std::time::Duration::from_secs(10)), ..rule() };
    let at = |later_s: u64| {
        let entry = entry(&[]);
        reuse(&rule, &entry, Age::of(&entry, NOW_MS + later_s * 1000, None), &Wishes::default())
    };
    assert_eq!([at(49), at(50), at(59), at(60)], [Reuse::Fresh, Reuse::Early, Reuse::Early, Reuse::Stale]);
}

#[test]
fn a_soft_purge_makes_stale_from_its_moment_on() {
    let entry = Entry { initial_age_ms: 5000, stale_if_error_ms: 10_000, ..entry(&[]) };
    let age = |later_s: u64| Age::of(&entry, NOW_MS + later_s * 1000, Some(NOW_MS + 20_000));
    assert_eq!(age(21).ttl_s(), -1);
    assert!(age(29).stands_in(&entry) && !age(30).stands_in(&entry));
    // Softly purged in the millisecond in which it came.
    assert!(!Age::of(&entry, NOW_MS, Some(NOW_MS)).is_fresh());
    // A purge makes nothing fresh that was stale before.
    assert_eq!(Age::of(&entry, NOW_MS + 100_000, Some(NOW_MS + 90_000)).ttl_s(), -45);
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_older_or_younger_than_it_came() {
    let entry = Entry { initial_age_ms: 5000, ..entry(&[]) };
    assert_eq!(Age::of(&entry, NOW_MS - 1_000_000, None), Age::of(&entry, NOW_MS, None));
    assert_eq!(Age::of(&entry, 0, None).age_ms, 5000);
}

fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![0..100_000_u64, NOW_MS..NOW_MS + 100_000, Just(u64::MAX), any::<u64>()]
}

fn entries() -> impl Strategy<Value = Entry> {
    let validation = prop_oneof![Just(Validation::MayBeStale), Just(Validation::WhenStale), Just(Validation::Always)];
    (numbers(), numbers(), numbers(), numbers(), numbers(), validation, any::<bool>()).prop_map(
        |(stored_ms, initial_age_ms, lifetime_ms, while_ms, error_ms, validation, is_immutable)| Entry {
            stored_ms,
            initial_age_ms,
            lifetime_ms,
            stale_while_revalidate_ms: while_ms,
            stale_if_error_ms: error_ms,
            validation,
            is_immutable,
            ..entry(&[])
        },
    )
}

fn any_wishes() -> impl Strategy<Value = Wishes> {
    let seconds = || proptest::option::of(prop_oneof![0..100_u64, Just(u64::from(u32::MAX))]);
    (any::<bool>(), seconds(), seconds(), seconds()).prop_map(|(no_cache, max_age, min_fresh, max_stale)| Wishes {
        no_cache,
        max_age,
        min_fresh,
        max_stale,
        ..Wishes::of(&HeaderMap::new())
    })
}

proptest! {
    #[test]
    fn what_is_given_may_be_given(entry in entries(), wishes in any_wishes(), now_ms in numbers(), purged_ms in proptest::option::of(numbers())) {
        let age = Age::of(&entry, now_ms, purged_ms);
        let how = reuse(&rule(), &entry, age, &wishes);
        prop_assert_eq!(age.is_fresh() && age.ttl_s() < 0, false);
        match how {
            Reuse::Fresh | Reuse::Early => prop_assert!(age.is_fresh()),
            Reuse::Accepted => prop_assert!(!age.is_fresh() && wishes.max_stale.is_some() && entry.validation == Validation::MayBeStale),
            Reuse::WhileRevalidating => prop_assert!(!age.is_fresh() && entry.stale_while_revalidate_ms > 0),
            Reuse::Stale | Reuse::Request => return Ok(()),
        }
        prop_assert!(!wishes.no_cache && entry.validation != Validation::Always);
        prop_assert!(wishes.max_age.is_none_or(|most_s| age.age_ms <= most_s * 1000 || (most_s == 0 && entry.is_immutable)));
        prop_assert!(wishes.min_fresh.is_none_or(|least_s| age.lifetime_ms - age.age_ms >= least_s * 1000));
    }

    #[test]
    fn nothing_gets_fresh_again(entry in entries(), now_ms in numbers(), later_ms in numbers()) {
        let (now, later) = (Age::of(&entry, now_ms, None), Age::of(&entry, now_ms.saturating_add(later_ms), None));
        prop_assert!(now.is_fresh() || !later.is_fresh());
        prop_assert!(now.stands_in(&entry) || !later.stands_in(&entry));
        prop_assert!(later.ttl_s() <= now.ttl_s());
    }
}
