//! What an algorithm says.

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may, after a wait that only the leaky bucket asks for.
    Admitted {
        /// In milliseconds.
        delay_ms: u64,
    },
    /// It may although the quota is used up: what is over is metered.
    Over {
        /// How many of its units are over the quota.
        units: u64,
    },
    /// It may not.
    Refused {
        /// After how many milliseconds the same request would be admitted, if nobody else comes; `None`: never, it costs more than the whole quota.
        retry_ms: Option<u64>,
    },
}

impl Verdict {
    /// Whether the request goes on.
    #[must_use]
    pub fn admits(self) -> bool {
        match self {
            Self::Admitted { .. } | Self::Over { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}

/// How a count stands after a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many units may be had at once.
    pub remaining: u64,
    /// Milliseconds until one more may be had; 0 where all may.
    pub next_ms: u64,
    /// Milliseconds until all may be had.
    pub full_ms: u64,
}

/// A verdict, and how the count stands after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub verdict: Verdict,
    /// What is left.
    pub standing: Standing,
}
