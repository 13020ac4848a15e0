//! Request ids: taken from the client or made.

use http::HeaderValue;

/// Whose request id is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestIdRule {
    /// Any client's.
    FromClient,
    /// Only that of a trusted proxy.
    FromTrustedProxy,
    /// Nobody's.
    New,
}

/// The longest id that is taken from outside; longer ones would bloat every log line.
const MAX_REQUEST_ID: usize = 128;

/// Keeps the id that came with the request if `rule` and its form allow, else makes one of the time and 10 random bytes: 26 characters of
/// Crockford base32 that sort by time (the layout of a ULID).
#[must_use]
pub fn keep_or_make(
    rule: RequestIdRule,
    trusted: bool,
    sent: Option<&HeaderValue>,
    unix_ms: u64,
    random: [u8; 10],
) -> HeaderValue {
    let believed = match rule {
        RequestIdRule::FromClient => true,
        RequestIdRule::FromTrustedProxy => trusted,
        RequestIdRule::New => false,
    };
    match sent {
        Some(sent) if believed && is_well_formed(sent) => sent.clone(),
        _ => make(unix_ms, random),
    }
}

/// Visible ASCII without quotes, commas or backslashes, so that an id can stand in a log, a list and a shell.
fn is_well_formed(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MAX_REQUEST_ID).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(byte))
}

fn make(unix_ms: u64, random: [u8; 10]) -> HeaderValue {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let tail = random.iter().fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    let number = (u128::from(unix_ms & 0xFFFF_FFFF_FFFF) << 80) | tail;
    let text: Vec<u8> = (0..26)
        .rev()
        .map(|place| ALPHABET.get(((number >> (place * 5)) & 31) as usize).copied().unwrap_or(b'0'))
        .collect();
    HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_sort_by_time_and_have_26_characters() {
        let early = make(1_700_000_000_000, [255; 10]);
        let late = make(1_700_000_000_001, [0; 10]);
        assert!(early.as_bytes() < late.as_bytes());
        assert_eq!(early.len(), 26);
        assert_eq!(make(0, [0; 10]), "00000000000000000000000000");
    }

    #[test]
    fn an_id_is_kept_only_when_it_is_believed_and_well_formed() {
        let sent = HeaderValue::from_static("abc-1");
        let keep = |rule, trusted, sent: &HeaderValue| keep_or_make(rule, trusted, Some(sent), 1, [1; 10]);
        assert_eq!(keep(RequestIdRule::FromClient, false, &sent), "abc-1");
        assert_eq!(keep(RequestIdRule::FromTrustedProxy, true, &sent), "abc-1");
        assert_ne!(keep(RequestIdRule::FromTrustedProxy, false, &sent), "abc-1");
        assert_ne!(keep(RequestIdRule::New, true, &sent), "abc-1");
        for bad in ["", "a b", "a\"b", "a,b", &"x".repeat(129)] {
            let bad = HeaderValue::from_str(bad).unwrap();
            assert_eq!(keep(RequestIdRule::FromClient, true, &bad).len(), 26, "{bad:?}");
        }
    }
}
