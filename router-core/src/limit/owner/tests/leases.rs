//! Leases, whatever their holders do: use tokens whenever they like while a lease lasts, die, tell late, tell twice.

use super::world::{Act, Lease, World};
use super::*;

fn acts(Quota { units, window_ms, .. }: Quota) -> impl Strategy<Value = Vec<(u64, Act)>> {
    let cost = move || prop_oneof![3 => Just(1), 1 => 0..=units + 1];
    let lend = (cost(), 0..=units, 1..=3 * window_ms, select(vec![1, 2, 8]), prop::option::of(0..4_usize));
    let act = prop_oneof![
        3 => cost().prop_map(|cost| Act::Charge { cost }),
        4 => lend.prop_map(|(cost, want, ttl_ms, share, tells)| Act::Lend { cost, want, ttl_ms, share, tells }),
        6 => (0..6_usize, 1..=units).prop_map(|(which, units)| Act::Use { which, units }),
        2 => (0..6_usize).prop_map(|which| Act::Tell { which }),
    ];
    let gap = prop_oneof![4 => Just(0), 4 => 0..=2 * window_ms / units + 1, 2 => 0..=window_ms, 1 => 0..=3 * window_ms];
    prop::collection::vec((gap, act), 1..60)
}

fn cases() -> impl Strategy<Value = (Quota, Vec<(u64, Act)>)> {
    quotas(&LENT).prop_flat_map(|quota| (Just(quota), acts(quota)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn never_more_is_used_than_the_rule_allows_and_all_of_it_comes_back(
        (quota, acts) in cases(), begin in beginnings(), off in prop::collection::vec(-300..300_i64, 1..5),
    ) {
        let mut world = World::new(quota, begin);
        for ((after_ms, act), off_ms) in acts.into_iter().zip(off.into_iter().cycle()) {
            world.goes_on(after_ms.cast_signed());
            world.off_ms = off_ms;
            world.acts(act);
            let held = world.state.held.tokens();
            prop_assert!(held >= world.out(), "{} are counted, {} are out", held, world.out());
        }
        prop_assert!(world.is_within_the_rule(), "{:?}", world.used);
        world.off_ms = 0;
        world.now_ms = world.state.ends_ms(&quota.rule(world.now_ms), world.now_ms);
        let said = world.ask(Operation::Look);
        prop_assert_eq!(said.standing, Standing { remaining: quota.units, next_ms: 0, full_ms: 0 });
        prop_assert!(world.charge(quota.units).verdict.admits());
    }

    #[test]
    fn a_clock_that_is_set_back_gives_no_more(
        (quota, acts) in quotas(&[Kind::Meter, Kind::SlidingLog]).prop_flat_map(|quota| (Just(quota), acts(quota))),
        begin in beginnings(), back in prop::collection::vec(prop_oneof![4 => Just(0), 1 => 0..60_i64], 1..9),
    ) {
        let mut world = World::new(quota, begin);
        // An end may come again, and who tells late of the first one would be taken for another.
        world.tells_late = false;
        for ((after_ms, act), back_ms) in acts.into_iter().zip(back.into_iter().cycle()) {
            world.goes_on(after_ms.cast_signed() - back_ms);
            world.acts(act);
            prop_assert!(world.state.held.tokens() >= world.out());
        }
        prop_assert!(world.is_within_the_rule(), "{:?}", world.used);
    }

    #[test]
    fn what_is_lent_is_what_was_asked_for_as_far_as_it_is_there((quota, acts) in cases(), begin in beginnings()) {
        let mut world = World::new(quota, begin);
        for (after_ms, act) in acts {
            world.goes_on(after_ms.cast_signed());
            // Told beforehand, so that the room is known.
            if let Act::Lend { cost, want, ttl_ms, share, tells: None } = act {
                let room = look(quota.rule(world.now_ms), &world.state, world.now_ms).remaining;
                let (_, said) = world.acts(act).unwrap();
                prop_assert_eq!(said.verdict.admits(), cost <= room);
                if said.verdict.admits() {
                    prop_assert_eq!(said.granted, want.min(room / share).max(cost));
                    prop_assert_eq!(said.standing.remaining, room - said.granted);
                    let least = world.now_ms + if said.granted > 0 { ttl_ms } else { 0 };
                    prop_assert!(said.granted == 0 || said.until_ms >= least);
                }
                prop_assert_eq!(said.granted == 0, said.until_ms == 0);
            } else {
                world.acts(act);
            }
        }
    }

    #[test]
    fn whoever_is_refused_is_admitted_at_the_time_that_is_told_whatever_holders_do(
        (quota, acts) in cases(), begin in beginnings(),
        plans in prop::collection::vec((0..12_u64, 0..=4_u64), 1..8),
    ) {
        let mut world = World::new(quota, begin);
        for (after_ms, act) in acts {
            world.goes_on(after_ms.cast_signed());
            let Some((cost, said)) = world.acts(act) else { continue };
            let Verdict::Refused { retry_ms } = said.verdict else { continue };
            prop_assert_eq!(retry_ms.is_none(), cost > quota.units);
            let Some(retry) = retry_ms else { continue };
            prop_assert!(retry > 0);
            let mut later = world.clone();
            let end = world.now_ms + retry;
            // Each holder tells after so many eighths of the time, or never, and has used so many quarters of what was left.
            let planned = later.leases.clone().into_iter().filter(|lease| !lease.told).zip(plans.iter().cycle());
            let mut told: Vec<(u64, Settlement)> = planned
                .filter(|(_, (eighths, _))| *eighths <= 8)
                .map(|(lease, (eighths, quarters))| {
                    let used = lease.used + (lease.granted - lease.used) * quarters / 4;
                    (world.now_ms + retry * eighths / 8, Settlement { used, ..lease.settlement() })
                })
                .collect();
            told.sort_by_key(|(at, _)| *at);
            for (at, settlement) in told {
                later.now_ms = at;
                later.ask(Operation::Settle(settlement));
            }
            later.now_ms = end;
            prop_assert!(later.charge(cost).verdict.admits(), "{} after {}", cost, retry);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_told_late_or_twice_changes_nothing((quota, acts) in cases(), begin in beginnings()) {
        let mut world = World::new(quota, begin);
        for (after_ms, act) in acts {
            world.goes_on(after_ms.cast_signed());
            world.acts(act);
            let now = world.true_ms;
            for lease in world.leases.clone().into_iter().filter(|lease| !lease.is_out(now)) {
                // Told twice it would be taken for another's with the same end: see the head of `lease.rs`.
                let taken_for = |other: &&Lease| other.is_out(now) && other.until_ms == lease.until_ms;
                if world.leases.iter().any(|other| taken_for(&other)) {
                    continue;
                }
                let mut again = world.clone();
                again.ask(Operation::Settle(Settlement { used: 0, ..lease.settlement() }));
                let mut nothing = world.clone();
                nothing.ask(Operation::Settle(Settlement::default()));
                prop_assert_eq!(&again.state, &nothing.state);
            }
        }
    }
}
