//! The state machine, step by step. The properties that hold for every schedule are in `properties`.

mod properties;

use std::time::Duration;

use bytes::Bytes;

use super::lifetime::SHORTEST;
use super::*;
use crate::authenticate::Endpoint;
use crate::authenticate::jose::Algorithm;

const START: u64 = 1_767_225_600_000;
const HOUR: Duration = Duration::from_secs(3600);

fn remote() -> Remote {
    Remote::jwks(Endpoint::parse("https://issuer.test/keys").unwrap())
}

/// A key set with these ids. The keys are that of RFC 8037 appendix A.2.
fn set(ids: &[&str]) -> Bytes {
    let keys: Vec<String> = ids
        .iter()
        .map(|id| {
            let kid = if id.is_empty() { String::new() } else { format!(r#","kid":"{id}""#) };
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"{kid}}}"#)
        })
        .collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(",")).into()
}

/// An instance with a clock.
struct Machine {
    memory: Memory,
    now: u64,
}

impl Machine {
    fn new() -> Self {
        Self { memory: Memory::default(), now: START }
    }

    fn pass(&mut self, by: Duration) {
        self.now += u64::try_from(by.as_millis()).unwrap();
    }

    /// What is decided for a token that arrives now, in a word.
    fn ask(&mut self, kid: &str) -> String {
        self.pass(Duration::from_millis(1));
        let kid = Some(kid).filter(|kid| !kid.is_empty());
        let question = self.memory.question(&remote(), kid, Algorithm::EdDsa, self.now);
        self.again(&question)
    }

    fn again(&mut self, question: &Question<'_>) -> String {
        word(&self.memory.decide(&remote(), question, self.now))
    }

    fn begin(&mut self, cause: Cause, stored: Option<&Bytes>) -> bool {
        self.memory.begin(&remote(), cause, stored, self.now)
    }

    /// A fetch that takes no time and brings a set with these ids, and what it leaves for others.
    fn fetched(&mut self, cause: Cause, ids: &[&str]) -> Bytes {
        assert!(self.begin(cause, None));
        self.memory.succeed(&remote(), &set(ids), HOUR, self.now).unwrap()
    }

    fn failed(&mut self, cause: Cause) -> Bytes {
        assert!(self.begin(cause, None));
        self.memory.fail(&remote(), "it is down", None, self.now)
    }
}

fn word(decision: &Decision) -> String {
    match decision {
        Decision::Use(keys) => format!("use {}", keys.len()),
        Decision::Refresh(keys) => format!("refresh {}", keys.len()),
        Decision::Ask(cause) => format!("ask {cause:?}"),
        Decision::Unknown => "unknown".to_owned(),
        Decision::Unavailable { retry_after, .. } => format!("unavailable {}", retry_after.as_secs()),
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn keys_are_fetched_once_and_then_used_until_they_are_due() {
    let mut machine = Machine::new();
    assert_eq!(machine.ask("a"), "ask Missing");
    machine.fetched(Cause::Missing, &["a", "b"]);
    assert_eq!((machine.ask("a"), machine.ask(""), machine.ask("b")), ("use 1".into(), "use 2".into(), "use 1".into()));
    machine.pass(seconds(3600 * 4 / 5 - 1));
    assert_eq!(machine.ask("a"), "use 1");
    machine.pass(seconds(1));
    assert_eq!((machine.ask("a"), machine.ask("a")), ("refresh 1".into(), "use 1".into()), "one refresh at a time");
    machine.pass(seconds(15));
    assert_eq!(machine.ask("a"), "refresh 1", "a refresh whose request died is begun again");
    machine.fetched(Cause::Due, &["b"]);
    assert_eq!(machine.ask("b"), "use 1");
    machine.pass(seconds(3601));
    assert_eq!(machine.ask("b"), "ask Missing", "what is no longer fresh is not used without asking");
}

#[test]
fn stale_keys_are_used_for_a_day_while_their_server_is_down_and_no_longer() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    machine.pass(HOUR);
    assert_eq!(machine.ask("a"), "ask Missing");
    machine.failed(Cause::Missing);
    assert_eq!(machine.ask("a"), "use 1", "nobody waits for a server that has just failed");
    machine.pass(seconds(1));
    assert_eq!((machine.ask("a"), machine.ask("a")), ("refresh 1".into(), "use 1".into()));
    machine.failed(Cause::Due);
    machine.pass(STALE - seconds(2));
    assert_eq!(machine.ask("a"), "refresh 1");
    machine.failed(Cause::Due);
    machine.pass(seconds(2));
    assert_eq!(machine.ask("a"), "unavailable 1");
}

#[test]
fn while_nothing_is_known_the_pauses_double_up_to_a_minute() {
    let mut machine = Machine::new();
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(machine.ask("a"), "ask Missing");
        machine.failed(Cause::Missing);
        assert!(!machine.begin(Cause::Missing, None), "no fetch within the pause, whoever asks");
        assert_eq!(machine.ask("a"), format!("unavailable {}", (pause - 1).max(1)));
        machine.pass(seconds(pause));
    }
    machine.fetched(Cause::Missing, &["a"]);
    assert_eq!(machine.ask("a"), "use 1");
}

#[test]
fn an_unknown_key_leads_to_one_fetch_and_then_to_none_for_a_while() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    assert_eq!(machine.ask("b"), "ask Unknown");
    machine.fetched(Cause::Unknown, &["a", "b"]);
    assert_eq!(machine.ask("b"), "use 1");
    for forged in ["x", "y", "z"] {
        assert_eq!(machine.ask(forged), "unknown");
    }
    assert!(!machine.begin(Cause::Unknown, None));
    machine.pass(COOLDOWN);
    assert_eq!(machine.ask("x"), "ask Unknown");
}

#[test]
fn a_key_that_is_not_in_a_set_newer_than_the_token_does_not_exist_for_a_while_that_grows() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    for wait in [30, 60, 120, 240, 300, 300] {
        machine.pass(Duration::from_millis(1));
        let question = machine.memory.question(&remote(), Some("gone"), Algorithm::EdDsa, machine.now);
        assert_eq!(machine.again(&question), "ask Unknown");
        machine.fetched(Cause::Unknown, &["a"]);
        assert_eq!(machine.again(&question), "unknown");
        machine.pass(seconds(wait) - Duration::from_millis(2));
        assert_eq!(machine.ask("gone"), "unknown");
        assert_eq!(machine.ask("a"), "use 1");
    }
    machine.fetched(Cause::Unknown, &["gone"]);
    assert_eq!(machine.ask("gone"), "use 1", "it is there as soon as any fetch brings it");
}

#[test]
fn a_token_waits_for_a_fetch_that_is_under_way_and_may_bring_its_key() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    assert_eq!(machine.ask("b"), "ask Unknown");
    assert!(machine.begin(Cause::Unknown, None));
    assert_eq!((machine.ask("b"), machine.ask("a")), ("ask Unknown".into(), "use 1".into()));
    machine.memory.succeed(&remote(), &set(&["a", "b"]), HOUR, machine.now).unwrap();
    assert_eq!((machine.ask("b"), machine.ask("c")), ("use 1".into(), "unknown".into()));
}

#[test]
fn after_a_fetch_that_died_an_unknown_key_cannot_be_judged() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    assert!(machine.begin(Cause::Unknown, None));
    assert_eq!(machine.ask("b"), "ask Unknown");
    assert!(!machine.begin(Cause::Unknown, None), "the cooldown holds all the same");
    assert_eq!((machine.ask("b"), machine.ask("a")), ("unavailable 29".into(), "use 1".into()));
    machine.pass(COOLDOWN);
    assert_eq!(machine.ask("b"), "ask Unknown");
}

#[test]
fn an_unknown_key_cannot_be_judged_while_the_server_is_down_and_a_known_one_can() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    assert_eq!(machine.ask("b"), "ask Unknown");
    machine.failed(Cause::Unknown);
    assert_eq!((machine.ask("b"), machine.ask("a")), ("unavailable 29".into(), "use 1".into()));
    machine.pass(seconds(29));
    assert_eq!(machine.ask("b"), "unavailable 1");
    machine.pass(seconds(1));
    assert_eq!(machine.ask("b"), "ask Unknown");
}

#[test]
fn keys_without_an_id_serve_any_id_that_a_newer_set_does_not_have() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &[""]);
    let question = machine.memory.question(&remote(), Some("b"), Algorithm::EdDsa, machine.now + 1);
    machine.pass(Duration::from_millis(1));
    assert_eq!(machine.again(&question), "ask Unknown");
    machine.fetched(Cause::Unknown, &[""]);
    assert_eq!(
        (machine.again(&question), machine.ask("c"), machine.ask("")),
        ("use 1".into(), "use 1".into(), "use 1".into())
    );
}

/// What is decided for a token that arrives now and that none of the keys it is tried with has signed.
fn unverified(machine: &mut Machine, kid: Option<&str>, signature: &[u8]) -> String {
    machine.pass(Duration::from_millis(1));
    let question = machine.memory.question(&remote(), kid, Algorithm::EdDsa, machine.now);
    let Decision::Use(tried) = machine.memory.decide(&remote(), &question, machine.now) else { panic!("no keys") };
    match question.unverified(&tried, signature) {
        Some(question) => machine.again(&question),
        None => "forged".to_owned(),
    }
}

#[test]
fn a_signature_of_no_key_without_an_id_leads_to_one_fetch_in_the_cooldown() {
    for (ids, kid) in [(["a"], None), ([""], None), ([""], Some("b"))] {
        let mut machine = Machine::new();
        machine.fetched(Cause::Missing, &ids);
        // The id itself was looked for in vain, three times, and so is not looked for again for a while.
        for _ in 0..if kid.is_some() { 3 } else { 0 } {
            machine.pass(Duration::from_millis(1));
            let question = machine.memory.question(&remote(), kid, Algorithm::EdDsa, machine.now);
            assert_eq!(machine.again(&question), "ask Unknown");
            machine.fetched(Cause::Unknown, &ids);
            assert_eq!(machine.again(&question), "use 1");
            machine.pass(2 * COOLDOWN);
        }
        assert_eq!(unverified(&mut machine, kid, b"forged"), "ask Unknown", "{ids:?} {kid:?}");
        machine.fetched(Cause::Unknown, &ids);
        for forged in 0..29_u8 {
            machine.pass(seconds(1) - Duration::from_millis(1));
            assert_eq!(unverified(&mut machine, kid, &[forged]), "unknown");
        }
        machine.pass(seconds(1));
        assert_eq!(unverified(&mut machine, kid, b"other"), "ask Unknown");
    }
}

#[test]
fn an_id_that_is_in_the_set_says_which_key_it_is() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a", ""]);
    assert_eq!(unverified(&mut machine, Some("a"), b"forged"), "forged");
}

#[test]
fn keys_that_were_tried_are_not_tried_again() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &[""]);
    machine.pass(Duration::from_millis(1));
    let question = machine.memory.question(&remote(), None, Algorithm::EdDsa, machine.now);
    let Decision::Use(tried) = machine.memory.decide(&remote(), &question, machine.now) else { panic!("no keys") };
    let question = question.unverified(&tried, b"signature").unwrap();
    assert!(machine.begin(Cause::Unknown, None));
    // RFC 8032 section 7.1 test 2.
    let newer = Bytes::from_static(
        br#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}]}"#,
    );
    machine.memory.succeed(&remote(), &newer, HOUR, machine.now).unwrap();
    assert_eq!((machine.again(&question), machine.ask("")), ("use 1".into(), "use 2".into()));
}

#[test]
fn what_one_instance_fetched_serves_the_others() {
    let (mut one, mut other) = (Machine::new(), Machine::new());
    let stored = one.fetched(Cause::Missing, &["a"]);
    other.pass(seconds(600));
    assert_eq!(other.ask("a"), "ask Missing");
    assert!(!other.begin(Cause::Missing, Some(&stored)), "the server need not be asked");
    assert_eq!(other.ask("a"), "use 1");
    other.pass(seconds(3600 * 4 / 5 - 600));
    assert_eq!(other.ask("a"), "refresh 1", "its age came with it");
    one.pass(seconds(2900));
    let newer = one.fetched(Cause::Due, &["b"]);
    assert!(!other.begin(Cause::Due, Some(&newer)));
    assert_eq!(other.ask("b"), "use 1");
    assert!(!other.begin(Cause::Due, Some(&stored)));
    assert_eq!(other.ask("b"), "use 1", "what is older is not taken back");
}

#[test]
fn instances_share_the_cooldown_and_the_pause() {
    let (mut one, mut other) = (Machine::new(), Machine::new());
    one.fetched(Cause::Missing, &["a"]);
    one.pass(seconds(10));
    let stored = one.fetched(Cause::Unknown, &["a"]);
    other.pass(seconds(11));
    assert!(!other.begin(Cause::Missing, Some(&stored)));
    assert_eq!(other.ask("forged"), "unknown", "another instance has just asked for one");

    let (mut one, mut other) = (Machine::new(), Machine::new());
    let stored = one.failed(Cause::Missing);
    assert!(!other.begin(Cause::Missing, Some(&stored)));
    assert_eq!(other.ask("a"), "unavailable 1");
    other.pass(seconds(1));
    assert_eq!(other.ask("a"), "ask Missing");
}

#[test]
fn a_failure_leaves_the_keys_in_the_store_as_they_are() {
    let (mut one, mut other) = (Machine::new(), Machine::new());
    let stored = one.fetched(Cause::Missing, &["a"]);
    other.pass(HOUR + seconds(5));
    assert!(other.begin(Cause::Missing, Some(&stored)));
    let left = other.memory.fail(&remote(), "it is down", Some(&stored), other.now);
    assert_eq!(other.ask("a"), "use 1");
    let mut third = Machine::new();
    third.now = other.now;
    assert!(!third.begin(Cause::Missing, Some(&left)), "the failure was told");
    assert_eq!(third.ask("a"), "use 1", "and so were the keys");
}

#[test]
fn nothing_in_the_store_is_believed_that_a_server_could_not_say() {
    let mut machine = Machine::new();
    let line = |fetched: u64, lifetime: u64| {
        format!(
            r#"{{"version":"1","fetched_ms":{fetched},"lifetime_s":{lifetime},"asked_ms":0,"failed_ms":0,"failures":0}}"#
        )
    };
    let value = |line: String, text: &Bytes| Bytes::from([line.as_bytes(), b"\n", text].concat());
    let symmetric =
        Bytes::from_static(br#"{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#);
    for (stored, why) in [
        (Bytes::from_static(b"\xff\xff"), "no line"),
        (set(&["a"]), "no marks"),
        (value(line(START + 3_600_000, 60), &set(&["a"])), "from the future"),
        (value(line(START - 2 * 86_400_000, 60), &set(&["a"])), "too old"),
        (value(line(START, 60), &Bytes::from_static(b"{}")), "no key set"),
        (value(line(START, 60), &symmetric), "a secret, for all to read"),
        (value(line(START, 60), &set(&[])), "no keys"),
    ] {
        assert!(machine.begin(Cause::Missing, Some(&stored)), "{why}");
        assert_eq!(machine.ask("a"), "ask Missing", "{why}");
    }
    let forever = value(line(machine.now, u64::MAX), &set(&["a"]));
    assert!(!machine.begin(Cause::Missing, Some(&forever)));
    machine.pass(seconds(86_400));
    assert_eq!(machine.ask("a"), "ask Missing", "bounded like what a server says");
    let never = value(line(machine.now, 0), &set(&["a"]));
    assert!(!machine.begin(Cause::Missing, Some(&never)));
    machine.pass(SHORTEST / 2);
    assert_eq!(machine.ask("a"), "use 1");
}

#[test]
fn a_set_without_usable_keys_replaces_nothing() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    machine.pass(seconds(3000));
    assert!(machine.begin(Cause::Due, None));
    for text in ["", "[]", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"XYZ"}]}"#, r#"{"keys":{}}"#] {
        assert!(machine.memory.succeed(&remote(), &text.into(), HOUR, machine.now).is_err(), "{text}");
    }
    assert_eq!(machine.ask("a"), "use 1");
}

#[test]
fn a_clock_that_is_set_back_does_not_make_keys_young() {
    let mut machine = Machine::new();
    machine.fetched(Cause::Missing, &["a"]);
    machine.pass(seconds(1800));
    assert_eq!(machine.ask("a"), "use 1");
    machine.now -= 365 * 86_400_000;
    assert_eq!(machine.ask("a"), "use 1");
    machine.pass(seconds(1800));
    assert_eq!(machine.ask("a"), "ask Missing");
}
