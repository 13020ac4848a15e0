//! Several keys at once: all or nothing.

use super::*;

type Batch = Vec<(Quota, Vec<Event>, Doing)>;

fn batches() -> impl Strategy<Value = Batch> {
    let one = quotas(&ALL).prop_flat_map(|quota| (Just(quota), events(quota, 20), doings(quota)));
    prop::collection::vec(one, 1..5)
}

/// The keys of a batch after their histories, all at one time.
fn keys(batch: &Batch, begin: u64) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (quota, events, _) in batch {
        let mut key = Key::new(*quota, begin);
        for event in events {
            key.happens(*event);
        }
        keys.push(key);
    }
    let latest = keys.iter().map(|key| key.now_ms).max().unwrap();
    keys.iter_mut().for_each(|key| key.now_ms = latest);
    keys
}

fn wishes(operation: &Operation) -> bool {
    matches!(operation, Operation::Charge { .. } | Operation::Lease { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn all_of_them_take_or_none_does(batch in batches(), begin in beginnings()) {
        let keys = keys(&batch, begin);
        let now = keys[0].now_ms;
        let asked: Vec<(Ask, State)> =
            keys.iter().zip(&batch).map(|(key, (_, _, doing))| (key.ask(*doing), key.state.clone())).collect();
        let singly: Vec<Decided> = asked.iter().map(|(ask, state)| alone(*ask, state, now)).collect();
        let together = decide(asked.clone(), now);
        prop_assert_eq!(together.len(), asked.len());
        let wish_refused = |((ask, _), decided): (&(Ask, State), &Decided)| wishes(&ask.operation) && !decided.said.verdict.admits();
        let any_refused = asked.iter().zip(&singly).any(wish_refused);
        for (((ask, state), single), decided) in asked.iter().zip(&singly).zip(&together) {
            prop_assert_eq!(decided.said.verdict, single.said.verdict);
            if !any_refused || !wishes(&ask.operation) {
                prop_assert_eq!(decided, single);
                continue;
            }
            // What holders told, and what ended, counts all the same.
            let settle = match ask.operation {
                Operation::Lease { settle, .. } => settle,
                _ => Settlement::default(),
            };
            let settled = alone(Ask { operation: Operation::Settle(settle), ..*ask }, state, now).next.unwrap();
            let left = decided.next.as_ref().unwrap_or(state);
            prop_assert_eq!(left.write(&ask.rule), settled.write(&ask.rule));
            prop_assert_eq!(decided.next.is_none(), settled == *state, "written only if something changed");
            prop_assert_eq!(decided.said.standing, look(ask.rule, &settled, now));
            prop_assert_eq!((decided.said.granted, decided.said.until_ms), (0, 0));
        }
    }
}

#[test]
fn no_questions_have_no_answers() {
    assert_eq!(decide(Vec::new(), 0), []);
}

#[test]
fn a_refusal_takes_nothing_of_the_others_and_shows_them_as_they_were() {
    let now = 1_800_000_000_000;
    let day = Quota { kind: Kind::FixedWindow, units: 10, window_ms: 86_400_000 };
    let second = Quota { kind: Kind::Meter, units: 1, window_ms: 1000 };
    let mut keys = [Key::new(day, now), Key::new(second, now)];
    let charge = Doing::Charge { cost: 1, on_over: OnOver::Refuse };
    let mut once = || {
        let asked: Vec<_> = keys.iter().map(|key| (key.ask(charge), key.state.clone())).collect();
        let asks: Vec<Ask> = asked.iter().map(|(ask, _)| *ask).collect();
        let decided = decide(asked, now).into_iter();
        let said: Vec<Said> =
            decided.zip(&mut keys).zip(&asks).map(|((decided, key), ask)| key.learn(ask, decided)).collect();
        said
    };
    assert!(once().iter().all(|said| said.verdict.admits() && said.now_ms == now));
    for _ in 0..3 {
        let said = once();
        assert!(said[0].verdict.admits());
        assert_eq!(said[0].standing.remaining, 9);
        assert_eq!(said[1].verdict, Verdict::Refused { retry_ms: Some(1000) });
    }
}
