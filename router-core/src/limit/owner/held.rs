//! What is out on leases.
//!
//! A holder uses its tokens when it likes while its lease lasts, so the owner has to reckon with both: that all of them are used now, and that all of them
//! are used at the end. They are therefore counted as taken for as long as the lease lasts and do not drain meanwhile. When a holder says what it used,
//! or at the lease's end, they become an ordinary part of the count. So whatever holders do, never more is admitted than the rule allows.

use smallvec::SmallVec;

use crate::limit::algorithm::LARGEST;

/// Ends are rounded up to a quarter of a lease's time, so that leases with one end are one entry: five ends can be ahead. A few more where the time was
/// configured anew meanwhile.
const MOST: usize = 8;

/// A lease's time is parted into so many.
const PARTS: u64 = 4;

/// Tokens that are out, by the end of their leases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// End in milliseconds since 1970, and tokens; the earliest first.
    leases: SmallVec<[(u64, u64); 2]>,
}

impl Held {
    pub(super) fn from_pairs(pairs: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut leases: SmallVec<_> = pairs.take(MOST).collect();
        leases.sort_unstable();
        Self { leases }
    }

    pub(super) fn pairs(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + ExactSizeIterator + '_ {
        self.leases.iter().copied()
    }

    /// All tokens that are out.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.leases.iter().fold(0, |sum: u64, (_, tokens)| sum.saturating_add(*tokens))
    }

    pub(super) fn first_end(&self) -> Option<u64> {
        self.leases.first().map(|(end, _)| *end)
    }

    pub(super) fn last_end(&self) -> Option<u64> {
        self.leases.last().map(|(end, _)| *end)
    }

    /// Hands out tokens; the end of their lease.
    pub(super) fn lend(&mut self, tokens: u64, ttl_ms: u64, now_ms: u64) -> u64 {
        let part = (ttl_ms / PARTS).max(1);
        // What is beyond could not be read again, and with it all that was counted would be lost.
        let end = now_ms.saturating_add(ttl_ms).div_ceil(part).saturating_mul(part).min(LARGEST);
        // Where there are too many ends, the new lease counts as long as the last one.
        let end = match self.last_end() {
            Some(last) if self.leases.len() >= MOST && !self.has(end) => last.max(end),
            _ => end,
        };
        match self.leases.iter_mut().find(|(known, _)| *known == end) {
            Some((_, held)) => *held = held.saturating_add(tokens),
            None => {
                if self.leases.len() >= MOST
                    && let Some((last, held)) = self.leases.last_mut()
                {
                    *last = end;
                    *held = held.saturating_add(tokens);
                    return end;
                }
                self.leases.push((end, tokens));
                self.leases.sort_unstable();
            }
        }
        end
    }

    fn has(&self, end: u64) -> bool {
        self.leases.iter().any(|(known, _)| *known == end)
    }

    /// Takes back a lease of so many tokens with this end. Whether it was out.
    pub(super) fn settle(&mut self, end: u64, tokens: u64) -> bool {
        let found = self.leases.iter_mut().find(|(known, held)| *known == end && *held >= tokens);
        let Some((_, held)) = found else { return false };
        *held -= tokens;
        self.leases.retain(|(_, held)| *held > 0);
        true
    }

    /// The earliest lease that has ended by now; it is no longer out.
    pub(super) fn ended(&mut self, now_ms: u64) -> Option<(u64, u64)> {
        let ended = self.leases.first().filter(|(end, _)| *end <= now_ms).copied();
        if ended.is_some() {
            self.leases.remove(0);
        }
        ended
    }
}
