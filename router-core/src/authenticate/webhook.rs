//! A signature over the body with a shared secret, as webhooks have it: HMAC with SHA-256, and mostly a signed time.
//!
//! # Replays
//!
//! A time bounds for how long a request that was overheard can be sent again; within that time the gateway takes what was signed once, if the rules say
//! so. What is claimed is the signed content (time, id, body), not the text of the signature: that can be written in several ways, and a header may
//! hold one for each secret.
//!
//! * Stripe, Slack and Standard Webhooks sign every attempt anew with its own time, so that a retry is no replay. The id of Standard Webhooks alone
//!   would be the wrong thing to claim: it stays the same when a message is sent again after a failure.
//! * GitHub signs neither a time nor `X-GitHub-Delivery`, and a redelivery is equal to the first delivery in both. It cannot be told from a replay, so
//!   none is refused; what is behind the gateway must be idempotent.

mod content;
mod form;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

pub use content::{Content, InvalidContent};
pub use form::{Custom, Encoding, Form};

use self::content::Piece;
use super::jose::{base64, equal};
use super::{Consumer, Refusal};
use crate::atomic::Transition;

/// The store's clock may be behind the gateway's: a claim outlives its signature by this.
const MARGIN_MS: u64 = 5_000;

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How the signature is made.
    pub form: Form,
    /// The secrets, any of which may have signed. Never empty.
    pub secrets: Vec<Secret>,
    /// How far a signed time may be from the gateway's clock, to both sides.
    pub window: Duration,
    /// Whether what was signed with a time is taken once only.
    pub once: bool,
    /// The largest body that is held, in bytes.
    pub max_body: u64,
    /// What the consumer is called.
    pub consumer: String,
}

/// A shared secret. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A good signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    /// Whose it is.
    pub consumer: Consumer,
    /// What has to be claimed in the replay store before it counts, with its key.
    pub claim: Option<(String, Transition)>,
}

impl Secret {
    /// These bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Rules {
    /// Judges a request. `None`: it has no such signature. `name` is the authenticator's.
    ///
    /// # Errors
    /// * [`Refusal::Ambiguous`]: a field that may stand once is there several times.
    /// * [`Refusal::Malformed`]: it has not the form.
    /// * [`Refusal::Expired`], [`Refusal::NotYetValid`]: the time is outside of the window.
    /// * [`Refusal::Invalid`]: no secret makes this signature.
    pub fn judge(&self, name: &str, headers: &HeaderMap, body: &[u8], now_ms: u64) -> Result<Option<Signed>, Refusal> {
        let Some(told) = form::read(&self.form, headers)? else { return Ok(None) };
        let window_ms = u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX);
        if let Some(time) = told.time {
            let time_ms = time.seconds.saturating_mul(1000);
            if time_ms.saturating_add(window_ms) < now_ms {
                return Err(Refusal::Expired);
            }
            if time_ms > now_ms.saturating_add(window_ms) {
                return Err(Refusal::NotYetValid);
            }
        }
        let pieces = told.pieces(body);
        // Every secret is tried with every signature, so that the time taken does not tell which one was near.
        let mut good = false;
        for secret in &self.secrets {
            let mac = content::mac(&secret.0, &pieces);
            for signature in &told.signatures {
                good |= equal(signature, &mac);
            }
        }
        if !good {
            return Err(Refusal::Invalid);
        }
        let claim = told.time.filter(|_| self.once).map(|time| {
            let ends_ms = time.seconds.saturating_mul(1000).saturating_add(window_ms);
            let lifetime_ms = ends_ms.saturating_sub(now_ms).saturating_add(MARGIN_MS);
            (claim_key(name, &pieces), Transition::Claim { lifetime_ms })
        });
        let claims = told.claims();
        let consumer =
            Consumer { id: self.consumer.clone(), authenticator: name.to_owned(), claims, ..Consumer::default() };
        Ok(Some(Signed { consumer, claim }))
    }
}

fn claim_key(name: &str, pieces: &[Piece<'_>]) -> String {
    format!("webhook/{}", base64::encode_url(&content::digest(name, pieces)))
}
