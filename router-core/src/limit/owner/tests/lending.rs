//! One lease after the other, by numbers.

use super::world::{Act, World};
use super::*;

fn meter() -> World {
    World::new(Quota { kind: Kind::Meter, units: 100, window_ms: 1000 }, 10_000)
}

fn lend(world: &mut World, want: u64, ttl_ms: u64) -> Said {
    world.acts(Act::Lend { cost: 1, want, ttl_ms, share: 1, tells: None }).unwrap().1
}

#[test]
fn an_eighth_of_what_is_left_is_lent_and_what_is_not_used_is_free_when_it_is_told() {
    let mut world = meter();
    let lease = Operation::Lease { cost: 1, want: 50, ttl_ms: 400, share: 8, settle: Settlement::default() };
    let said = world.ask(lease);
    assert_eq!((said.granted, said.until_ms, said.standing.remaining), (12, 10_400, 88));
    // Nothing of it comes back by itself while it is out.
    world.now_ms += 200;
    assert_eq!(world.ask(Operation::Look).standing.remaining, 88);
    let said = world.ask(Operation::Settle(Settlement { until_ms: 10_400, granted: 12, used: 5 }));
    assert_eq!(said.standing.remaining, 95);
}

#[test]
fn a_holder_that_never_tells_has_used_all_at_the_end() {
    let mut world = meter();
    lend(&mut world, 40, 400);
    world.now_ms = 10_399;
    assert_eq!(world.ask(Operation::Look).standing, Standing { remaining: 60, next_ms: 11, full_ms: 401 });
    world.now_ms = 10_400;
    assert_eq!(world.ask(Operation::Look).standing.remaining, 60);
    world.now_ms = 10_500;
    assert_eq!(world.ask(Operation::Look).standing.remaining, 70);
    world.now_ms = 10_800;
    assert_eq!(world.ask(Operation::Look).standing, Standing { remaining: 100, next_ms: 0, full_ms: 0 });
}

#[test]
fn nobody_says_to_have_used_more_than_was_lent() {
    let mut world = meter();
    let said = lend(&mut world, 40, 400);
    let said = world.ask(Operation::Settle(Settlement { until_ms: said.until_ms, granted: 40, used: u64::MAX }));
    assert_eq!(said.standing.remaining, 60);
}

#[test]
fn of_nothing_there_is_no_lease() {
    let mut world = meter();
    let settle = Settlement::default();
    let said = world.ask(Operation::Lease { cost: 0, want: 0, ttl_ms: 400, share: 8, settle });
    assert_eq!((said.granted, said.until_ms), (0, 0));
    assert!(said.verdict.admits());
    assert_eq!(world.state.ends_ms(&world.quota.rule(10_000), 10_000), 10_000);
}

#[test]
fn leases_with_more_ends_than_are_kept_last_longer_and_not_shorter() {
    let mut world = meter();
    let said: Vec<Said> = (0..12).map(|index| lend(&mut world, 3, 1000 + 500 * index)).collect();
    assert!(said.iter().all(|said| said.granted == 3));
    assert_eq!(world.state.held.tokens(), 36);
    let ends: Vec<u64> = world.state.held.pairs().map(|(end, _)| end).collect();
    assert_eq!(ends.len(), 8);
    assert_eq!(ends.last(), said.iter().map(|said| said.until_ms).max().as_ref());
    // Told of an end that is no longer kept, or kept for others too.
    for (said, index) in said.iter().zip(0..) {
        assert!(said.until_ms >= 11_000 + 500 * index);
        world.ask(Operation::Settle(Settlement { until_ms: said.until_ms, granted: 3, used: 3 }));
    }
    assert_eq!(world.ask(Operation::Look).standing.remaining, 100 - 36);
    world.now_ms = world.state.ends_ms(&world.quota.rule(0), world.now_ms);
    assert_eq!(world.ask(Operation::Look).standing.remaining, 100);
}

#[test]
fn whoever_is_refused_waits_for_no_lease_that_need_not_end() {
    let mut world = meter();
    lend(&mut world, 5, 4);
    lend(&mut world, 5, 4000);
    assert!(world.charge(90).verdict.admits());
    // Ten milliseconds for a unit, although a lease ends in the meantime.
    assert_eq!(world.charge(1).verdict, Verdict::Refused { retry_ms: Some(10) });
}
