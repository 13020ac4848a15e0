use serde_json::json;

use super::*;
use crate::authenticate::MemoryScope;
use crate::authenticate::jwt::Times;
use crate::authenticate::jwt::attacks::rules;

const NOW_MS: u64 = 1_800_000_000_000;

fn token(id: &str, expires_ms: u64) -> Token {
    let consumer = Consumer { id: id.into(), expires_ms: Some(expires_ms), ..Consumer::default() };
    Token { consumer: consumer.into(), times: Times { expires_ms: Some(expires_ms), ..Times::default() } }
}

fn key(text: &str) -> MemoryKey {
    MemoryKey::of(&MemoryScope::of(b"configuration"), "main", text.as_bytes())
}

/// The id of who is remembered.
fn recalled(memory: &mut Memory, now_ms: u64) -> Option<Result<String, Refusal>> {
    Some(memory.recall(&key("token"), &rules(&[], Vec::new()), now_ms)?.map(|consumer| consumer.id.clone()))
}

#[test]
fn a_token_is_remembered_for_five_minutes() {
    let mut memory = Memory::default();
    assert_eq!(recalled(&mut memory, NOW_MS), None);
    memory.remember(key("token"), token("ann", NOW_MS + 3_600_000), NOW_MS);
    assert_eq!(recalled(&mut memory, NOW_MS), Some(Ok("ann".into())));
    assert_eq!(recalled(&mut memory, NOW_MS + 299_999), Some(Ok("ann".into())));
    assert_eq!(recalled(&mut memory, NOW_MS + 300_000), None);
    assert_eq!(recalled(&mut memory, NOW_MS), None, "and is forgotten then");
}

#[test]
fn whose_a_token_is_is_handed_out_without_a_copy_of_its_claims() {
    let mut memory = Memory::default();
    memory.remember(key("token"), token("ann", NOW_MS + 3_600_000), NOW_MS);
    let mut recall = || memory.recall(&key("token"), &rules(&[], Vec::new()), NOW_MS).unwrap().unwrap();
    assert!(Arc::ptr_eq(&recall(), &recall()));
}

#[test]
fn a_remembered_token_ends_when_it_ends() {
    let mut memory = Memory::default();
    memory.remember(key("token"), token("ann", NOW_MS + 10_000), NOW_MS);
    // With the leeway of 30 s.
    assert_eq!(recalled(&mut memory, NOW_MS + 39_999), Some(Ok("ann".into())));
    assert_eq!(recalled(&mut memory, NOW_MS + 40_000), Some(Err(Refusal::Expired)));
    assert!(memory.tokens.is_empty());
}

#[test]
fn a_clock_that_went_back_makes_a_token_be_verified_again() {
    let mut memory = Memory::default();
    memory.remember(key("token"), token("ann", NOW_MS + 3_600_000), NOW_MS);
    assert_eq!(recalled(&mut memory, NOW_MS - 1), None);
}

#[test]
fn neither_tokens_nor_their_claims_outgrow_their_bounds() {
    let mut memory = Memory::default();
    for n in 0..10_000_u64 {
        let mut token = token("ann", NOW_MS + 3_600_000);
        if n % 2 == 0 {
            Arc::make_mut(&mut token.consumer).claims.insert("groups".into(), json!(vec!["x".repeat(100); 100]));
        }
        memory.remember(key(&n.to_string()), token, NOW_MS);
        assert!(memory.tokens.len() <= MOST_TOKENS);
    }
    // Each second one weighs some 17 KB: eight million bytes hold about a thousand with the others beside them.
    assert!((400..1_000).contains(&memory.tokens.len()), "{}", memory.tokens.len());
}

#[test]
fn a_value_weighs_what_stands_in_it() {
    let consumer = |claims: Value| Consumer { claims: claims.as_object().unwrap().clone(), ..Consumer::default() };
    assert_eq!(weight(&consumer(json!({}))), 0);
    assert_eq!(weight(&consumer(json!({"ab": 7}))), 2 + VALUE_BYTES);
    assert_eq!(weight(&consumer(json!({"ab": ["cde", null, {"f": true}]}))), 2 + 3 + 1 + 5 * VALUE_BYTES);
}
