//! What is remembered, and what the tests of this module share.

use super::*;
use crate::authenticate::claims::ClaimPath;
use crate::authenticate::dpop;
use crate::authenticate::jose::Algorithm;
use crate::authenticate::{Consumer, MemoryKey, MemoryScope, Refusal};

pub(super) const NOW_MS: u64 = 1_767_225_600_000;

pub(super) fn rules() -> Rules {
    Rules {
        endpoint: Endpoint::parse("https://issuer.test/introspect").unwrap(),
        client: Client::basic("gateway", "secret"),
        issuer: Some("https://issuer.test".into()),
        audience: vec!["api".into()],
        places: vec![Place::Bearer],
        max_size: 64,
        remember: Duration::from_secs(60),
        remember_refusals: Duration::from_secs(10),
        timeout: Duration::from_secs(2),
        claims: Mapping {
            consumer: vec![ClaimPath::member("sub"), ClaimPath::member("client_id")],
            scopes: vec![ClaimPath::member("scope")],
            roles: None,
            plan: None,
        },
        proof: ProofRules {
            always: false,
            dpop: dpop::Rules { algorithms: vec![Algorithm::Es256], window: Duration::from_secs(60), nonce: None },
        },
    }
}

fn good(expires_ms: Option<u64>) -> Judged {
    Ok(Token { consumer: Consumer { id: "ann".into(), expires_ms, ..Consumer::default() }.into() })
}

fn scope() -> MemoryScope {
    MemoryScope::of(b"configuration")
}

fn key(token: &str) -> MemoryKey {
    MemoryKey::of(&scope(), "opaque", token.as_bytes())
}

/// For how many milliseconds `judged` is remembered, at most 100 s.
fn remembered(rules: &Rules, judged: &Judged) -> u64 {
    let mut memory = Memory::default();
    memory.remember(key("x"), judged, 100, rules, NOW_MS);
    (0..100_000).find(|ms| memory.recall(&key("x"), NOW_MS + ms).is_none()).unwrap_or(100_000)
}

#[test]
fn only_what_can_be_a_token_is_asked_about() {
    let rules = rules();
    assert!(rules.takes("2YotnFZFEjr1zCsicMWpAA") && rules.takes(&"x".repeat(64)));
    for token in ["", " ", "a b", "a\tb", "é", &"x".repeat(65)] {
        assert!(!rules.takes(token), "{token:?}");
    }
}

#[test]
fn an_answer_is_remembered_as_long_as_it_may_be() {
    let rules = rules();
    assert_eq!(remembered(&rules, &good(None)), 60_000);
    assert_eq!(remembered(&rules, &good(Some(NOW_MS + 5_000))), 5_000, "not beyond the end of the token");
    assert_eq!(remembered(&rules, &good(Some(NOW_MS - 5_000))), 0);
    assert_eq!(remembered(&rules, &Err(Refusal::Invalid)), 10_000);
    let rules = Rules { remember: Duration::ZERO, remember_refusals: Duration::ZERO, ..rules };
    assert_eq!((remembered(&rules, &good(None)), remembered(&rules, &Err(Refusal::Invalid))), (0, 0));
}

#[test]
fn what_is_remembered_is_of_one_token_one_authenticator_and_one_configuration() {
    let mut memory = Memory::default();
    memory.remember(key("x"), &good(None), 100, &rules(), NOW_MS);
    assert_eq!(memory.recall(&key("x"), NOW_MS), Some(good(None)));
    let newer = MemoryScope::of(b"newer");
    for other in [key("y"), MemoryKey::of(&scope(), "other", b"x"), MemoryKey::of(&newer, "opaque", b"x")] {
        assert_eq!(memory.recall(&other, NOW_MS), None);
    }
    assert_eq!(memory.recall(&key("x"), NOW_MS - 1), None, "a clock that was set back ends it");
    memory.remember(key("x"), &Err(Refusal::Invalid), 100, &rules(), NOW_MS);
    assert_eq!(memory.recall(&key("x"), NOW_MS), Some(Err(Refusal::Invalid)), "the newer answer counts");
}

#[test]
fn whose_a_token_is_is_handed_out_without_a_copy_of_its_claims() {
    let mut memory = Memory::default();
    memory.remember(key("x"), &good(None), 100, &rules(), NOW_MS);
    let mut recall = || memory.recall(&key("x"), NOW_MS).unwrap().unwrap().consumer;
    assert!(std::sync::Arc::ptr_eq(&recall(), &recall()));
}

#[test]
fn made_up_tokens_push_no_good_one_out_and_long_answers_are_not_kept() {
    let mut memory = Memory::default();
    memory.remember(key("good"), &good(None), 100, &rules(), NOW_MS);
    for forged in 0..20_000 {
        memory.remember(key(&forged.to_string()), &Err(Refusal::Invalid), 100, &rules(), NOW_MS);
    }
    assert_eq!(memory.recall(&key("good"), NOW_MS), Some(good(None)));
    memory.remember(key("long"), &good(None), 8193, &rules(), NOW_MS);
    assert_eq!(memory.recall(&key("long"), NOW_MS), None);
}

#[test]
fn an_issuer_that_fails_is_left_alone_and_no_other() {
    let mut memory = Memory::default();
    for _ in 0..5 {
        assert_eq!(memory.admit(&scope(), "a", NOW_MS), Ok(()));
        memory.answered(&scope(), "a", false, NOW_MS);
    }
    assert_eq!(memory.admit(&scope(), "a", NOW_MS), Err(Duration::from_secs(30)));
    assert_eq!(
        (memory.admit(&scope(), "b", NOW_MS), memory.admit(&MemoryScope::of(b"newer"), "a", NOW_MS)),
        (Ok(()), Ok(()))
    );
}
