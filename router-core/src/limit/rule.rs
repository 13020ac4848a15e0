//! A rule as it is asked for at a moment: an algorithm with its numbers.

use super::algorithm::{Concurrency, FixedWindow, LeakyBucket, Meter, SlidingLog, SlidingWindow};

/// An algorithm with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// GCRA and the token bucket.
    Meter(Meter),
    /// The leaky bucket.
    LeakyBucket(LeakyBucket),
    /// Fixed windows, with the bounds around the moment.
    FixedWindow(FixedWindow),
    /// The sliding window counter.
    SlidingWindow(SlidingWindow),
    /// The sliding log.
    SlidingLog(SlidingLog),
    /// So many at the same time.
    Concurrency(Concurrency),
}

/// How many numbers a rule is told by: which it is, and what it needs.
pub const RULE_NUMBERS: usize = 6;

impl Rule {
    /// As numbers: the algorithm's, then its own, then zeros.
    #[must_use]
    pub fn numbers(&self) -> [u64; RULE_NUMBERS] {
        let padded = |tag: u64, own: &[u64]| {
            let mut numbers = [0; RULE_NUMBERS];
            let all = std::iter::once(tag).chain(own.iter().copied());
            numbers.iter_mut().zip(all).for_each(|(place, number)| *place = number);
            numbers
        };
        match self {
            Self::Meter(rule) => padded(1, &rule.numbers()),
            Self::LeakyBucket(rule) => padded(2, &rule.numbers()),
            Self::FixedWindow(rule) => padded(3, &rule.numbers()),
            Self::SlidingWindow(rule) => padded(4, &rule.numbers()),
            Self::SlidingLog(rule) => padded(5, &rule.numbers()),
            Self::Concurrency(rule) => padded(6, &rule.numbers()),
        }
    }

    /// The rule of these numbers; `None` for what no rule has.
    #[must_use]
    pub fn from_numbers([tag, a, b, c, d, e]: [u64; RULE_NUMBERS]) -> Option<Self> {
        match tag {
            1 => Meter::from_numbers([a, b, c]).map(Self::Meter),
            2 => LeakyBucket::from_numbers([a, b, c, d]).map(Self::LeakyBucket),
            3 => FixedWindow::from_numbers([a, b, c, d, e]).map(Self::FixedWindow),
            4 => SlidingWindow::from_numbers([a, b]).map(Self::SlidingWindow),
            5 => SlidingLog::from_numbers([a, b]).map(Self::SlidingLog),
            6 => Concurrency::from_numbers([a, b]).map(Self::Concurrency),
            _ => None,
        }
    }

    /// Whether tokens of it can be handed out on a lease. Those who wait in line or hold a slot must be known where the count is.
    #[must_use]
    pub fn can_be_leased(&self) -> bool {
        !matches!(self, Self::LeakyBucket(_) | Self::Concurrency(_))
    }
}
