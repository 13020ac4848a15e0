//! What is known of one key set, and what to do about it: a state machine without a clock and without a network.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::stored::{Marks, Stored};
use super::{Cause, Decision, Question};
use crate::authenticate::jose::{Key, KeyList};
use crate::elapsed::{Elapsed, Moment, after};
use crate::recent::Recent;

/// For how long keys are used that are no longer fresh while their server cannot be asked.
pub const STALE: Duration = Duration::from_secs(24 * 3600);

/// How much time passes at least between two fetches for keys that are not known, so that forged key ids cannot hammer the server.
pub const COOLDOWN: Duration = Duration::from_secs(30);

/// For how long a key is believed not to exist that a fetch has not brought. It doubles with every fetch in vain up to [`UNKNOWN_LONGEST`], so that a
/// client with an old token costs less and less, and an issuer that signs a little before it publishes is soon asked again.
const UNKNOWN_SHORTEST: Duration = COOLDOWN;

const UNKNOWN_LONGEST: Duration = Duration::from_secs(300);

/// How many keys are remembered as not existing.
const MOST_UNKNOWN: usize = 256;

/// The pause after a fetch that failed; it doubles with every further one up to [`PAUSE_LONGEST`].
const PAUSE_SHORTEST: Duration = Duration::from_secs(1);

const PAUSE_LONGEST: Duration = Duration::from_secs(60);

/// A fetch in the background that has not ended after this time died with the request that began it: longer than two fetches may take.
const GONE: Duration = Duration::from_secs(15);

/// How far the clock of another instance may be ahead.
const AHEAD_MS: u64 = 60_000;

/// What is known of one key set.
#[derive(Debug)]
pub(super) struct Cached {
    time: Elapsed,
    held: Option<Held>,
    /// When the fetch that is under way began.
    began: Moment,
    /// Whether it is under way, or died.
    under_way: bool,
    /// Until when a fetch in the background counts as under way.
    busy_until: Moment,
    /// When a fetch for a key that was not known began last.
    asked: Option<Moment>,
    /// How many fetches have failed since one succeeded.
    failures: u32,
    /// When the last of them failed.
    failed: Moment,
    /// Why; for the log.
    reason: String,
    unknown: Recent<[u8; 32], Unknown>,
}

#[derive(Debug)]
struct Held {
    keys: KeyList,
    fetched: Moment,
    lifetime: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Unknown {
    until: Moment,
    times: u32,
}

impl Held {
    /// The keys that may be meant, without those that were tried.
    fn candidates(&self, question: &Question<'_>) -> Vec<Key> {
        let tried = question.unverified.map_or(&[][..], |unverified| unverified.tried);
        let is_new = |key: &&Key| tried.iter().all(|tried| tried.thumbprint() != key.thumbprint());
        self.keys.candidates(question.kid, question.algorithm).filter(is_new).cloned().collect()
    }

    fn due(&self) -> Moment {
        after(self.fetched, self.lifetime.saturating_mul(4) / 5)
    }

    fn expires(&self) -> Moment {
        after(self.fetched, self.lifetime)
    }

    fn ends(&self) -> Moment {
        after(self.expires(), STALE)
    }
}

impl Cached {
    pub(super) fn new(now_ms: u64) -> Self {
        Self {
            time: Elapsed::since(now_ms),
            held: None,
            began: 0,
            under_way: false,
            busy_until: 0,
            asked: None,
            failures: 0,
            failed: 0,
            reason: String::new(),
            unknown: Recent::new(MOST_UNKNOWN),
        }
    }

    /// The moment at which a question arrives.
    pub(super) fn moment(&mut self, now_ms: u64) -> Moment {
        self.time.at(now_ms)
    }

    pub(super) fn decide(&mut self, question: &Question<'_>, now_ms: u64) -> Decision {
        let now = self.time.at(now_ms);
        self.held.take_if(|held| now >= held.ends());
        let Some(held) = &self.held else {
            return if self.pausing(now) { self.unavailable(self.next(), now) } else { Decision::Ask(Cause::Missing) };
        };
        let keys = held.candidates(question);
        let is_known =
            !keys.is_empty() && (question.unverified.is_some() || question.kid.is_none_or(|kid| held.keys.has(kid)));
        // What is no longer fresh is looked up again before it is used, unless that was tried in vain: then it is used, and tried beside.
        if now >= held.expires() && self.failures == 0 {
            return Decision::Ask(Cause::Missing);
        }
        let refreshes = now >= held.due() && now >= self.busy_until && !self.pausing(now);
        if is_known && !refreshes {
            return Decision::Use(keys);
        }
        if is_known {
            self.busy_until = after(now, GONE);
            return Decision::Refresh(keys);
        }
        let otherwise = self.unknown_key(question, now);
        match otherwise {
            Decision::Ask(_) => otherwise,
            // Keys without an id may be meant by any id.
            _ if !keys.is_empty() => Decision::Use(keys),
            _ => otherwise,
        }
    }

    /// What to do about a key that is not in the set, or does not seem to be.
    fn unknown_key(&mut self, question: &Question<'_>, now: Moment) -> Decision {
        let name = name(question);
        // The set is newer than the question, so that whoever made the token before has published the key in it or not at all.
        if self.held.as_ref().is_some_and(|held| held.fetched >= question.arrived) {
            let times = self.unknown.get(&name).map_or(0, |unknown| unknown.times);
            let wait = UNKNOWN_SHORTEST.saturating_mul(1 << times.min(8)).min(UNKNOWN_LONGEST);
            self.unknown.insert(name, Unknown { until: after(now, wait), times: times.saturating_add(1) });
            return Decision::Unknown;
        }
        if self.unknown.get(&name).is_some_and(|unknown| now < unknown.until) {
            return Decision::Unknown;
        }
        // What is under way may bring it: it is waited for, and costs nothing.
        if self.under_way {
            return Decision::Ask(Cause::Unknown);
        }
        let next = self.asked.map_or(0, |asked| after(asked, COOLDOWN));
        if self.failures > 0 {
            // Whether it is in a newer set cannot be told while there is none to be had.
            let next = next.max(self.next());
            return if now < next { self.unavailable(next, now) } else { Decision::Ask(Cause::Unknown) };
        }
        if now < next { Decision::Unknown } else { Decision::Ask(Cause::Unknown) }
    }

    /// What to do if asking has led nowhere: stale keys are better than none, and nothing is ever made up.
    pub(super) fn settle(&mut self, question: &Question<'_>, now_ms: u64) -> Decision {
        let now = self.time.at(now_ms);
        let held = self.held.as_ref().filter(|held| now < held.ends());
        match held.map(|held| held.candidates(question)) {
            Some(keys) if !keys.is_empty() => Decision::Use(keys),
            _ => self.unavailable(self.next(), now),
        }
    }

    /// Whether the server is to be asked for this cause, after a look at what other instances have left in the store. If so, the fetch has begun.
    pub(super) fn begin(&mut self, cause: Cause, stored: Option<&Bytes>, now_ms: u64) -> bool {
        let now = self.time.at(now_ms);
        let is_newer = stored.is_some_and(|stored| self.learn(stored, now));
        let cools = self.asked.is_some_and(|asked| now < after(asked, COOLDOWN));
        let needed = match (cause, &self.held) {
            (Cause::Missing, held) => held.as_ref().is_none_or(|held| now >= held.expires()),
            (Cause::Due, held) => held.as_ref().is_none_or(|held| now >= held.due()),
            (Cause::Unknown, _) => !is_newer && !cools,
        };
        let begins = needed && !self.pausing(now);
        self.busy_until = if begins { after(now, GONE) } else { now };
        // Only one fetch is under way at a time, so that the one before died. If none may follow, nobody knows what it would have brought.
        if self.under_way && cools && !is_newer && cause == Cause::Unknown {
            self.failures = self.failures.saturating_add(1);
            self.failed = now;
            "a fetch ended without a result".clone_into(&mut self.reason);
        }
        self.under_way = begins;
        if begins {
            self.began = now;
            if cause == Cause::Unknown {
                self.asked = Some(now);
            }
        }
        begins
    }

    /// Takes in what another instance has left. True if its keys are newer.
    fn learn(&mut self, stored: &Bytes, now: Moment) -> bool {
        let Some(Stored { marks, text }) = Stored::decode(stored) else { return false };
        let of = |time: &Elapsed, ms: u64| if ms == 0 { None } else { time.of(ms, AHEAD_MS) };
        self.asked = self.asked.max(of(&self.time, marks.asked_ms));
        let fetched = of(&self.time, marks.fetched_ms).filter(|fetched| match &self.held {
            Some(held) => *fetched > held.fetched,
            None => true,
        });
        let held = fetched.and_then(|fetched| {
            let held = Held { keys: read(&text)?, fetched, lifetime: marks.lifetime() };
            (now < held.ends()).then_some(held)
        });
        let is_newer = held.is_some();
        if let Some(held) = held {
            if held.fetched > self.failed {
                self.failures = 0;
            }
            self.held = Some(held);
        }
        let failed = of(&self.time, marks.failed_ms).filter(|failed| *failed > self.failed.max(self.fetched()));
        if let Some(failed) = failed.filter(|_| marks.failures > 0) {
            self.failures = self.failures.max(marks.failures);
            self.failed = failed;
            "another instance could not have the keys".clone_into(&mut self.reason);
        }
        is_newer
    }

    fn fetched(&self) -> Moment {
        self.held.as_ref().map_or(0, |held| held.fetched)
    }

    /// Takes the key set that the fetch has brought, and returns what to leave for other instances.
    ///
    /// # Errors
    /// It is no key set or has no key that could be used; that counts as a failure, so that an empty answer does not lock everybody out.
    pub(super) fn succeed(&mut self, text: &Bytes, lifetime: Duration, now_ms: u64) -> Result<Bytes, &'static str> {
        self.time.at(now_ms);
        let keys = read(text).ok_or("there is no key set with a key that can be used")?;
        self.held = Some(Held { keys, fetched: self.began, lifetime });
        self.failures = 0;
        self.busy_until = 0;
        self.under_way = false;
        Ok(Stored { marks: self.marks(), text: text.clone() }.encode())
    }

    /// Notes that the fetch has failed, and returns what to leave for other instances, `stored` being what they know.
    pub(super) fn fail(&mut self, reason: &str, stored: Option<&Bytes>, now_ms: u64) -> Bytes {
        let now = self.time.at(now_ms);
        self.failures = self.failures.saturating_add(1);
        self.failed = now;
        self.busy_until = 0;
        self.under_way = false;
        reason.clone_into(&mut self.reason);
        let marks = self.marks();
        // The text of the store goes with its own times. It is there as a rule; if not, only the failure is told.
        let known =
            stored.and_then(Stored::decode).filter(|known| known.marks.fetched_ms > 0 && !known.text.is_empty());
        let Some(known) = known else {
            let mut marks = marks;
            marks.fetched_ms = 0;
            return Stored { marks, text: Bytes::new() }.encode();
        };
        let mut kept = known.marks;
        (kept.asked_ms, kept.failed_ms, kept.failures) = (marks.asked_ms, marks.failed_ms, marks.failures);
        Stored { marks: kept, text: known.text }.encode()
    }

    fn marks(&self) -> Marks {
        let mut marks = Marks::default();
        marks.fetched_ms = self.held.as_ref().map_or(0, |held| self.time.clock_at(held.fetched));
        marks.asked_ms = self.asked.map_or(0, |asked| self.time.clock_at(asked));
        marks.failed_ms = if self.failures > 0 { self.time.clock_at(self.failed) } else { 0 };
        marks.failures = self.failures;
        marks.set_lifetime(self.held.as_ref().map_or(Duration::ZERO, |held| held.lifetime));
        marks
    }

    /// When the server may be asked again.
    fn next(&self) -> Moment {
        match self.failures.checked_sub(1) {
            None => 0,
            Some(before) => after(self.failed, PAUSE_SHORTEST.saturating_mul(1 << before.min(8)).min(PAUSE_LONGEST)),
        }
    }

    fn pausing(&self, now: Moment) -> bool {
        now < self.next()
    }

    fn unavailable(&self, next: Moment, now: Moment) -> Decision {
        let wait = Duration::from_millis(next.saturating_sub(now)).max(PAUSE_SHORTEST);
        Decision::Unavailable { reason: self.reason.clone(), retry_after: wait }
    }
}

/// The keys of a set that was fetched, if there are any.
fn read(text: &[u8]) -> Option<KeyList> {
    KeyList::parse(text).map(KeyList::without_secrets).filter(|keys| !keys.is_empty())
}

/// A key id comes from a token and may be long: what is remembered is its hash, or that of the signature where ids say nothing.
fn name(question: &Question<'_>) -> [u8; 32] {
    if let Some(unverified) = question.unverified {
        return unverified.name;
    }
    let kind = if question.kid.is_some() { "id" } else { "any" };
    let hash = Sha256::new().chain_update(question.algorithm.as_str()).chain_update("\n").chain_update(kind);
    hash.chain_update("\n").chain_update(question.kid.unwrap_or_default()).finalize().into()
}
