//! The script against `owner::decide`: the same questions, the same answers, the same text in the store.

mod dice;

use std::collections::{BTreeMap, BTreeSet};

use router_core::limit::algorithm::LARGEST;
use router_core::limit::owner::{State, decide};

use self::dice::{Dice, Known};
use super::*;

const SEQUENCES: u64 = 1500;
const STEPS: u64 = 25;

/// The store as Rust keeps it.
#[derive(Default)]
struct Model {
    texts: BTreeMap<String, String>,
    /// What was tried: algorithm, operation and verdict.
    seen: BTreeSet<[u64; 3]>,
}

impl Model {
    fn count(&mut self, asked: &[(String, Ask)], now_ms: u64) -> Vec<Said> {
        let read =
            |(key, ask): &(String, Ask)| (*ask, State::read(self.texts.get(key).map_or("", String::as_str), &ask.rule));
        let decided = decide(asked.iter().map(read).collect(), now_ms);
        let mut said = Vec::new();
        for ((key, ask), decided) in asked.iter().zip(decided) {
            let now_ms = decided.said.now_ms;
            match decided.next {
                Some(next) if next.ends_ms(&ask.rule, now_ms) > now_ms => {
                    self.texts.insert(key.clone(), next.write(&ask.rule));
                }
                Some(_) => _ = self.texts.remove(key),
                None => {}
            }
            self.seen.insert([ask.numbers()[0], ask.numbers()[6], decided.said.numbers()[0]]);
            said.push(decided.said);
        }
        said
    }
}

/// A question, what must be said, and what must be kept of each key.
struct Expected {
    question: String,
    said: Vec<i64>,
    texts: Vec<Option<String>>,
}

/// Questions about a few keys, one after the other: what is sent, and what must come of it.
fn sequence(seed: u64, script: &str, model: &mut Model) -> (redis::Pipeline, Vec<Expected>) {
    let dice = &mut Dice(seed);
    let mut now_ms = dice.of(&[1, 1_000_000, 1_790_000_000_000, 1_790_000_000_000, 1 << 52, LARGEST - (1 << 37)]);
    let keys: Vec<String> = (0..1 + dice.below(4)).map(|index| format!("{seed}-{index}")).collect();
    let mut rules: Vec<Rule> = keys.iter().map(|_| dice.rule(now_ms)).collect();
    // Until as many leases as there may be are out it takes a while.
    let (lends, steps) = if dice.below(4) == 0 { (true, 3 * STEPS) } else { (false, STEPS) };
    let mut known = Known::of(lends);
    let (mut pipeline, mut all) = (redis::pipe(), Vec::new());
    for (key, rule) in keys.iter().zip(&rules) {
        if matches!(rule, Rule::SlidingLog(_)) && dice.below(16) == 0 {
            let text = dice.long_log(now_ms);
            pipeline.set(key, &text).ignore();
            model.texts.insert(key.clone(), text);
        }
    }
    for _ in 0..steps {
        let far = dice.sized(1 << 31);
        now_ms = match dice.below(8) {
            0 | 1 => now_ms,
            2 => now_ms + far,
            3 => now_ms.saturating_sub(far).max(1),
            _ => now_ms + dice.below(2000),
        };
        let mut asked = Vec::new();
        for (key, rule) in keys.iter().zip(&mut rules) {
            *rule = dice.rule_after(*rule, now_ms);
            if dice.below(3) > 0 || keys.len() == 1 {
                asked.push((key.clone(), Ask { rule: *rule, operation: dice.operation(&known) }));
            }
            if dice.below(64) == 0
                && let Some(text) = model.texts.get_mut(key)
            {
                *text = dice.spoilt(text);
                pipeline.set(key, text.as_str()).ignore();
            }
        }
        let said = model.count(&asked, now_ms);
        said.iter().for_each(|said| known.learn(said));
        let call = pipeline.cmd("EVALSHA").arg(script).arg(asked.len());
        asked.iter().for_each(|(key, _)| _ = call.arg(key));
        call.arg(now_ms);
        asked.iter().for_each(|(_, ask)| _ = call.arg(&ask.numbers()[..]));
        pipeline.cmd("MGET").arg(&keys);
        all.push(Expected {
            question: format!("seed {seed} at {now_ms}: {asked:?}"),
            said: said.iter().flat_map(Said::numbers).map(|number| i64::try_from(number).unwrap()).collect(),
            texts: keys.iter().map(|key| model.texts.get(key).cloned()).collect(),
        });
    }
    (pipeline, all)
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn the_script_decides_as_the_core_does_and_leaves_the_same_text() {
    let server = Server::start();
    run(async {
        let mut redis = beside(&server.address(0)).await;
        let load = redis::cmd("SCRIPT").arg("LOAD").arg(scripts::LIMIT.text).query_async(&mut redis).await;
        let script: String = load.unwrap();
        let mut model = Model::default();
        for seed in 0..SEQUENCES {
            let (pipeline, expected) = sequence(seed, &script, &mut model);
            let answers: Vec<Value> = pipeline.query_async(&mut redis).await.unwrap();
            assert_eq!(answers.len(), 2 * expected.len());
            for (answers, Expected { question, said, texts }) in answers.chunks(2).zip(expected) {
                assert_eq!(redis::from_redis_value::<Vec<i64>>(answers[0].clone()).unwrap(), said, "{question}");
                let kept: Vec<Option<String>> = redis::from_redis_value(answers[1].clone()).unwrap();
                assert_eq!(kept, texts, "{question}");
            }
        }
        // Six algorithms and eight operations, two of which end in several ways.
        let pairs: BTreeSet<[u64; 2]> = model.seen.iter().map(|[rule, operation, _]| [*rule, *operation]).collect();
        assert_eq!((pairs.len(), model.seen.len()), (48, 73), "{:?}", model.seen);
    });
}
