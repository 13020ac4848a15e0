//! What an authenticator found, and what several of them make together.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::{Consumer, Identity, Need};

/// What an authenticator found in a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// No credential of its kind.
    Absent,
    /// A good credential.
    Proven(Box<Proven>),
    /// A credential that is not good.
    Refused(Refusal),
    /// It could not be decided: keys cannot be had, a store or the issuer is down. The text is for the log.
    Undecided {
        /// What was missing.
        reason: String,
        /// When it may be worth trying again.
        retry_after: Option<Duration>,
    },
}

/// A good credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven {
    /// Whose it is: shared with what remembers the credential, since its claims may be many.
    pub consumer: Arc<Consumer>,
    /// What the client is told beside the answer, such as the next `DPoP-Nonce`.
    pub tell: Option<(HeaderName, HeaderValue)>,
}

/// Why a credential is not good, as far as its sender may know. No variant tells which part of a secret was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are several, or one that cannot be read, where one is expected.
    Ambiguous,
    /// It has not the form of its kind.
    Malformed,
    /// It is not known, not signed by whom it should be, or not for here.
    Invalid,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It was used before and may be used once.
    Replayed,
    /// It is bound to a key or certificate, and the proof of that is not there.
    ProofMissing,
    /// The proof is there and not good.
    ProofInvalid,
    /// The proof was used before.
    ProofReplayed,
    /// The proof must hold this nonce (RFC 9449 section 8).
    NonceNeeded(HeaderValue),
    /// The body is not the one that was signed.
    DigestMismatch,
}

/// How much a refusal tells its sender, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// The authenticator may just not be the one that the credential is for.
    Foreign,
    /// It is, and something is wrong.
    Wrong,
    /// It is, and the next attempt needs what the refusal holds: whoever is not told never gets in.
    Next,
}

impl Refusal {
    fn telling(&self) -> Telling {
        match self {
            Self::Malformed | Self::Invalid => Telling::Foreign,
            Self::Ambiguous
            | Self::Expired
            | Self::NotYetValid
            | Self::Replayed
            | Self::ProofMissing
            | Self::ProofInvalid
            | Self::ProofReplayed
            | Self::DigestMismatch => Telling::Wrong,
            Self::NonceNeeded(_) => Telling::Next,
        }
    }
}

/// Collects attempts until there is a verdict.
#[derive(Debug)]
pub struct Tally<'p> {
    need: &'p Need,
    optional: bool,
    proven: Vec<Proven>,
    refused: Option<Refusal>,
    undecided: Option<(String, Option<Duration>)>,
    absent: bool,
}

/// What the attempts make together.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Who it is, and what the client is told beside the answer.
    Identified(Identity, Vec<(HeaderName, HeaderValue)>),
    /// Somebody must say who they are (`None`), or said it in vain.
    Unauthenticated(Option<Refusal>),
    /// It cannot be told now.
    Undecided {
        /// For the log.
        reason: String,
        /// When it may be worth trying again.
        retry_after: Option<Duration>,
    },
}

impl<'p> Tally<'p> {
    /// Nothing tried yet.
    #[must_use]
    pub fn new(need: &'p Need, optional: bool) -> Self {
        Self { need, optional, proven: Vec::new(), refused: None, undecided: None, absent: false }
    }

    /// Adds an attempt. True if no other can change the verdict.
    pub fn add(&mut self, attempt: Attempt) -> bool {
        let any = matches!(self.need, Need::Any(_));
        match attempt {
            Attempt::Proven(proven) => {
                self.proven.push(*proven);
                any
            }
            Attempt::Absent => {
                self.absent = true;
                false
            }
            Attempt::Refused(refusal) => {
                // Among equals the first.
                if self.refused.as_ref().is_none_or(|known| known.telling() < refusal.telling()) {
                    self.refused = Some(refusal);
                }
                !any
            }
            Attempt::Undecided { reason, retry_after } => {
                self.undecided.get_or_insert((reason, retry_after));
                false
            }
        }
    }

    /// The verdict of all that was added. For `any` one good credential is enough; for `all` none may be missing. What is refused is refused, even
    /// where a credential is optional and even if another could not be decided. Of several refusals the one counts that tells most.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        let enough = match self.need {
            Need::Any(_) => !self.proven.is_empty(),
            Need::All(needed) => self.proven.len() == needed.len(),
        };
        if enough {
            let tell = self.proven.iter().filter_map(|proven| proven.tell.clone()).collect();
            let consumers = self.proven.into_iter().map(|proven| proven.consumer).collect();
            return Verdict::Identified(Identity::Known(consumers), tell);
        }
        match (self.refused, self.undecided) {
            // A bearer token that one issuer's authenticator refuses may be another's, which cannot be asked now; but not one that needs a nonce only.
            (Some(refusal), Some((reason, retry_after)))
                if matches!(self.need, Need::Any(_)) && refusal.telling() < Telling::Next =>
            {
                Verdict::Undecided { reason, retry_after }
            }
            (Some(refusal), _) => Verdict::Unauthenticated(Some(refusal)),
            (None, Some((reason, retry_after))) => Verdict::Undecided { reason, retry_after },
            (None, None) if self.optional && self.proven.is_empty() => {
                Verdict::Identified(Identity::Anonymous, Vec::new())
            }
            (None, None) => Verdict::Unauthenticated(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(id: &str) -> Attempt {
        let consumer = Consumer { id: id.into(), ..Consumer::default() }.into();
        Attempt::Proven(Box::new(Proven { consumer, tell: None }))
    }

    fn down() -> Attempt {
        Attempt::Undecided { reason: "down".into(), retry_after: None }
    }

    fn verdict(need: &Need, optional: bool, attempts: Vec<Attempt>) -> Verdict {
        let mut tally = Tally::new(need, optional);
        for attempt in attempts {
            if tally.add(attempt) {
                break;
            }
        }
        tally.verdict()
    }

    fn name(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Identified(identity, _) => identity.consumer().map_or("anonymous".into(), |who| who.id.clone()),
            Verdict::Unauthenticated(None) => "missing".into(),
            Verdict::Unauthenticated(Some(_)) => "refused".into(),
            Verdict::Undecided { .. } => "undecided".into(),
        }
    }

    #[test]
    fn of_any_the_first_good_one_counts() {
        let any = Need::Any(vec![0, 1]);
        assert_eq!(name(&verdict(&any, false, vec![Attempt::Refused(Refusal::Invalid), proven("b")])), "b");
        assert_eq!(name(&verdict(&any, false, vec![down(), proven("b")])), "b");
        assert_eq!(name(&verdict(&any, false, vec![Attempt::Absent, Attempt::Refused(Refusal::Invalid)])), "refused");
        assert_eq!(name(&verdict(&any, false, vec![Attempt::Refused(Refusal::Invalid), down()])), "undecided");
        assert_eq!(name(&verdict(&any, false, vec![Attempt::Absent, Attempt::Absent])), "missing");
    }

    #[test]
    fn of_several_refusals_the_one_that_tells_most_counts_and_among_equals_the_first() {
        let any = Need::Any(vec![0, 1, 2]);
        let nonce = Refusal::NonceNeeded(HeaderValue::from_static("n"));
        for (refusals, expected) in [
            ([Refusal::Malformed, Refusal::Invalid, Refusal::Malformed], Refusal::Malformed),
            ([Refusal::Invalid, Refusal::Expired, Refusal::ProofMissing], Refusal::Expired),
            ([Refusal::Ambiguous, nonce.clone(), Refusal::Invalid], nonce.clone()),
        ] {
            let attempts = refusals.map(Attempt::Refused).into();
            assert_eq!(verdict(&any, false, attempts), Verdict::Unauthenticated(Some(expected)));
        }
        assert_eq!(name(&verdict(&any, false, vec![down(), Attempt::Refused(nonce)])), "refused");
        assert_eq!(name(&verdict(&any, false, vec![down(), Attempt::Refused(Refusal::Expired)])), "undecided");
    }

    #[test]
    fn of_all_none_may_be_missing() {
        let all = Need::All(vec![0, 1]);
        assert_eq!(name(&verdict(&all, false, vec![proven("a"), proven("b")])), "a");
        assert_eq!(name(&verdict(&all, false, vec![proven("a"), Attempt::Absent])), "missing");
        assert_eq!(name(&verdict(&all, true, vec![proven("a"), Attempt::Absent])), "missing");
        assert_eq!(name(&verdict(&all, false, vec![down(), Attempt::Refused(Refusal::Expired)])), "refused");
    }

    #[test]
    fn an_optional_credential_may_be_absent_but_not_wrong() {
        let any = Need::Any(vec![0]);
        assert_eq!(name(&verdict(&any, true, vec![Attempt::Absent])), "anonymous");
        assert_eq!(name(&verdict(&any, true, vec![Attempt::Refused(Refusal::Malformed)])), "refused");
        assert_eq!(name(&verdict(&any, true, vec![down()])), "undecided");
    }
}
