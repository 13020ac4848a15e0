//! How long a key set is fresh: what its server says (RFC 9111 section 4.2), within bounds.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};

/// The shortest time for which a key set is fresh. Issuers that forbid caching get it too: a fetch for every request would bring both sides down.
pub const SHORTEST: Duration = Duration::from_secs(60);

/// The longest time for which a key set is fresh: a key that its issuer has withdrawn is not believed for longer.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How long a key set is fresh whose server says nothing.
pub const DEFAULT: Duration = Duration::from_secs(3600);

/// How long an answer with these header fields is fresh from now on, `now_ms` being the time of day. `max-age` comes before `Expires`; the time that
/// the answer has spent in caches on its way counts; contradictions and what cannot be read count as little.
#[must_use]
pub fn lifetime(headers: &HeaderMap, now_ms: u64) -> Duration {
    let stated = stated(headers, now_ms);
    let spent = seconds(headers, &header::AGE).unwrap_or(0);
    stated.map_or(DEFAULT, |stated| Duration::from_secs(stated.saturating_sub(spent))).clamp(SHORTEST, LONGEST)
}

/// What the server says, in seconds.
fn stated(headers: &HeaderMap, now_ms: u64) -> Option<u64> {
    let mut max_age: Option<u64> = None;
    for directive in directives(headers) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => return Some(0),
            "max-age" => {
                let stated = number(value.trim().trim_matches('"')).unwrap_or(0);
                max_age = Some(max_age.map_or(stated, |known| known.min(stated)));
            }
            _ => {}
        }
    }
    max_age.or_else(|| expires(headers, now_ms))
}

fn directives(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::CACHE_CONTROL).iter();
    lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim)
}

/// By the server's own clock where it tells the time. A date that cannot be read is in the past (RFC 9111 section 5.3).
fn expires(headers: &HeaderMap, now_ms: u64) -> Option<u64> {
    let expires = headers.get(header::EXPIRES)?;
    let date = |text: &str| {
        let time = httpdate::parse_http_date(text).ok()?;
        time.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
    };
    let now = headers.get(header::DATE).and_then(|line| date(line.to_str().ok()?)).unwrap_or(now_ms / 1000);
    Some(expires.to_str().ok().and_then(date).map_or(0, |end| end.saturating_sub(now)))
}

fn seconds(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name).and_then(|line| line.to_str().ok()).and_then(|text| number(text.trim()))
}

/// `delta-seconds`: digits; more than fit are as many as fit (RFC 9111 section 1.2.2).
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2015-10-21T07:28:00Z.
    const NOW_MS: u64 = 1_445_412_480_000;

    fn seconds_of(lines: &[(&str, &str)]) -> u64 {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        lifetime(&headers, NOW_MS).as_secs()
    }

    #[test]
    fn what_the_server_says_holds_within_bounds() {
        for (value, expected) in [
            ("max-age=300", 300),
            ("public, MAX-AGE=\"300\" , must-revalidate", 300),
            ("max-age=300, max-age=200", 200),
            ("max-age=1", 60),
            ("max-age=0", 60),
            ("max-age=604800", 86_400),
            ("max-age=99999999999999999999999", 86_400),
            ("max-age=-1", 60),
            ("max-age", 60),
            ("no-cache", 60),
            ("max-age=300, no-store", 60),
            ("public", 3600),
            ("", 3600),
        ] {
            assert_eq!(seconds_of(&[("cache-control", value)]), expected, "{value}");
        }
    }

    #[test]
    fn time_in_caches_on_the_way_counts() {
        assert_eq!(seconds_of(&[("cache-control", "max-age=300"), ("age", "100")]), 200);
        assert_eq!(seconds_of(&[("cache-control", "max-age=300"), ("age", "1000")]), 60);
        assert_eq!(seconds_of(&[("cache-control", "max-age=300"), ("age", "soon")]), 300);
    }

    #[test]
    fn a_date_counts_where_there_is_no_maximum_age() {
        let end = ("expires", "Wed, 21 Oct 2015 07:38:00 GMT");
        assert_eq!(seconds_of(&[end]), 600);
        assert_eq!(seconds_of(&[end, ("cache-control", "max-age=120")]), 120);
        assert_eq!(seconds_of(&[end, ("date", "Wed, 21 Oct 2015 07:33:00 GMT")]), 300);
        assert_eq!(seconds_of(&[("expires", "0")]), 60);
        assert_eq!(seconds_of(&[("expires", "Wed, 21 Oct 2015 07:18:00 GMT")]), 60);
    }
}
