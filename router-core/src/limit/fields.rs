//! What clients learn: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), and the old triple.
//!
//! `q` is what can be had at once and `w` the time in which so much comes back; `r` is what is left, and `t` after how many seconds there is more: of what
//! was used up the first unit, else all of it. A client that waits for `t` after `r=0` is admitted.

use std::fmt::Write;

use http::{HeaderName, HeaderValue};

use super::limits::{Fields, Unit};
use super::rule::Rule;
use super::tally::{Item, Progress};
use super::verdict::{Standing, Verdict};
use crate::authenticate::jose::base64;
use crate::filter::Mode;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const LEGACY: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// By at most this part of a time clients are told a later one, so that those who were refused together do not come back together.
const JITTER: u64 = 10;

/// By at most so many milliseconds.
const MOST_JITTER_MS: u64 = 10_000;

/// A time with its jitter: never less. `draw` is random.
#[must_use]
pub fn jittered(time_ms: u64, draw: u16) -> u64 {
    let most = (time_ms / JITTER).min(MOST_JITTER_MS);
    time_ms.saturating_add(most.saturating_mul(u64::from(draw)) / u64::from(u16::MAX))
}

/// The fields of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Those that stand beside an upstream's own: lists, of which both have members.
    pub beside: Vec<(HeaderName, HeaderValue)>,
    /// Those that stand alone.
    pub alone: Vec<(HeaderName, HeaderValue)>,
}

/// The fields of an answer to a request with these limits. `draw` is random.
#[must_use]
pub fn fields(rules: &Fields, items: &[Item<'_>], draw: u16) -> Told {
    let (mut policies, mut limits) = (String::new(), String::new());
    let mut tightest: Option<(u64, Standing)> = None;
    for item in items.iter().filter(|item| item.limit().mode == Mode::Enforce) {
        // The binding of a platform tells neither.
        let Progress::Decided(verdict, standing) = item.state else { continue };
        let known = !matches!(item.limit().accuracy, super::limits::Accuracy::Binding(_));
        policy(&mut policies, rules, item);
        if known {
            limit(&mut limits, rules, item, verdict, standing, draw);
            let quota = item.wanted.quota.units;
            let times = |one: u64, other: u64| u128::from(one) * u128::from(other);
            let tighter =
                |(other, left): (u64, Standing)| times(standing.remaining, other) < times(left.remaining, quota);
            if tightest.is_none_or(tighter) {
                tightest = Some((quota, standing));
            }
        }
    }
    let mut beside = Vec::new();
    if !rules.hidden {
        for (name, text) in [(POLICY, policies), (LIMIT, limits)] {
            // The names of limits are tokens, and all else is numbers and base64.
            if let Some(value) = HeaderValue::from_str(&text).ok().filter(|value| !value.is_empty()) {
                beside.push((name, value));
            }
        }
    }
    let mut alone = Vec::new();
    if let Some((quota, standing)) = tightest.filter(|_| rules.legacy) {
        let numbers = [quota, standing.remaining, seconds(jittered(time_ms(standing), draw))];
        alone.extend(LEGACY.into_iter().zip(numbers.map(HeaderValue::from)));
    }
    Told { beside, alone }
}

fn policy(text: &mut String, rules: &Fields, item: &Item<'_>) {
    let quota = item.wanted.quota;
    separate(text);
    // Writing to a text cannot fail.
    let _ = write!(text, "\"{}\";q={}", item.limit().name, quota.units);
    if let Some(window_s) = quota.window_s {
        let _ = write!(text, ";w={window_s}");
    }
    match (&item.wanted.rule, item.limit().unit) {
        (Rule::Concurrency(_), _) => text.push_str(";qu=\"concurrent-requests\""),
        (_, Unit::Bytes) => text.push_str(";qu=\"content-bytes\""),
        (_, Unit::Requests) => {}
    }
    partition_key(text, rules, item);
}

fn limit(text: &mut String, rules: &Fields, item: &Item<'_>, verdict: Verdict, standing: Standing, draw: u16) {
    separate(text);
    let _ = write!(text, "\"{}\";r={}", item.limit().name, standing.remaining);
    let time_ms = match verdict {
        Verdict::Refused { retry_ms: Some(retry_ms) } => retry_ms,
        Verdict::Refused { retry_ms: None } | Verdict::Admitted { .. } | Verdict::Over { .. } => time_ms(standing),
    };
    // When somebody else ends cannot be told.
    if !matches!(item.wanted.rule, Rule::Concurrency(_)) {
        let _ = write!(text, ";t={}", seconds(jittered(time_ms, draw)));
    }
    partition_key(text, rules, item);
}

fn partition_key(text: &mut String, rules: &Fields, item: &Item<'_>) {
    if rules.partition_key {
        let _ = write!(text, ";pk=:{}:", base64::encode_standard(&item.wanted.partition.hash().short()));
    }
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push_str(", ");
    }
}

fn time_ms(standing: Standing) -> u64 {
    if standing.remaining == 0 { standing.next_ms } else { standing.full_ms }
}

/// Rounded up: whoever comes back at the named second must not be early.
fn seconds(ms: u64) -> u64 {
    ms.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_late_by_a_tenth_at_most_and_never_early() {
        assert_eq!((jittered(0, u16::MAX), jittered(5, u16::MAX)), (0, 5));
        assert_eq!((jittered(10_000, 0), jittered(10_000, u16::MAX)), (10_000, 11_000));
        assert_eq!(jittered(86_400_000, u16::MAX), 86_410_000);
        assert_eq!(jittered(u64::MAX, u16::MAX), u64::MAX);
        assert_eq!((seconds(0), seconds(1), seconds(1000), seconds(1001)), (0, 1, 1, 2));
    }
}
