//! Tokens that were verified.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Rules, Token};
use crate::authenticate::{Consumer, MemoryKey, Refusal};
use crate::recent::Weighed;

/// How long a token goes without a look at its signature. A key that its issuer withdrew is good for so long at most.
pub const LONGEST_MEMORY: Duration = Duration::from_secs(300);

/// The most tokens that are remembered.
const MOST_TOKENS: usize = 4096;

/// The most bytes that remembered tokens take together. An isolate of Workers has 128 MiB for everything.
const MOST_BYTES: usize = 8 << 20;

/// What a token takes beside its claims: the key, the struct, the table's own part.
const TOKEN_BYTES: usize = 512;

/// What a value takes beside its text: itself, and its part of the list or map that holds it.
const VALUE_BYTES: usize = 64;

/// What an instance remembers of tokens: whose they are. Not the tokens themselves.
#[derive(Debug)]
pub struct Memory {
    tokens: Weighed<MemoryKey, Remembered>,
}

#[derive(Debug)]
struct Remembered {
    token: Token,
    verified_ms: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self { tokens: Weighed::new(MOST_TOKENS, MOST_BYTES) }
    }
}

impl Memory {
    /// What is remembered of a token, judged by `rules` at `now_ms`: whose it is, or that its time is over. `None`: it has to be verified.
    pub fn recall(&mut self, key: &MemoryKey, rules: &Rules, now_ms: u64) -> Option<Result<Arc<Consumer>, Refusal>> {
        let remembered = self.tokens.get(key)?;
        let longest = u64::try_from(LONGEST_MEMORY.as_millis()).unwrap_or(u64::MAX);
        // A clock that went back says nothing about how long ago it was.
        let is_fresh = now_ms.checked_sub(remembered.verified_ms).is_some_and(|since| since < longest);
        let judged = remembered.token.times.judge(rules, now_ms);
        if is_fresh && judged.is_ok() {
            return Some(Ok(Arc::clone(&remembered.token.consumer)));
        }
        self.tokens.remove(key);
        judged.err().filter(|_| is_fresh).map(Err)
    }

    /// Remembers a token that was verified at `now_ms`.
    pub fn remember(&mut self, key: MemoryKey, token: Token, now_ms: u64) {
        let weight = TOKEN_BYTES + weight(&token.consumer);
        self.tokens.insert(key, Remembered { token, verified_ms: now_ms }, weight);
    }
}

/// About how many bytes a consumer takes.
fn weight(consumer: &Consumer) -> usize {
    let Consumer { id, authenticator, issuer, scopes, roles, plan, claims, credential, expires_ms: _ } = consumer;
    let texts = [Some(id), Some(authenticator), issuer.as_ref(), plan.as_ref(), credential.as_ref()];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let lists: usize = scopes.iter().chain(roles).map(|text| VALUE_BYTES + text.len()).sum();
    let claims: usize = claims.iter().map(|(name, value)| name.len() + value_weight(value)).sum();
    texts + lists + claims
}

fn value_weight(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(value_weight).sum(),
            Value::Object(members) => members.iter().map(|(name, value)| name.len() + value_weight(value)).sum(),
        }
}

#[cfg(test)]
mod tests;
