//! For how long an answer is fresh, and how old it is (RFC 9111 sections 4.2.1 to 4.2.3).

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, StatusCode, header};

use super::directives::{Directives, seconds};
use super::rule::{Freshness, Rule};

/// The longest that anything is fresh, in milliseconds: a year, as HTTP/1.1 once asked of servers. What is fresh for longer hardly differs.
const LONGEST_MS: u64 = 366 * 86_400_000;

/// When an answer was asked for and came, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was asked for.
    pub asked_ms: u64,
    /// When its head was there.
    pub came_ms: u64,
}

/// How long an answer is fresh, in milliseconds from its making; `None` where nothing says so.
#[must_use]
pub fn lifetime_ms(
    rule: &Rule,
    status: StatusCode,
    headers: &HeaderMap,
    says: &Directives,
    times: Times,
) -> Option<u64> {
    let own = || {
        let by_status = rule.ttl_by_status.iter().find(|(range, _)| range.holds(status)).map(|(_, ttl)| *ttl);
        by_status.or(rule.ttl.filter(|_| is_heuristic(status))).map(millis)
    };
    let told = || explicit_ms(headers, says, times);
    let found = match rule.freshness {
        Freshness::Override => own().or_else(told),
        Freshness::Respect => told().or_else(own),
    };
    let found = found.or_else(|| heuristic_ms(rule, status, headers, says, times))?;
    Some(found.min(rule.max_ttl.map_or(LONGEST_MS, millis)).min(LONGEST_MS))
}

/// What the upstream says itself.
fn explicit_ms(headers: &HeaderMap, says: &Directives, times: Times) -> Option<u64> {
    if let Some(age) = says.s_maxage.or(says.max_age) {
        return Some(age.saturating_mul(1000));
    }
    if says.targeted || !headers.contains_key(header::EXPIRES) {
        return None;
    }
    // One that cannot be read is in the past (RFC 9111 section 5.3).
    let expires_ms = date_ms(headers, &header::EXPIRES).unwrap_or(0);
    let date_ms = date_ms(headers, &header::DATE).unwrap_or(times.came_ms);
    Some(expires_ms.saturating_sub(date_ms))
}

/// A guess (RFC 9111 section 4.2.2), where the rule wants one.
fn heuristic_ms(rule: &Rule, status: StatusCode, headers: &HeaderMap, says: &Directives, times: Times) -> Option<u64> {
    let heuristic = rule.heuristic?;
    let may = is_heuristic(status) || says.public;
    let changed_ms = date_ms(headers, &header::LAST_MODIFIED).filter(|_| may)?;
    let date_ms = date_ms(headers, &header::DATE).unwrap_or(times.came_ms);
    let since_ms = date_ms.checked_sub(changed_ms)?;
    Some((since_ms / 100).saturating_mul(heuristic.percent.into()).min(millis(heuristic.most)))
}

/// Statuses whose freshness may be guessed (RFC 9110 section 15.1).
#[must_use]
pub fn is_heuristic(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

/// How old an answer was when it came, in milliseconds (RFC 9111 section 4.2.3). Of several ages the first counts, and one that cannot be read counts for
/// nothing (section 5.1).
#[must_use]
pub fn initial_age_ms(headers: &HeaderMap, times: Times) -> u64 {
    let apparent_ms = date_ms(headers, &header::DATE).map_or(0, |date_ms| times.came_ms.saturating_sub(date_ms));
    let until = |text: &[u8], end: u8| text.split(|byte| *byte == end).next().unwrap_or_default().trim_ascii().to_vec();
    let first = headers.get(header::AGE).map(|line| until(&until(line.as_bytes(), b','), b';'));
    let told_ms = first.and_then(|first| seconds(&first)).map_or(0, |age| age.saturating_mul(1000));
    let delay_ms = times.came_ms.saturating_sub(times.asked_ms);
    apparent_ms.max(told_ms.saturating_add(delay_ms))
}

/// The date in a field of one line, in milliseconds since 1970.
#[must_use]
pub fn date_ms(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    if lines.next().is_some() {
        return None;
    }
    parse_date_ms(line.to_str().ok()?)
}

/// A date in one of the three forms of RFC 9110 section 5.6.7, in milliseconds since 1970; before that, 1970.
#[must_use]
pub fn parse_date_ms(text: &str) -> Option<u64> {
    let moment = httpdate::parse_http_date(text.trim()).ok()?;
    Some(moment.duration_since(UNIX_EPOCH).map_or(0, millis))
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
