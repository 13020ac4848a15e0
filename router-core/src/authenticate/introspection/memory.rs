//! What an instance remembers of opaque tokens and of their issuers.

use std::time::Duration;

use super::{Judged, Rules, Token};
use crate::authenticate::{MemoryKey, MemoryScope, Refusal};
use crate::breaker::{Breaker, Resting};
use crate::elapsed::after;
use crate::recent::Recent;

/// How many good tokens are remembered. They take the room that the claims of [`MAX_REMEMBERED`] bytes take at most.
const MOST_GOOD: usize = 1024;

/// How many refused ones: apart, so that whoever sends made-up tokens pushes no good one out.
const MOST_BAD: usize = 4096;

/// Authenticators whose issuer is watched.
const MOST_ISSUERS: usize = 256;

/// How an issuer is left alone that fails: a question may take 10 s, so that a trial is over after 15.
const ISSUER: Resting = Resting {
    failures: 5,
    shortest: Duration::from_secs(30),
    longest: Duration::from_secs(300),
    gone: Duration::from_secs(15),
};

/// The longest answer that is remembered, in bytes. Real ones have less than 2 KiB; a longer one is asked for each time.
const MAX_REMEMBERED: usize = 8 * 1024;

/// What an instance remembers.
#[derive(Debug)]
pub struct Memory {
    good: Recent<MemoryKey, Known<Token>>,
    bad: Recent<MemoryKey, Known<Refusal>>,
    issuers: Recent<MemoryKey, Breaker>,
}

/// Something that is known from one time of the clock to another. A clock that is set back before the first ends it too: nothing is known for longer
/// than it should be.
#[derive(Clone, Debug)]
struct Known<T> {
    what: T,
    since_ms: u64,
    until_ms: u64,
}

impl<T> Known<T> {
    fn holds(&self, now_ms: u64) -> bool {
        (self.since_ms..self.until_ms).contains(&now_ms)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { good: Recent::new(MOST_GOOD), bad: Recent::new(MOST_BAD), issuers: Recent::new(MOST_ISSUERS) }
    }
}

impl Memory {
    /// What is known of a token.
    pub fn recall(&mut self, key: &MemoryKey, now_ms: u64) -> Option<Judged> {
        if let Some(known) = self.good.get(key).filter(|known| known.holds(now_ms)) {
            return Some(Ok(known.what.clone()));
        }
        self.bad.get(key).filter(|known| known.holds(now_ms)).map(|known| Err(known.what.clone()))
    }

    /// Remembers what an answer of `length` bytes meant: as long as the rules say, and never beyond the end of the token.
    pub fn remember(&mut self, key: MemoryKey, judged: &Judged, length: usize, rules: &Rules, now_ms: u64) {
        self.good.remove(&key);
        self.bad.remove(&key);
        match judged {
            Ok(token) if length <= MAX_REMEMBERED => {
                let until_ms = after(now_ms, rules.remember).min(token.consumer.expires_ms.unwrap_or(u64::MAX));
                if until_ms > now_ms {
                    self.good.insert(key, Known { what: token.clone(), since_ms: now_ms, until_ms });
                }
            }
            Ok(_) => {}
            Err(refusal) => {
                let until_ms = after(now_ms, rules.remember_refusals);
                if until_ms > now_ms {
                    self.bad.insert(key, Known { what: refusal.clone(), since_ms: now_ms, until_ms });
                }
            }
        }
    }

    /// Whether the issuer of an authenticator may be asked. If so, [`Memory::answered`] tells what came of it.
    ///
    /// # Errors
    /// For how long it is left alone because it has failed.
    pub fn admit(&mut self, scope: &MemoryScope, authenticator: &str, now_ms: u64) -> Result<(), Duration> {
        self.issuer(scope, authenticator, now_ms).admit(now_ms)
    }

    /// Notes whether the issuer has answered.
    pub fn answered(&mut self, scope: &MemoryScope, authenticator: &str, has_answered: bool, now_ms: u64) {
        let issuer = self.issuer(scope, authenticator, now_ms);
        if has_answered { issuer.succeeded(now_ms) } else { issuer.failed(now_ms) }
    }

    fn issuer(&mut self, scope: &MemoryScope, authenticator: &str, now_ms: u64) -> &mut Breaker {
        self.issuers.entry(MemoryKey::of(scope, authenticator, b""), || Breaker::new(&ISSUER, now_ms))
    }
}
