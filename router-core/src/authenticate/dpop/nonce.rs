//! Nonces that a server gives out (RFC 9449 sections 8 and 9), without remembering any.
//!
//! A nonce is the number of a slice of time and a MAC over it: every instance that has the secret makes and knows the same ones.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use crate::authenticate::jose::{Digest, base64, equal, hmac};

/// How many slices a lifetime has. A nonce is given out for the length of one slice and so is taken for at least three quarters of the lifetime.
const SLICES: u64 = 4;
/// Bytes of the MAC that a nonce holds: 128 bits, which nobody guesses.
const MAC: usize = 16;
/// What else may be made of the same secret must not be taken for a nonce.
const PURPOSE: &[u8] = b"tidegate dpop nonce\0";

/// How nonces are made and known again.
#[derive(Clone, PartialEq, Eq)]
pub struct NonceRules {
    secret: Vec<u8>,
    slice_ms: u64,
}

/// What a nonce in a proof is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It is the one that is given out now.
    Current,
    /// It is still taken, and there is a newer one.
    Older,
    /// It is too old, or was never given out.
    No,
}

impl NonceRules {
    /// Nonces of `secret` that are taken for at most `lifetime`. `None` for a secret below 32 bytes or a lifetime below a second.
    #[must_use]
    pub fn new(secret: &[u8], lifetime: Duration) -> Option<Self> {
        let slice_ms = u64::try_from(lifetime.as_millis()).ok()? / SLICES;
        (secret.len() >= 32 && slice_ms >= 250).then(|| Self { secret: secret.to_vec(), slice_ms })
    }

    /// The nonce that is given out at `now_ms`.
    #[must_use]
    pub fn current(&self, now_ms: u64) -> HeaderValue {
        // Base64url is visible ASCII, so that the other arm is never taken.
        HeaderValue::from_str(&self.nonce(now_ms / self.slice_ms)).unwrap_or(HeaderValue::from_static("0"))
    }

    pub(super) fn judge(&self, nonce: &str, now_ms: u64) -> Known {
        let number = base64::decode_url(nonce).and_then(|bytes| Some(u64::from_be_bytes(*bytes.first_chunk()?)));
        let Some(slice) = number else { return Known::No };
        if !equal(nonce.as_bytes(), self.nonce(slice).as_bytes()) {
            return Known::No;
        }
        let now = now_ms / self.slice_ms;
        match now.checked_sub(slice) {
            // Another instance whose clock is a little ahead may have begun the next slice.
            None if slice == now.saturating_add(1) => Known::Current,
            None => Known::No,
            Some(0) => Known::Current,
            Some(age) if age < SLICES => Known::Older,
            Some(_) => Known::No,
        }
    }

    fn nonce(&self, slice: u64) -> String {
        let mut message = PURPOSE.to_vec();
        // The length of a slice is part of it: under another lifetime the same number is another time.
        message.extend_from_slice(&self.slice_ms.to_be_bytes());
        message.extend_from_slice(&slice.to_be_bytes());
        let mut nonce = slice.to_be_bytes().to_vec();
        nonce.extend(hmac(Digest::Sha256, &self.secret, &message).into_iter().take(MAC));
        base64::encode_url(&nonce)
    }
}

impl fmt::Debug for NonceRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceRules").field("slice_ms", &self.slice_ms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const NOW: u64 = 1_767_225_600_000;

    fn rules() -> NonceRules {
        NonceRules::new(SECRET, Duration::from_secs(300)).unwrap()
    }

    #[test]
    fn a_nonce_is_taken_for_its_lifetime_and_no_longer() {
        let rules = rules();
        let nonce = rules.current(NOW);
        let nonce = nonce.to_str().unwrap();
        assert_eq!(rules.judge(nonce, NOW), Known::Current);
        assert_eq!(rules.judge(nonce, NOW + 75_000), Known::Older);
        assert_eq!(rules.judge(nonce, NOW + 299_999), Known::Older);
        assert_eq!(rules.judge(nonce, NOW + 300_000), Known::No);
        assert_eq!(rules.judge(nonce, NOW - 1), Known::Current);
        assert_eq!(rules.judge(nonce, NOW - 75_001), Known::No);
    }

    #[test]
    fn what_was_never_given_out_is_not_known() {
        let others = [
            NonceRules::new(b"another secret of thirty-two byte", Duration::from_secs(300)).unwrap(),
            NonceRules::new(SECRET, Duration::from_secs(600)).unwrap(),
        ];
        for other in others {
            assert_eq!(rules().judge(other.current(NOW).to_str().unwrap(), NOW), Known::No);
        }
        let good = rules().current(NOW).to_str().unwrap().to_owned();
        for at in 0..good.len() {
            let mut bad = good.clone().into_bytes();
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(rules().judge(std::str::from_utf8(&bad).unwrap(), NOW), Known::No, "{at}");
        }
        for bad in ["", "AAAA", &good[..20], &format!("{good}AAAA")] {
            assert_eq!(rules().judge(bad, NOW), Known::No, "{bad}");
        }
    }

    #[test]
    fn a_short_secret_makes_none_and_no_secret_is_shown() {
        assert_eq!(NonceRules::new(&SECRET[..31], Duration::from_secs(300)), None);
        assert!(!format!("{:?}", rules()).contains("48, 49"));
    }
}
