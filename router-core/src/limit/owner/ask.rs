//! What an owner is asked, and what it says: numbers, so that every kind of store can be asked the same.

use crate::limit::rule::{RULE_NUMBERS, Rule};
use crate::limit::verdict::{Standing, Verdict};

/// A question about one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// By which rule.
    pub rule: Rule,
    /// What is to be done.
    pub operation: Operation,
}

/// What is to be done to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Takes `cost` units if they can be had. Of a concurrency limit it takes a slot.
    Charge {
        /// Units.
        cost: u64,
        /// What happens where they cannot.
        on_over: OnOver,
    },
    /// Hands out tokens on a lease, at least `cost` of them.
    Lease {
        /// What has to be had at least.
        cost: u64,
        /// How many would be welcome.
        want: u64,
        /// How long the lease lasts, in milliseconds.
        ttl_ms: u64,
        /// At most this part of what is left: 8 for an eighth.
        share: u64,
        /// What became of the lease before.
        settle: Settlement,
    },
    /// Says what became of a lease, without another.
    Settle(Settlement),
    /// Gives back units that were taken at this moment of the owner's clock.
    GiveBack {
        /// Units.
        units: u64,
        /// In milliseconds since 1970.
        taken_ms: u64,
    },
    /// Takes units, whether they are there or not.
    Take {
        /// Units.
        units: u64,
    },
    /// Gives a slot back.
    Release {
        /// Its number.
        slot: u64,
    },
    /// Changes nothing.
    Look,
    /// Forgets all that was taken.
    Reset,
}

/// What happens at the end of a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnOver {
    /// The request is refused.
    #[default]
    Refuse,
    /// It goes on, and what is over is metered.
    Meter,
}

/// What became of a lease. One of no tokens is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// The end that the owner told.
    pub until_ms: u64,
    /// How many tokens it had.
    pub granted: u64,
    /// How many of them were used.
    pub used: u64,
}

/// What an owner says of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether the request may go on, as far as this key is concerned.
    pub verdict: Verdict,
    /// How the count stands. Of several keys of which one refuses, as it was before.
    pub standing: Standing,
    /// Tokens of the lease, or the number of the slot; 0 where nothing was handed out.
    pub granted: u64,
    /// The end of the lease by the owner's clock, in milliseconds since 1970.
    pub until_ms: u64,
    /// The owner's clock.
    pub now_ms: u64,
}

const OPERATION_NUMBERS: usize = 8;

/// How many numbers a question is told by.
pub const ASK_NUMBERS: usize = RULE_NUMBERS + OPERATION_NUMBERS;

/// How many numbers an answer is told by.
pub const SAID_NUMBERS: usize = 8;

impl Ask {
    /// As numbers.
    #[must_use]
    pub fn numbers(&self) -> [u64; ASK_NUMBERS] {
        let mut numbers = [0; ASK_NUMBERS];
        let all = self.rule.numbers().into_iter().chain(self.operation.numbers());
        numbers.iter_mut().zip(all).for_each(|(place, number)| *place = number);
        numbers
    }

    /// The question of these numbers; `None` for what is none.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Option<Self> {
        let (rule, operation) = numbers.split_at_checked(RULE_NUMBERS)?;
        let rule = Rule::from_numbers(rule.try_into().ok()?)?;
        Some(Self { rule, operation: Operation::from_numbers(operation.try_into().ok()?)? })
    }
}

impl Operation {
    fn numbers(&self) -> [u64; OPERATION_NUMBERS] {
        let settled = |Settlement { until_ms, granted, used }: &Settlement| [*until_ms, *granted, *used];
        match self {
            Self::Charge { cost, on_over } => [1, *cost, u64::from(*on_over == OnOver::Meter), 0, 0, 0, 0, 0],
            Self::Lease { cost, want, ttl_ms, share, settle } => {
                let [until_ms, granted, used] = settled(settle);
                [2, *cost, *want, *ttl_ms, *share, until_ms, granted, used]
            }
            Self::Settle(settle) => {
                let [until_ms, granted, used] = settled(settle);
                [3, 0, 0, 0, 0, until_ms, granted, used]
            }
            Self::GiveBack { units, taken_ms } => [4, *units, *taken_ms, 0, 0, 0, 0, 0],
            Self::Take { units } => [5, *units, 0, 0, 0, 0, 0, 0],
            Self::Release { slot } => [6, *slot, 0, 0, 0, 0, 0, 0],
            Self::Look => [7, 0, 0, 0, 0, 0, 0, 0],
            Self::Reset => [8, 0, 0, 0, 0, 0, 0, 0],
        }
    }

    fn from_numbers([tag, a, b, c, d, until_ms, granted, used]: [u64; OPERATION_NUMBERS]) -> Option<Self> {
        let settle = Settlement { until_ms, granted, used };
        Some(match tag {
            1 => Self::Charge { cost: a, on_over: if b == 0 { OnOver::Refuse } else { OnOver::Meter } },
            2 => Self::Lease { cost: a, want: b, ttl_ms: c, share: d, settle },
            3 => Self::Settle(settle),
            4 => Self::GiveBack { units: a, taken_ms: b },
            5 => Self::Take { units: a },
            6 => Self::Release { slot: a },
            7 => Self::Look,
            8 => Self::Reset,
            _ => return None,
        })
    }

    /// Whether it is a wish that can be refused.
    pub(super) fn can_be_refused(&self) -> bool {
        matches!(self, Self::Charge { .. } | Self::Lease { .. })
    }
}

impl Said {
    /// As numbers.
    #[must_use]
    pub fn numbers(&self) -> [u64; SAID_NUMBERS] {
        let (verdict, detail) = match self.verdict {
            Verdict::Refused { retry_ms: Some(retry_ms) } => (0, retry_ms),
            Verdict::Admitted { delay_ms } => (1, delay_ms),
            Verdict::Over { units } => (2, units),
            Verdict::Refused { retry_ms: None } => (3, 0),
        };
        let Standing { remaining, next_ms, full_ms } = self.standing;
        [verdict, detail, remaining, next_ms, full_ms, self.granted, self.until_ms, self.now_ms]
    }

    /// The answer of these numbers; `None` for what is none.
    #[must_use]
    pub fn from_numbers(numbers: &[u64]) -> Option<Self> {
        let [verdict, detail, remaining, next_ms, full_ms, granted, until_ms, now_ms] = *numbers else { return None };
        let verdict = match verdict {
            0 => Verdict::Refused { retry_ms: Some(detail) },
            1 => Verdict::Admitted { delay_ms: detail },
            2 => Verdict::Over { units: detail },
            3 => Verdict::Refused { retry_ms: None },
            _ => return None,
        };
        Some(Self { verdict, standing: Standing { remaining, next_ms, full_ms }, granted, until_ms, now_ms })
    }
}
