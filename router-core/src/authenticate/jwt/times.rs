//! When a token holds.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Expiry, Rules};
use crate::authenticate::Refusal;
use crate::authenticate::claims::{InvalidDate, date_ms};

/// What a token says about time, in milliseconds since 1970. It is judged anew with every request, also where the token is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// `exp`: it ends then.
    pub expires_ms: Option<u64>,
    /// `nbf`: it does not hold before.
    pub not_before_ms: Option<u64>,
    /// `iat`: it was made then.
    pub issued_ms: Option<u64>,
}

impl Times {
    /// Reads them.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: one of them is no date.
    pub fn read(claims: &Map<String, Value>) -> Result<Self, Refusal> {
        let date = |name| date_ms(claims, name).map_err(|InvalidDate| Refusal::Malformed);
        Ok(Self { expires_ms: date("exp")?, not_before_ms: date("nbf")?, issued_ms: date("iat")? })
    }

    /// Whether a token with them holds at `now_ms`. Leeway is given on both sides.
    ///
    /// # Errors
    /// [`Refusal::Expired`] from `exp` on, [`Refusal::NotYetValid`] before `nbf` or `iat`, [`Refusal::Invalid`] where one is missing that the rules
    /// want, and where there is too much time between `iat` and `exp`.
    pub fn judge(&self, rules: &Rules, now_ms: u64) -> Result<(), Refusal> {
        let leeway = ms(rules.leeway);
        match (self.expires_ms, rules.expiry) {
            (None, Expiry::Required) => return Err(Refusal::Invalid),
            (Some(expires), _) if now_ms >= expires.saturating_add(leeway) => return Err(Refusal::Expired),
            (None, Expiry::Optional) | (Some(_), _) => {}
        }
        let latest = now_ms.saturating_add(leeway);
        if self.not_before_ms.is_some_and(|start| start > latest) || self.issued_ms.is_some_and(|start| start > latest)
        {
            return Err(Refusal::NotYetValid);
        }
        if let Some(longest) = rules.max_lifetime {
            match (self.issued_ms, self.expires_ms) {
                (Some(issued), Some(expires)) if expires <= issued.saturating_add(ms(longest)) => {}
                _ => return Err(Refusal::Invalid),
            }
        }
        Ok(())
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
