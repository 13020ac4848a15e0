//! What holds whatever happens: fetches that succeed, fail or die, ids that are known, new or forged, instances that come and go, a clock that jumps.

use proptest::prelude::*;

use super::*;

/// How long a set is fresh here, and how long of it nobody even looks whether it is.
const FRESH_MS: u64 = 3_600_000;
const QUIET_MS: u64 = FRESH_MS * 4 / 5;

#[derive(Clone, Debug)]
enum Event {
    /// Time passes, in milliseconds.
    Pass(u64),
    /// A token of this key arrives; a fetch that it leads to ends so.
    Token(usize, Fetch),
    /// The issuer adds a key and drops the oldest but one.
    Rotate,
}

#[derive(Clone, Copy, Debug)]
enum Fetch {
    Succeeds,
    Fails,
    /// Whoever began it went away, and nothing came of it.
    Dies,
}

fn event() -> impl Strategy<Value = Event> {
    let fetch = prop_oneof![4 => Just(Fetch::Succeeds), 3 => Just(Fetch::Fails), 1 => Just(Fetch::Dies)];
    let pass = prop_oneof![0u64..50, 500u64..40_000, 40_000u64..4_000_000, 4_000_000u64..100_000_000];
    prop_oneof![
        4 => pass.prop_map(Event::Pass),
        12 => (0usize..8, fetch).prop_map(|(key, fetch)| Event::Token(key, fetch)),
        1 => Just(Event::Rotate),
    ]
}

/// An issuer, a store and one instance at a time, and what is known of them from outside.
struct World {
    memory: Memory,
    store: Option<Bytes>,
    clock: u64,
    /// Time that passed whatever the clock showed: what the promises are about.
    passed: u64,
    /// The issuer has this key and the one before it.
    newest: usize,
    /// When a fetch for an unknown key began last.
    asked: Option<u64>,
    /// When each key was last in a set that was fetched.
    seen: std::collections::BTreeMap<usize, u64>,
    /// The last set: when it was fetched, and its keys.
    last: Option<(u64, Vec<usize>)>,
    /// Whether this instance has fetched or taken over that set.
    warm: bool,
}

impl World {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            store: None,
            clock: 1_767_225_600_000,
            passed: 0,
            newest: 1,
            asked: None,
            seen: std::collections::BTreeMap::new(),
            last: None,
            warm: false,
        }
    }

    fn pass(&mut self, by: u64) {
        self.clock += by;
        self.passed += by;
    }

    /// Whether the last set has `key`, and is so young that nothing could be wrong with it.
    fn is_quiet(&self, key: usize) -> bool {
        self.last.as_ref().is_some_and(|(fetched, keys)| self.passed < fetched + QUIET_MS && keys.contains(&key))
    }

    fn token(&mut self, key: usize, fetch: Fetch) -> Result<(), TestCaseError> {
        self.pass(1);
        let kid = format!("k{key}");
        let remote = remote();
        let question = self.memory.question(&remote, Some(&kid), Algorithm::EdDsa, self.clock);
        let mut fetches = 0;
        for _ in 0..4 {
            let cause = match self.memory.decide(&remote, &question, self.clock) {
                Decision::Use(keys) | Decision::Refresh(keys) => {
                    prop_assert!(!keys.is_empty() && keys.iter().all(|key| key.id() == Some(&kid)));
                    let stale = u64::try_from(STALE.as_millis()).unwrap();
                    let seen = self.seen.get(&key).copied();
                    prop_assert!(
                        seen.is_some_and(|seen| self.passed < seen + FRESH_MS + stale),
                        "used beyond its limit"
                    );
                    return Ok(());
                }
                Decision::Unknown => {
                    prop_assert!(!(self.warm && self.is_quiet(key)), "a key that is known is called unknown");
                    return Ok(());
                }
                Decision::Unavailable { retry_after, .. } => {
                    prop_assert!(!(self.warm && self.is_quiet(key)), "a key that is known cannot be had");
                    prop_assert!((seconds(1)..=seconds(60)).contains(&retry_after), "{retry_after:?}");
                    return Ok(());
                }
                Decision::Ask(cause) => cause,
            };
            prop_assert!(!(self.warm && self.is_quiet(key)), "a token waits although its key is known");
            if !self.memory.begin(&remote, cause, self.store.as_ref(), self.clock) {
                continue;
            }
            fetches += 1;
            prop_assert!(fetches == 1, "one token leads to several fetches");
            if cause == Cause::Unknown {
                let cool = self.asked.is_none_or(|asked| self.passed >= asked + 30_000);
                prop_assert!(cool, "two fetches for unknown keys within the cooldown");
                self.asked = Some(self.passed);
            }
            self.end(fetch);
            if matches!(fetch, Fetch::Dies) {
                return Ok(());
            }
        }
        prop_assert!(false, "it comes to no end");
        Ok(())
    }

    fn end(&mut self, fetch: Fetch) {
        let remote = remote();
        match fetch {
            Fetch::Succeeds => {
                let keys = vec![self.newest - 1, self.newest];
                let ids: Vec<String> = keys.iter().map(|key| format!("k{key}")).collect();
                let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
                self.store = self.memory.succeed(&remote, &set(&texts), HOUR, self.clock).ok();
                self.seen.extend(keys.iter().map(|key| (*key, self.passed)));
                self.last = Some((self.passed, keys));
                self.warm = true;
            }
            Fetch::Fails => self.store = Some(self.memory.fail(&remote, "down", self.store.as_ref(), self.clock)),
            Fetch::Dies => {}
        }
    }

    fn play(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Pass(by) => self.pass(*by),
            Event::Token(key, fetch) => self.token(*key, *fetch)?,
            Event::Rotate => self.newest += 1,
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// A fetch for an unknown key at most once in the cooldown, no key beyond its limit, no waiting for a key that is known and fresh.
    #[test]
    fn one_instance_keeps_its_promises_whatever_its_clock_does(
        events in prop::collection::vec((event(), prop::option::weighted(0.1, -200_000_000i64..200_000_000)), 1..80),
    ) {
        let mut world = World::new();
        for (event, step) in events {
            // A step forward is time to the instance, which is on the safe side of every promise but that about waiting: so it passes for all.
            match step {
                Some(step) if step > 0 => world.pass(step.unsigned_abs()),
                Some(step) => {
                    // A step back is seen from where the instance looked last.
                    world.memory.question(&remote(), None, Algorithm::EdDsa, world.clock);
                    world.clock -= step.unsigned_abs();
                    world.memory.question(&remote(), None, Algorithm::EdDsa, world.clock);
                    // Others could not tell how old it is.
                    world.store = None;
                }
                None => {}
            }
            world.play(&event)?;
        }
    }

    /// The same where every token may meet a fresh instance that has nothing but the store.
    #[test]
    fn instances_that_share_a_store_keep_the_promises_together(
        events in prop::collection::vec((event(), prop::bool::weighted(0.3)), 1..80),
    ) {
        let mut world = World::new();
        for (event, restarts) in events {
            // What died left no mark in the store.
            if restarts && !matches!(event, Event::Token(_, Fetch::Dies)) {
                world.memory = Memory::default();
                world.warm = false;
            }
            if matches!(event, Event::Token(_, Fetch::Dies)) {
                continue;
            }
            world.play(&event)?;
        }
    }
}
