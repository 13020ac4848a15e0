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
    fn never_more_is_used_than_the_rule_allows(
        (quota, acts) in cases(), begin in beginnings(),
    ) {
        let mut world = World::new(quota, begin);
        for (after_ms, act) in acts {
            world.goes_on(after_ms.cast_signed());
            world.acts(act);
            let held = world.state.held.tokens();
            prop_assert!(held >= world.out(), "{} are counted, {} are out", held, world.out());
        }
        prop_assert!(world.is_within_the_rule(), "{:?}", world.used);
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
