//! Timestamps and durations, in milliseconds.

use crate::time::{self, LAST_MS, civil, day_number};

const DAY: i64 = 86_400_000;

/// A timestamp, if it is one of the years 1970 to 9999.
pub(super) fn timestamp(milliseconds: i64) -> Option<i64> {
    u64::try_from(milliseconds).is_ok_and(|milliseconds| milliseconds <= LAST_MS).then_some(milliseconds)
}

/// RFC 3339: `2026-11-23T10:00:00Z`, `2026-11-23T10:00:00.250+01:00`. What is finer than a millisecond is cut off.
pub(super) fn parse_timestamp(text: &str) -> Option<i64> {
    time::parse(text).ok().and_then(|milliseconds| i64::try_from(milliseconds).ok())
}

/// The digits behind a dot as thousandths; zeros may follow.
fn milliseconds(fraction: &str) -> Option<i64> {
    let trimmed = fraction.trim_end_matches('0');
    if fraction.is_empty() || trimmed.len() > 3 || !trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{trimmed:0<3}").parse().ok()
}

/// `1h30m`, `-1.5s`, `250ms`: a sign, then numbers with `h`, `m`, `s` or `ms`.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    while total == 0 || !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, behind) = rest.split_at_checked(end)?;
        let length = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at_checked(length)?;
        let factor = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1000,
            "ms" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole = whole.parse::<i64>().ok()?.checked_mul(factor)?;
        let part = if fraction.is_empty() { 0 } else { milliseconds(fraction)?.checked_mul(factor)? };
        if part % 1000 != 0 {
            return None;
        }
        total = total.checked_add(whole)?.checked_add(part / 1000)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    Some(if negative { -total } else { total })
}

/// A part of a timestamp (in UTC) or of a duration (as a whole).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// A part of a timestamp, counted as CEL does: months and days of the month (`getDayOfMonth`), week (from Sunday) and year from 0.
pub(super) fn of_timestamp(part: Part, timestamp: i64) -> i64 {
    let (days, clock) = (timestamp.div_euclid(DAY), timestamp.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    match part {
        Part::FullYear => year,
        Part::Month => month - 1,
        Part::Date => day,
        Part::DayOfMonth => day - 1,
        // 1970 began on a Thursday.
        Part::DayOfWeek => (days + 4).rem_euclid(7),
        Part::DayOfYear => days - day_number(year, 1, 1),
        Part::Hours => clock / 3_600_000,
        Part::Minutes => clock / 60_000 % 60,
        Part::Seconds => clock / 1000 % 60,
        Part::Milliseconds => clock % 1000,
    }
}

/// A part of a duration: the whole of it in hours, minutes or seconds; the milliseconds beside whole seconds.
pub(super) fn of_duration(part: Part, duration: i64) -> Option<i64> {
    match part {
        Part::Hours => Some(duration / 3_600_000),
        Part::Minutes => Some(duration / 60_000),
        Part::Seconds => Some(duration / 1000),
        Part::Milliseconds => Some(duration % 1000),
        _ => None,
    }
}

/// `2026-11-23T10:00:00Z`, with thousandths of a second where there are some.
pub(super) fn write_timestamp(timestamp: i64) -> String {
    let mut text = time::format(u64::try_from(timestamp).unwrap_or(0));
    let milliseconds = of_timestamp(Part::Milliseconds, timestamp);
    if milliseconds != 0 {
        text.truncate(text.len().saturating_sub(1));
        text.push_str(&format!(".{milliseconds:03}Z"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_read_as_they_are_written() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:34:56Z", 951_827_696_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2026-11-23T10:00:00.250Z", 1_795_428_000_250),
        ] {
            assert_eq!(parse_timestamp(text), Some(milliseconds), "{text}");
            assert_eq!(write_timestamp(milliseconds), text);
        }
        assert_eq!(parse_timestamp("1970-01-01T01:00:00+01:00"), Some(0));
        for bad in ["", "2026-02-29T00:00:00Z", "2026-01-01T00:00:00", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z"]
        {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_add_their_parts() {
        for (text, milliseconds) in [
            ("1h30m", 5_400_000),
            ("-1.5s", -1500),
            ("250ms", 250),
            ("0", 0),
            ("0s", 0),
            ("0s1s", 1000),
            ("1.25m", 75_000),
        ] {
            assert_eq!(parse_duration(text), Some(milliseconds), "{text}");
        }
        for bad in ["", "-", "1", "1d", "1.0005s", "s", "1s2", "99999999999999999h", "1..5s", "é"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_parts_of_a_day_count_as_cel_says() {
        // 2026-11-23 is a Monday.
        let day = parse_timestamp("2026-11-23T10:20:30.040Z").unwrap();
        let parts = [Part::FullYear, Part::Month, Part::Date, Part::DayOfMonth, Part::DayOfWeek, Part::DayOfYear];
        assert_eq!(parts.map(|part| of_timestamp(part, day)), [2026, 10, 23, 22, 1, 326]);
        let parts = [Part::Hours, Part::Minutes, Part::Seconds, Part::Milliseconds];
        assert_eq!(parts.map(|part| of_timestamp(part, day)), [10, 20, 30, 40]);
    }
}
