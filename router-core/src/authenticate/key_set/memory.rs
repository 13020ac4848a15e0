//! What an instance remembers of key sets.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::Remote;
use super::cached::{Cached, STALE};
use super::lifetime::LONGEST;
use crate::authenticate::jose::{Algorithm, Key};
use crate::elapsed::Moment;
use crate::recent::Recent;

/// How many key sets are remembered: more than there are issuers in a configuration, as a rule. They come from the configuration, never from a request.
const MOST_SETS: usize = 256;

/// For how long other instances may use what is left for them.
pub const SHARED_FOR: Duration = Duration::from_secs(STALE.as_secs() + LONGEST.as_secs());

/// The longest text about a failure that is kept, in characters: some of it is what a server said.
const LONGEST_REASON: usize = 300;

/// What an instance remembers of key sets.
#[derive(Debug)]
pub struct Memory {
    sets: Recent<[u8; 32], Cached>,
}

/// Which key is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Question<'t> {
    /// The `kid` of the token, if it has one.
    pub kid: Option<&'t str>,
    /// The algorithm of its signature.
    pub algorithm: Algorithm,
    pub(super) arrived: Moment,
    pub(super) unverified: Option<Unverified<'t>>,
}

/// A signature that none of these keys has made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unverified<'t> {
    pub(super) tried: &'t [Key],
    /// The hash of the signature.
    pub(super) name: [u8; 32],
}

impl<'t> Question<'t> {
    /// The question that is left when none of the keys in `tried` has made `signature`: whether there are newer ones. `None` where ids say which key is
    /// meant, and where there was none to try: then there is nothing to find.
    #[must_use]
    pub fn unverified(self, tried: &'t [Key], signature: &[u8]) -> Option<Self> {
        let is_named = self.kid.is_some() && tried.iter().all(|key| key.id().is_some());
        let unverified = Unverified { tried, name: Sha256::digest(signature).into() };
        (!tried.is_empty() && !is_named).then_some(Self { unverified: Some(unverified), ..self })
    }
}

/// What to do for a token.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Try these keys; never none.
    Use(Vec<Key>),
    /// Try these keys, and ask the server for [`Cause::Due`] in the background.
    Refresh(Vec<Key>),
    /// Ask the server, then decide again.
    Ask(Cause),
    /// The issuer has no such key.
    Unknown,
    /// It cannot be told before this time has passed.
    Unavailable {
        /// For the log.
        reason: String,
        /// At least a second.
        retry_after: Duration,
    },
}

/// Why a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No keys are known, or none that are fresh.
    Missing,
    /// The keys will not be fresh for much longer.
    Due,
    /// A token names a key that is not in the set, or names none and was signed with none of the set.
    Unknown,
}

impl Default for Memory {
    fn default() -> Self {
        Self { sets: Recent::new(MOST_SETS) }
    }
}

impl Memory {
    /// A question that arrives now.
    pub fn question<'t>(
        &mut self,
        remote: &Remote,
        kid: Option<&'t str>,
        algorithm: Algorithm,
        now_ms: u64,
    ) -> Question<'t> {
        Question { kid, algorithm, arrived: self.of(remote, now_ms).moment(now_ms), unverified: None }
    }

    /// What to do. Keys that are fresh answer at once, whatever their server does.
    pub fn decide(&mut self, remote: &Remote, question: &Question<'_>, now_ms: u64) -> Decision {
        self.of(remote, now_ms).decide(question, now_ms)
    }

    /// What to do after asking has led nowhere several times. Never [`Decision::Ask`].
    pub fn settle(&mut self, remote: &Remote, question: &Question<'_>, now_ms: u64) -> Decision {
        self.of(remote, now_ms).settle(question, now_ms)
    }

    /// Takes in what the store has, and says whether the server is still to be asked. If so, the fetch counts as begun: [`Memory::succeed`] or
    /// [`Memory::fail`] must follow, and if none does, it is begun again after a while.
    pub fn begin(&mut self, remote: &Remote, cause: Cause, stored: Option<&Bytes>, now_ms: u64) -> bool {
        self.of(remote, now_ms).begin(cause, stored, now_ms)
    }

    /// Takes the key set that was fetched, and returns what to put into the store for [`SHARED_FOR`].
    ///
    /// # Errors
    /// Why it is none that could be used; the caller then calls [`Memory::fail`].
    pub fn succeed(
        &mut self,
        remote: &Remote,
        text: &Bytes,
        lifetime: Duration,
        now_ms: u64,
    ) -> Result<Bytes, &'static str> {
        self.of(remote, now_ms).succeed(text, lifetime, now_ms)
    }

    /// Notes that a fetch has failed, and returns what to put into the store, where `stored` was found.
    pub fn fail(&mut self, remote: &Remote, reason: &str, stored: Option<&Bytes>, now_ms: u64) -> Bytes {
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        self.of(remote, now_ms).fail(&reason, stored, now_ms)
    }

    fn of(&mut self, remote: &Remote, now_ms: u64) -> &mut Cached {
        self.sets.entry(*remote.id(), || Cached::new(now_ms))
    }
}
