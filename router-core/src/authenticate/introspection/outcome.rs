//! What came of asking, as plain bytes: all that may go from the request that asked to the others that wait for it.

use std::time::Duration;

use bytes::Bytes;

/// What came of asking an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered this.
    Answered(Bytes),
    /// It did not.
    Failed {
        /// For the log.
        reason: String,
        /// When it may be worth trying again.
        retry_after: Option<Duration>,
    },
}

const ANSWERED: u8 = b'a';
const FAILED: u8 = b'f';

impl Outcome {
    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        match self {
            Self::Answered(answer) => [&[ANSWERED], &answer[..]].concat().into(),
            Self::Failed { reason, retry_after } => {
                let wait = retry_after.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                [&[FAILED], &wait.to_be_bytes()[..], reason.as_bytes()].concat().into()
            }
        }
    }

    /// From bytes that [`Outcome::encode`] made; `None` for others.
    #[must_use]
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        match *bytes.first()? {
            ANSWERED => Some(Self::Answered(bytes.slice(1..))),
            FAILED => {
                let (wait, reason) = bytes.get(1..)?.split_first_chunk()?;
                let wait = Some(u64::from_be_bytes(*wait)).filter(|wait| *wait > 0);
                let reason = String::from_utf8_lossy(reason).into_owned();
                Some(Self::Failed { reason, retry_after: wait.map(Duration::from_millis) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was() {
        for outcome in [
            Outcome::Answered(Bytes::new()),
            Outcome::Answered(Bytes::from_static(b"{\"active\":true}")),
            Outcome::Failed { reason: "it is down".into(), retry_after: None },
            Outcome::Failed { reason: String::new(), retry_after: Some(Duration::from_millis(1500)) },
        ] {
            assert_eq!(Outcome::decode(&outcome.encode()), Some(outcome));
        }
        for bytes in ["", "f", "f1234567", "x"] {
            assert_eq!(Outcome::decode(&Bytes::from(bytes)), None, "{bytes}");
        }
    }
}
